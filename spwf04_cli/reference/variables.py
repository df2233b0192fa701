"""Configuration and status variables, and what their values mean. [f]"""

from spwf04.at.secret import secret_variable
from spwf04_sim.parts.variables import DEFAULTS, READ_ONLY

_OFF_ON = {"0": "off", "1": "on"}
_MASK = "indications that are switched off, a bit each: "

# name -> (what it is, {value: what the value means})
_MEANING = {
    "nv_manuf": ("manufacturer", {}),
    "nv_model": ("model", {}),
    "nv_serial": ("serial number", {}),
    "nv_wifi_macaddr": ("MAC address", {}),
    "standby_time": ("seconds in standby", {}),
    "standby_enabled": ("standby", _OFF_ON),
    "sleep_enabled": ("sleep", _OFF_ON),
    "etf_mode": ("engineering test mode", _OFF_ON),
    "blink_led": ("blinking of the LED, on GPIO10", _OFF_ON),
    "ext_volume": ("volume of files whose name has none", {}),
    "ramdisk_memsize": ("size of the RAM disk in KB", {}),
    "aes128_key": ("key of firmware updates", {}),
    "user_desc": ("a text of the user; it is the password of its web pages", {}),
    "python_script": ("MicroPython script that is run", {}),
    "python_memsize": ("memory of MicroPython in KB", {}),
    "console_enabled": (
        "kind of console",
        {"0": "SPI", "1": "UART", "2": "MicroPython and AT on the UART", "3": "MicroPython"},
    ),
    "console_speed": ("rate of the UART in bit/s", {}),
    "console_hwfc": ("flow control by RTS and CTS", _OFF_ON),
    "console_echo": ("echo of commands", _OFF_ON),
    "console_errs": (
        "detail of AT-S.ERROR",
        {"0": "nothing", "1": "a part", "2": "number and text"},
    ),
    "console_winds": ("detail of +WIND", {"0": "least", "1": "a part", "2": "all"}),
    "console_verbose": (
        "detail of replies",
        {"0": "without keywords", "1": "with keywords", "2": "free memory and state behind OK"},
    ),
    "console_repeater": ("character that repeats the last command", {}),
    "console_delimiter": ("separator of arguments", {}),
    "console_wind_off_low": (_MASK + "0 to 31", {}),
    "console_wind_off_medium": (_MASK + "32 to 63", {}),
    "console_wind_off_high": (_MASK + "64 to 95", {}),
    "wifi_tx_msdu_lifetime": ("lifetime of outgoing frames", {}),
    "wifi_rx_msdu_lifetime": ("lifetime of incoming frames", {}),
    "wifi_operational_mode": (
        "power saving of the radio",
        {"0x00000011": "doze", "0x00000012": "quiescent", "11": "doze", "12": "quiescent"},
    ),
    "wifi_beacon_wakeup": ("beacons between wake-ups", {}),
    "wifi_beacon_interval": ("beacon interval of its own access point", {}),
    "wifi_listen_interval": ("listening interval of power saving", {}),
    "wifi_powersave": ("power saving", {"0": "off"}),
    "wifi_ssid": ("name of the network", {}),
    "wifi_ssid_len": ("length of that name", {}),
    "wifi_mode": (
        "role of the radio",
        {"0": "idle", "1": "a station", "2": "ad hoc", "3": "an access point (MiniAP)"},
    ),
    "wifi_auth_type": ("authentication", {"0": "open", "1": "shared key"}),
    "wifi_priv_mode": (
        "encryption",
        {"0": "none", "1": "WEP", "2": "WPA and WPA2", "3": "WPA-Enterprise"},
    ),
    "wifi_wpa_psk_text": ("password of the network", {}),
    "wifi_wep_keys[0]": ("WEP key 0", {}),
    "wifi_wep_keys[1]": ("WEP key 1", {}),
    "wifi_wep_keys[2]": ("WEP key 2", {}),
    "wifi_wep_keys[3]": ("WEP key 3", {}),
    "wifi_wep_key_lens": ("lengths of the WEP keys", {}),
    "wifi_channelnum": ("channel of its own access point", {}),
    "wifi_opr_rate_mask": (
        "rates of the radio",
        {"0x00003FCF": "802.11b/g", "0x003FFFCF": "802.11b/g/n"},
    ),
    "wifi_ht_mode": ("802.11n", _OFF_ON),
    "wifi_tx_power": ("transmit power in dBm, 0 to 18", {}),
    "ip_use_dhcpc": (
        "source of its address",
        {"0": "fixed", "1": "DHCP", "2": "Auto IP; its own, as an access point"},
    ),
    "ip_ipaddr": ("its address, if it is fixed or an access point", {}),
    "ip_netmask": ("netmask", {}),
    "ip_gw": ("gateway", {}),
    "ip_dns1": ("first name server", {}),
    "ip_dns2": ("second name server", {}),
    "ip_hostname": ("its name in the network", {}),
    "ip_apdomainname": ("name of its web server as an access point", {}),
    "ip_apredirect": ("page to which stations are redirected", {}),
    "ip_use_v6": ("IPv6", _OFF_ON),
    "ip_use_httpd": ("its web server", _OFF_ON),
    "ip_use_tftpd": ("its TFTP server", _OFF_ON),
    "ip_dhcp_timeout": ("time-out of DHCP in seconds", {}),
    "ip_ntp_startup": ("NTP after joining", _OFF_ON),
    "ip_ntp_refresh": ("period of NTP in seconds", {}),
    "wifi_rts_threshold": ("size from which frames are announced by RTS", {}),
    "wifi_txfail_thresh": ("failed frames until a network counts as lost", {}),
    "wifi_region": ("regulatory domain", {}),
    "wifi_bas_rate_mask": ("rates that every station must have", {}),
    "wifi_atim_window": ("window of power saving in ad hoc networks", {}),
    "wifi_rssi_thresh": ("signal below which it looks for another access point, dBm", {}),
    "wifi_rssi_hyst": ("how much stronger that one must be, dB", {}),
    "wifi_ap_idle_timeout": ("seconds until a silent station is dropped", {}),
    "wifi_beacon_loss_thresh": ("lost beacons until a network counts as lost", {}),
    "wifi_wep_default_key": ("which WEP key it sends with", {}),
    "wifi_wpa_psk_raw": ("key of the network, in hexadecimal digits", {}),
    "wifi_eap_identity": ("user name of WPA-Enterprise", {}),
    "wifi_eap_anon_identity": ("user name that WPA-Enterprise shows outside", {}),
    "wifi_eap_passwd": ("password of WPA-Enterprise", {}),
    "wifi_eap_peap_options": ("options of PEAP", {}),
    "wifi_wps_walk_time": ("seconds in which WPS must come about", {}),
    "wifi_wps_pin": ("PIN of WPS", {}),
    "ip_sock_memsize": ("memory of a socket", {}),
    "ip_dhcp_lease_time": ("seconds for which its DHCP server lends addresses", {}),
    "ip_macfilter": ("filter on MAC addresses", {}),
    "ip_num_clients": ("stations that its access point takes", {}),
    "ip_local": ("IPv6 address", {}),
    "ip_dns1v6": ("first name server, IPv6", {}),
    "ip_dns2v6": ("second name server, IPv6", {}),
    "ip_ntp_server1": ("first NTP server", {}),
    "ip_ntp_server2": ("second NTP server", {}),
    "ip_mdns_domain_name": ("its name in mDNS", {}),
    "ip_mdns_device_name_ttl": ("seconds for which that name holds", {}),
    "ip_mdns_services_name": ("name of the service that mDNS tells", {}),
    "ip_mdns_services_prot": ("protocol of that service", {}),
    "ip_mdns_services_keys": ("keys that it tells of that service", {}),
    "ip_mdns_services_vals": ("values of these keys", {}),
    "ip_mdns_services_port": ("port of that service", {}),
    "ip_mdns_services_ttl": ("seconds for which that service holds", {}),
    "ip_allow_port_scans": ("answers to port scans", _OFF_ON),
    "ip_use_dhcpd": ("its DHCP server, as an access point", _OFF_ON),
    "ip_mdns_startup": ("mDNS after joining", _OFF_ON),
    "wifi_eap_type": (
        "method of WPA-Enterprise",
        {"0": "TLS", "1": "TTLS-MD5", "2": "TTLS-MSCHAP", "3": "PEAP-MD5", "4": "PEAP-MSCHAP"},
    ),
}

