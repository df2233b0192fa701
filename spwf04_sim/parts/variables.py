"""The variables of the configuration: factory defaults, and which values each takes. [f]"""

from ..texts import is_ipv4, is_number

# Variables that SCFG does not change
READ_ONLY = ("nv_manuf", "nv_model", "nv_serial", "nv_wifi_macaddr")
SECRET = (
    "wifi_wpa_psk_text",
    "wifi_wep_keys[0]",
    "wifi_wep_keys[1]",
    "wifi_wep_keys[2]",
    "wifi_wep_keys[3]",
    "wifi_wpa_psk_raw",
    "wifi_eap_passwd",
    "wifi_wps_pin",
    "aes128_key",
)

# In the order in which GCFG shows them
DEFAULTS = {
    # From the dump of a module, order and values [f.1, T11]
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
    # The order is that of ST's web page [f.3]. Values are a GUESS, unless they say [f.1]. Those
    # marked (01) are the ones of the older family, and of a clone of it
    "wifi_listen_interval": "0",  # (01)
    "wifi_rts_threshold": "3000",  # (01)
    "wifi_ssid": "",  # [f.1]
    "wifi_ssid_len": "0",  # [f.1]
    "wifi_txfail_thresh": "5",
    "wifi_region": "1",
    "wifi_ht_mode": "0",
    "wifi_channelnum": "6",  # (01)
    "wifi_opr_rate_mask": "0x00003FCF",
    "wifi_bas_rate_mask": "0x0000000F",  # (01)
    "wifi_mode": "1",  # [f.1]
    "wifi_auth_type": "0",  # [f.1]
    "wifi_atim_window": "0",
    "wifi_powersave": "0",  # (01)
    "wifi_tx_power": "18",  # (01)
    "wifi_rssi_thresh": "-50",  # (01)
    "wifi_rssi_hyst": "10",  # (01)
    "wifi_ap_idle_timeout": "120",  # (01)
    "wifi_beacon_loss_thresh": "10",  # (01)
    "wifi_priv_mode": "2",  # [f.1]
    "wifi_wep_keys[0]": "",
    "wifi_wep_keys[1]": "",
    "wifi_wep_keys[2]": "",
    "wifi_wep_keys[3]": "",
    "wifi_wep_key_lens": "",
    "wifi_wep_default_key": "0",  # (01)
    "wifi_wpa_psk_raw": "0000000000000000000000000000000000000000000000000000000000000000",
    "wifi_wpa_psk_text": "",  # [f.1]
    "wifi_eap_identity": "identity",
    "wifi_eap_anon_identity": "anonymous",
    "wifi_eap_passwd": "",
    "wifi_eap_peap_options": "0",
    "wifi_eap_type": "0",
    "wifi_wps_walk_time": "120",
    "wifi_wps_pin": "12345670",
    "ip_sock_memsize": "8",
    "ip_dhcp_lease_time": "86400",
    "ip_macfilter": "00:00:00:00:00:00",
    "ip_num_clients": "5",
    "ip_allow_port_scans": "0",
    "ip_use_dhcpd": "1",
    "ip_use_httpd": "1",  # [f.1]
    "ip_use_tftpd": "1",  # [f.1]
    "ip_use_dhcpc": "1",  # [f.1]
    "ip_hostname": "iwm-BD-00-39",
    "ip_apdomainname": "captiveportal.net",
    "ip_apredirect": "firstset.html",
    "ip_ipaddr": "192.168.0.50",  # [f.1]
    "ip_netmask": "255.255.255.0",  # [f.1]
    "ip_gw": "192.168.0.1",
    "ip_dns1": "192.168.0.1",
    "ip_dns2": "0.0.0.0",
    "ip_local": "::",
    "ip_dns1v6": "::",
    "ip_dns2v6": "::",
    "ip_dhcp_timeout": "20",  # (01)
    "ip_ntp_server1": "pool.ntp.org",
    "ip_ntp_server2": "",
    "ip_ntp_refresh": "3600",
    "ip_ntp_startup": "1",  # [f.1]
    "ip_mdns_domain_name": "SPWF04S",
    "ip_mdns_device_name_ttl": "120",
    "ip_mdns_services_name": "",
    "ip_mdns_services_prot": "",
    "ip_mdns_services_keys": "",
    "ip_mdns_services_vals": "",
    "ip_mdns_services_port": "80",
    "ip_mdns_services_ttl": "120",
    "ip_mdns_startup": "1",
    # Not on that page, but taken by firmware 1.1.0 [f.3]
    "ip_use_v6": "1",
}

# Names that firmware 1.0.0 does not have [b.5]
SINCE_1_1 = ("ramdisk_memsize",)

