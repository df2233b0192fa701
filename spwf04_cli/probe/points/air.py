"""The air: the open points, their readings, and what a person types to find out."""

from . import Point

TITLE = "The air"

POINTS = [
    Point(
        "wrong_key",
        {
            "41": "WIND 41 for a wrong key",
            "40": "WIND 40",
            "both": "both",
        },
        "join a WPA2 network with a wrong password, look at what follows WIND 25",
    ),
    Point(
        "mismatch",
        {
            "rejected": (
                "a network of the name with another kind of security: WIND 74, and it looks again"
            ),
            "refused": "it is tried, and refused as with a wrong key",
            "unseen": "as if there were none",
        },
        "`wifi_priv_mode` 2 and a key for an open network; 0 for a closed one. **The "
        "driver scans after a join that failed, and tells what kind of network is "
        "there**",
    ),
    Point(
        "scan_hidden",
        {
            "absent": "SCAN does not list networks that hide their name",
            "empty": "with an empty name",
            "zeros": "with a name of NULs",
        },
        "`AT+S.SCAN=d,` near one",
    ),
    Point(
        "scan_busy",
        {
            "error": "SCAN while the module looks for its own network: error 40",
            "waits": "it waits",
        },
        "`wifi_mode` 1 and a name that nobody has, `AT+S.SCAN=s,` between WIND 21 and 35",
    ),
    Point(
        "scan_starting",
        {
            43: "SCAN before WIND 32: error 43",
            18: "18",
        },
        "`AT+S.SCAN=s,` right after WIND 0",
    ),
    Point(
        "wifi0_starting",
        {
            "error": "WIFI=0 before WIND 32: error 18",
            "stalls": "it hangs until a reset",
        },
        "`AT+S.WIFI=0` right after WIND 0. ST warns of it. **The driver waits for "
        "WIND 32 if it saw the boot**",
    ),
    Point(
        "no_lease",
        {
            "stays": "after WIND 85: nothing",
            "asks again": "it asks again",
            "auto ip": "it takes an address of its own (Auto IP)",
            "auto ip, no WIND 85": "that, without WIND 85",
        },
        "a network without DHCP, wait for two minutes. **Without WIND 85 the driver "
        "takes an address of Auto IP for a failure, unless `ip_use_dhcpc` is 2**",
    ),
    Point(
        "renew_wind24",
        {
            False: "no WIND 24 when RENEW gets the same address",
            True: "WIND 24",
        },
        "join, `AT+S.RENEW`: is there a WIND 24 within 10 s?",
    ),
    Point(
        "beacon_loss",
        {
            "33": "WIND 33 when the access point vanishes",
            "30,33": "WIND 30, then 33",
        },
        "join, switch the access point off: which WIND comes first?",
    ),
    Point(
        "roaming",
        {
            "lost": "it takes another access point of the name when its own has gone",
            "weak": (
                "when that is weaker than `wifi_rssi_thresh` and another is stronger "
                "by `wifi_rssi_hyst`"
            ),
        },
        "two access points of one name and password, `AT+S.STS=wifi_bssid` again and "
        "again on the way from one to the other. Then switch the nearer one off",
    ),
    Point(
        "peers_beyond",
        {
            7: "PEERS for a number that no peer has: error 7",
            4: "4",
            0: "nothing, and OK",
        },
        "`AT+S.PEERS=3` with one peer",
    ),
    Point(
        "miniap_cold",
        {
            "open": (
                "a MiniAP with WPA, started before there was a WIND 32 in that boot, "
                "is open, with 6 bytes of its name"
            ),
            "closed": "is closed",
        },
        "save `WIFI=0`, reset, the sequence of [a thread about the "
        "MiniAP](protocol.md#t8), look for WIND 46 and at the network with a phone",
    ),
    Point(
        "miniap_wrong_key",
        {
            "nothing": "a station with a wrong key shows in no indication",
            "28,72": "in WIND 28, then 72",
        },
        "start a MiniAP, join it by a phone with a wrong password, and with the right one",
    ),
    Point(
        "macfilter",
        {
            "admits": ("the station whose address is in `ip_macfilter` is the only one admitted"),
            "refuses": "the only one refused",
        },
        "`AT+S.SCFG=ip_macfilter,<MAC address of a phone>`, start a MiniAP, join it "
        "by this phone, then by another",
    ),
    Point(
        "eap_without_ca",
        {
            "refused": "WPA-Enterprise (PEAP) without a CA: refused",
            "taken": "joined",
        },
        "`AT+S.WPAECERT=content,2`, join with WPA-Enterprise: WIND 24?",
    ),
    Point(
        "eap_dates",
        {
            True: "WPA-Enterprise looks at the dates of certificates",
            False: "does not",
        },
        "the same with the CA and an unset clock: without a network there is no NTP",
    ),
]
