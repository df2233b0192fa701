"""The table of peers: the access point, or the stations of a MiniAP. [c.3, f.5]"""

from .scanning import capabilities

# In the order of ST's web page [f.5]. But for addr and rx_rssi, what they show is a GUESS
_FILLERS = {
    "link_id": "0",
    "state": "3",
    "addr": "",
    "last_rx": "0",
    "last_tx": "0",
    "rx_drops": "0",
    "tx_drops": "0",
    "rx_pkts": "0",
    "tx_pkts": "0",
    "tx_errs": "0",
    "rate_mask": "0x00003FCF",
    "cur_rate_idx": "11",
    "cur_rate_ok": "0",
    "cur_rate_fail": "0",
    "tx_consec_fail": "0",
    "rx_seqnum": "0",
    "rx_seqnum_mc": "0",
    "rx_rssi": "0",
    "rx_rateidx": "11",
    "setprot": "0",
    "listen_interval": "0",
    "capinfo": "0x0401",
}
VARIABLES = tuple(_FILLERS)


def table(module):
    """Return a dict of the 22 variables for each peer, in a list."""
    wifi, variables = module.wifi, module.variables
    found = []
    if wifi.point is not None:
        found.append((wifi.point.bssid, wifi.point.rssi, "0x" + capabilities(wifi.point)))
    found += [(station.mac, station.rssi, "0x0401") for station in wifi.stations]
    own = {
        "rate_mask": variables["wifi_opr_rate_mask"],
        "listen_interval": variables["wifi_listen_interval"],
    }
    return [
        {**_FILLERS, **own, "link_id": str(n), "addr": mac, "rx_rssi": str(rssi), "capinfo": caps}
        for n, (mac, rssi, caps) in enumerate(found)
    ]