_ANY = (1 << 32) - 1
# {name: (kind, and what the kind needs)}. A variable that is not here takes any text: of its
# values nothing is known. number: from, to. hex: 32 bits. text: so many bytes at most. [f.1, f.3]
_RULES = {
    "standby_time": ("number", 1, _ANY),
    "ext_volume": ("number", 0, 3),
    "console_enabled": ("number", 0, 3),
    "console_speed": ("number", 9600, 921600),
    "console_repeater": ("character",),
    "console_delimiter": ("character",),
    "wifi_ssid": ("text", 32),
    "wifi_channelnum": ("number", 1, 14),
    "wifi_mode": ("number", 0, 3),
    "wifi_auth_type": ("number", 0, 1),
    "wifi_tx_power": ("number", 0, 18),
    "wifi_rssi_thresh": ("number", -128, 0),
    "wifi_priv_mode": ("number", 0, 3),
    "wifi_wep_default_key": ("number", 0, 3),
    "wifi_wpa_psk_raw": ("text", 64),
    "wifi_wpa_psk_text": ("text", 64),
    "wifi_eap_type": ("number", 0, 4),
    "wifi_wps_pin": ("pin",),
    "ip_use_dhcpc": ("number", 0, 2),
    "ip_mdns_services_port": ("number", 1, 65535),
    **dict.fromkeys(
        (
            "standby_enabled sleep_enabled etf_mode blink_led console_hwfc console_echo "
            "wifi_ht_mode ip_allow_port_scans ip_use_dhcpd ip_use_httpd ip_use_tftpd "
            "ip_ntp_startup ip_mdns_startup ip_use_v6"
        ).split(),
        ("number", 0, 1),
    ),
    **dict.fromkeys("console_errs console_winds console_verbose".split(), ("number", 0, 2)),
    **dict.fromkeys(
        (
            "console_wind_off_low console_wind_off_medium console_wind_off_high "
            "wifi_operational_mode wifi_opr_rate_mask wifi_bas_rate_mask"
        ).split(),
        ("hex",),
    ),
    **dict.fromkeys("ip_ipaddr ip_netmask ip_gw ip_dns1 ip_dns2".split(), ("address",)),
    **dict.fromkeys(
        (
            "ramdisk_memsize python_memsize wifi_tx_msdu_lifetime wifi_rx_msdu_lifetime "
            "wifi_beacon_wakeup wifi_beacon_interval wifi_listen_interval wifi_rts_threshold "
            "wifi_ssid_len wifi_txfail_thresh wifi_region wifi_atim_window wifi_powersave "
            "wifi_rssi_hyst wifi_ap_idle_timeout wifi_beacon_loss_thresh wifi_eap_peap_options "
            "wifi_wps_walk_time ip_sock_memsize ip_dhcp_lease_time ip_num_clients "
            "ip_dhcp_timeout ip_ntp_refresh ip_mdns_device_name_ttl ip_mdns_services_ttl"
        ).split(),
        ("number", 0, _ANY),
    ),
}


def checked(name, text, no_number=7):
    """Return (value as GCFG shows it, None), or (None, error number).

    no_number: the error for a text where a number is wanted. [e]
    """
    kind, *limits = _RULES.get(name, ("any",))
    if kind == "number":
        return _number(text, limits[0], limits[1], no_number)
    if kind == "hex":
        return _hex(text, no_number)
    if kind == "character":
        return _character(text)
    if kind == "text" and len(text.encode("utf-8", "surrogateescape")) > limits[0]:
        return None, 32
    if kind == "address" and not is_ipv4(text):
        return None, 7
    if kind == "pin" and not (len(text) == 8 and is_number(text)):
        return None, 39
    return text, None


def usable(name, value):
    """Return a saved value as GCFG shows it. ValueError if no module could have saved it."""
    found = checked(name, value)[0] if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"{name}: the module takes no such value: {value!r}")
    return found


def _number(text, low, high, no_number):
    digits = text[1:] if text.startswith("-") else text
    if not is_number(digits):
        return None, no_number
    value = int(text)
    if value == 0 and low == 1:
        return None, 33
    return (str(value), None) if low <= value <= high else (None, 7)


def _hex(text, no_number):
    # "11" is 0x11: ST sends it so for wifi_operational_mode, and it is shown as 0x00000011 [f.1]
    digits = text[2:] if text[:2].lower() == "0x" else text
    if not digits or any(c not in "0123456789abcdefABCDEF" for c in digits):
        return None, no_number
    value = int(digits, 16)
    return (f"0x{value:08X}", None) if value <= _ANY else (None, 7)


def _character(text):
    """One character, or its code in hexadecimal digits. [a.2]"""
    try:
        code = int(text, 16) if len(text) > 1 else ord(text)
    except (ValueError, TypeError):
        return None, 7
    return (f"0x{code:02X}", None) if 0 < code < 256 else (None, 7)
