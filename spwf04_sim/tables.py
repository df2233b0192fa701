"""Texts and defaults. Tables are data; behaviour is code elsewhere."""

# AT-S.ERROR numbers and texts [e]
ERRORS = {
    1: "Command not found",
    2: "Missing argument(s)",
    4: "Variable not found",
    6: "Too many argument(s)",
    7: "Invalid argument(s)",
    17: "Radio already running",
    18: "Radio not running",
    29: "Volume not mounted",
    32: "Argument exceeds allowed size",
    33: "Argument evaluated to zero",
    40: "Scan in Progress",
    44: "Wait for Connection Up",
    50: "Unable to access RAM filesystem",
    51: "Unable to open file",
    52: "Unable to seek file",
    53: "Unable to read file",
    54: "Unable to close file",
    55: "Unable to rename file",
    56: "Unable to delete file",
    60: "IP not ready to send",
    61: "Cannot renew IP address",
    65: "DNS address failure",
    66: "Cannot update DateTime",
    72: "Closed socket",
    74: "Failed to open socket",
    75: "Too many sockets",
    76: "Illegal Socket ID",
    77: "Pending data",
    78: "Socket not connected",
    79: "Write failed",
    101: "Failed to write flash",
    111: "Request failed",
}

COPYRIGHT = "Copyright (c) 2012-2017 STMicroelectronics, Inc. All rights Reserved"

# Firmware builds and the version STS=fw_version reports [0, f.2]
FIRMWARE = {
    "170216-fd39c59": "1.0.0",
    "170726-b7ac1ba": "1.1.0",
    "171117-0328fe3": "1.1.0",
}

# Variables that SCFG cannot change
READ_ONLY = ("nv_manuf", "nv_model", "nv_serial", "nv_wifi_macaddr")
SECRET = (
    "wifi_wpa_psk_text",
    "wifi_wep_keys[0]",
    "wifi_wep_keys[1]",
    "wifi_wep_keys[2]",
    "wifi_wep_keys[3]",
    "aes128_key",
)

# Factory defaults, in the order of a GCFG dump [f.1, field reports 3.3]; from wifi_ssid on the
# order is not known, and values of variables marked inferred in f.1 are GUESS.
DEFAULTS = {
    "nv_manuf": "STMicroelectronics Inc.",
    "nv_model": "SPWF04SA",
    "nv_serial": "17111984",
    "nv_wifi_macaddr": "00:80:E1:BD:00:39",
    "standby_time": "10",
    "standby_enabled": "0",
    "sleep_enabled": "0",
    "etf_mode": "0",
    "blink_led": "1",
    "ext_volume": "3",
    "ramdisk_memsize": "16",
    "aes128_key": "00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00",
    "user_desc": "anonymous",
    "python_script": "3:/uPython_test.py",
    "python_memsize": "32",
    "console_enabled": "1",
    "console_speed": "115200",
    "console_hwfc": "0",
    "console_echo": "1",
    "console_errs": "2",
    "console_winds": "2",
    "console_verbose": "1",
    "console_repeater": "0x21",
    "console_delimiter": "0x2C",
    "console_wind_off_low": "0x00000000",
    "console_wind_off_medium": "0x00000000",
    "console_wind_off_high": "0x00000000",
    "wifi_tx_msdu_lifetime": "0",
    "wifi_rx_msdu_lifetime": "0",
    "wifi_operational_mode": "0x00000011",
    "wifi_beacon_wakeup": "1",
    "wifi_beacon_interval": "100",
    "wifi_listen_interval": "0",
    "wifi_powersave": "0",
    "wifi_ssid": "",
    "wifi_ssid_len": "0",
    "wifi_mode": "1",
    "wifi_auth_type": "0",
    "wifi_priv_mode": "2",
    "wifi_wpa_psk_text": "",
    "wifi_wep_keys[0]": "",
    "wifi_wep_keys[1]": "",
    "wifi_wep_keys[2]": "",
    "wifi_wep_keys[3]": "",
    "wifi_wep_key_lens": "",
    "wifi_channelnum": "6",
    "wifi_opr_rate_mask": "0x00003FCF",
    "wifi_ht_mode": "0",
    "wifi_tx_power": "18",
    "wifi_reg_country": "0",
    "wifi_eap_skip_datechecks": "0",
    "ip_use_dhcpc": "1",
    "ip_ipaddr": "192.168.0.50",
    "ip_netmask": "255.255.255.0",
    "ip_gw": "192.168.0.1",
    "ip_dns1": "192.168.0.1",
    "ip_dns2": "0.0.0.0",
    "ip_hostname": "iwm-BD-00-39",
    "ip_apdomainname": "captiveportal.net",
    "ip_apredirect": "firstset.html",
    "ip_use_v6": "1",
    "ip_use_httpd": "1",
    "ip_use_tftpd": "1",
    "ip_dhcp_timeout": "20",
    "ip_ntp_startup": "1",
    "ip_ntp_refresh": "3600",
    "ip_http_get_recv_timeout": "3000",
}

# Commands with a user's name and password among their arguments
_LOGIN = ("HTTP", "MQTTCONN", "WSOCKON", "SMTP", "FWUPDATE", "FSUPDATE")
# What the names of secret variables have in common, though a letter of them be lost
_SECRET_WORDS = ("psk", "wep_key", "aes128", "passw", "_pwd")


def masked(line):
    """A command line (str) without its secrets: the value of a variable that may be one, and
    all that follows the host of a command that may log in."""
    name, has, rest = line.partition("=")
    low = line.lower()
    if any(name[5:].upper().startswith(word) for word in _LOGIN):
        host, comma, _ = rest.partition(",")
        return name + has + host + (comma and comma + "********")
    at = max(low.find(word) for word in (*SECRET, *_SECRET_WORDS))
    if at < 0 or name[5:].upper() == "GCFG":
        return line
    while at < len(line) and (line[at].isalnum() or line[at] in "_[]"):
        at += 1
    return line[: at + 1] + "********" if at < len(line) else line