# Every variable that the simulated module knows, in its order: name -> (meaning, values)
VARIABLES = {name: _MEANING[name] for name in DEFAULTS}

# What STS tells: name -> meaning
STATUS = {
    "build": "build of the firmware",
    "fw_version": "version of the firmware",
    "boot_version": "version of the boot loader",
    "var_version": "version of the table of variables",
    "free_heap": "free memory in bytes",
    "min_heap": "free memory in bytes when it was least",
    "system_time": "its clock",
    "system_uptime": "time since its last start",
    "system_sleeptime": "time that it has slept",
    "reset_reason": "why it started last",
    "startup": "how it started last",
    "random_number": "a random number",
    "gpio_enable": "pins that are in use, a bit each",
    "user_fs": "whether the user's volume is mounted",
    "extvol_fs": "whether an SD card is mounted",
    "ram_fs": "whether the RAM disk is mounted",
    "nv_power_cycles": "how often it was switched on",
    "nv_wdog_resets": "how often its watchdog has reset it",
    "nv_reset_cycles": "how often it was reset",
    "wifi_state": "state of the radio",
    "wifi_own_macaddr": "its MAC address",
    "wifi_bssid": "MAC address of the access point",
    "wifi_aid": "its number at the access point",
    "wifi_channelnum": "channel of the network",
    "wifi_sup_rate_mask": "rates that the access point has",
    "wifi_bas_rate_mask": "rates that every station must have",
    "wifi_chan_activity": "channels on which it may be active, a bit each",
    "wifi_max_tx_power": "highest transmit power in dBm",
    "wifi_gf_mode": "802.11n without regard to older stations",
    "wifi_reg_country": "country whose rules hold",
    "wifi_dtim_period": "beacons from one DTIM to the next",
    "wifi_num_assoc": "how many are associated",
    "ip_from_AutoIP": "whether its address is one of Auto IP",
    "ip_ipaddr": "its address",
    "ip_netmask": "netmask",
    "ip_gw": "gateway",
    "ip_dns1": "first name server",
    "ip_dns2": "second name server",
    "ip_linklocal": "its IPv6 address in the local network",
    "ip_local": "its IPv6 address",
    "ip_dns1v6": "first name server, IPv6",
    "ip_dns2v6": "second name server, IPv6",
}


def variable(name, value=None):
    """What a variable is, and what its value means: a short text, "" if it is not known."""
    if name not in VARIABLES:
        return STATUS.get(name, "")
    meaning, values = VARIABLES[name]
    if value is None or secret_variable(name.encode()):
        return meaning
    return f"{meaning}: {values[value]}" if value in values else meaning


def described(name):
    """All that is known of a variable: [(what, text)]."""
    meaning, values = VARIABLES[name]
    found = [("is", meaning)]
    if values:
        found.append(("values", ", ".join(f"{v} {text}" for v, text in values.items())))
    if secret_variable(name.encode()):
        found.append(("", "secret, shown as asterisks"))
    else:
        found.append(("factory", DEFAULTS[name] or "(empty)"))
    if name in READ_ONLY:
        found.append(("", "cannot be changed"))
    return found
