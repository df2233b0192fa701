"""The variables of the configuration, and their factory defaults. [f]"""

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
    # The order is that of ST's web page [f.3]. Values are a GUESS, unless they say [f.1]
    "wifi_listen_interval": "0",
    "wifi_rts_threshold": "3000",
    "wifi_ssid": "",  # [f.1]
    "wifi_ssid_len": "0",  # [f.1]
    "wifi_txfail_thresh": "5",
    "wifi_region": "1",
    "wifi_ht_mode": "0",
    "wifi_channelnum": "6",
    "wifi_opr_rate_mask": "0x00003FCF",
    "wifi_bas_rate_mask": "0x0000000F",
    "wifi_mode": "1",  # [f.1]
    "wifi_auth_type": "0",  # [f.1]
    "wifi_atim_window": "0",
    "wifi_powersave": "0",
    "wifi_tx_power": "18",
    "wifi_rssi_thresh": "-50",
    "wifi_rssi_hyst": "10",
    "wifi_ap_idle_timeout": "120",
    "wifi_beacon_loss_thresh": "10",
    "wifi_priv_mode": "2",  # [f.1]
    "wifi_wep_keys[0]": "",
    "wifi_wep_keys[1]": "",
    "wifi_wep_keys[2]": "",
    "wifi_wep_keys[3]": "",
    "wifi_wep_key_lens": "",
    "wifi_wep_default_key": "0",
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
    "ip_dhcp_timeout": "20",
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
