"""The air: what the module tells of networks, and of the network that it makes."""

import datetime

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from spwf04_sim import Flash, Quirks, SimulatedModule, Timing, VirtualClock, World

HOME = {"wifi_ssid": "home", "wifi_wpa_psk_text": "correct horse"}
PHONE, TABLET = "02:A9:D2:A0:FF:A0", "02:A9:D2:A0:FF:A1"
PEER_VARIABLES = (
    "link_id state addr last_rx last_tx rx_drops tx_drops rx_pkts tx_pkts tx_errs rate_mask "
    "cur_rate_idx cur_rate_ok cur_rate_fail tx_consec_fail rx_seqnum rx_seqnum_mc rx_rssi "
    "rx_rateidx setprot listen_interval capinfo"
).split()


class Air:
    """A module on a virtual clock, and what it says."""

    def __init__(self, saved=None, quirks=None, firmware="171117-0328fe3", **flash):
        self.world = World()
        self.clock = VirtualClock()
        kept = {"ip_use_v6": "0", "console_echo": "0", **(saved or {})}
        flash = Flash(saved=kept, **flash)
        self.module = SimulatedModule(
            self.world,
            quirks=quirks,
            clock=self.clock,
            timing=Timing(),
            flash=flash,
            firmware=firmware,
        )

    def start(self, seconds=6):
        """Switch the module on; return what it says in that time."""
        self.module.power_on()
        return self.said(seconds)

    def said(self, seconds=1.0):
        self.clock.advance(seconds)
        return self.module.transmit().decode("latin-1")

    def ask(self, line, data=b"", seconds=3.0):
        self.module.receive(line.encode("latin-1") + b"\r" + data)
        return self.said(seconds)


def joined(quirks=None, saved=None, **point):
    """A module that has joined "home"."""
    air = Air({**HOME, **(saved or {})}, quirks)
    air.world.add_access_point("home", "correct horse", **point)
    said = air.start()
    assert "+WIND:24:" in said, said
    return air


def winds(said):
    """The numbers of the indications in a text."""
    return [int(line.split(":")[1]) for line in said.splitlines() if line.startswith("+WIND:")]


# keys ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("reading", "numbers"), [("41", [41] * 3), ("40", [40] * 3), ("both", [40, 41] * 3)]
)
def test_a_wrong_key_is_told_in_each_reading_as_often_as_it_is_tried(reading, numbers):
    air = Air({**HOME, "wifi_wpa_psk_text": "wrong horse"}, Quirks(wrong_key=reading))
    air.world.add_access_point("home", "correct horse")
    said = air.start(10)
    assert [n for n in winds(said) if n in (40, 41)] == numbers
    assert ("+WIND:41:WiFi Disassociation:2\r\n" in said) == (reading != "40")


@pytest.mark.parametrize(("name", "mode"), [("open", "2"), ("home", "0"), ("old", "2")])
@pytest.mark.parametrize("reading", ["rejected", "refused", "unseen"])
def test_a_network_of_another_security_is_not_joined(name, mode, reading):
    saved = {**HOME, "wifi_ssid": name, "wifi_priv_mode": mode}
    air = Air(saved, Quirks(mismatch=reading))
    air.world.add_access_point("open")
    air.world.add_access_point("home", "correct horse")
    air.world.add_access_point("old", "12345", security="WEP")
    numbers = winds(air.start(10))
    assert 24 not in numbers
    assert (74 in numbers) == (reading == "rejected")
    assert (41 in numbers) == (reading == "refused")


def test_of_two_networks_of_a_name_the_one_with_the_right_security_is_joined():
    air = Air(HOME)
    air.world.add_access_point("home", rssi=-30)
    closed = air.world.add_access_point("home", "correct horse", rssi=-60)
    air.start()
    assert air.module.wifi.point is closed


def wep(**settings):
    air = Air(
        {
            "wifi_ssid": "old",
            "wifi_priv_mode": "1",
            "wifi_wep_keys[0]": "76543210ab",
            "wifi_wep_key_lens": "05",
            **settings,
        }
    )
    air.world.add_access_point("old", "76543210ab", security="WEP")
    return air


def test_a_wep_network_is_joined_with_its_key_in_hexadecimal_digits():
    assert "+WIND:24:WiFi Up:0:192.168.1.23" in wep().start()


def test_with_a_wrong_wep_key_it_associates_and_gets_no_address():
    said = wep(**{"wifi_wep_keys[0]": "76543210ac"}).start(30)
    assert "+WIND:25:" in said
    assert "+WIND:85:" in said
    assert "+WIND:24:" not in said


def test_with_shared_keys_a_wrong_wep_key_is_refused():
    air = wep(**{"wifi_wep_keys[0]": "76543210ac", "wifi_auth_type": "1"})
    assert "+WIND:41:" in air.start()


def test_an_access_point_that_wants_no_shared_key_does_not_take_one():
    air = wep(wifi_auth_type="1")
    air.world.access_points[0].shared_auth = False
    assert "+WIND:20:" in air.start()


def test_a_wep_key_of_another_number_or_length_is_none():
    assert "+WIND:18:" in wep(wifi_wep_key_lens="06").start()
    air = wep(**{"wifi_wep_keys[1]": "76543210ab", "wifi_wep_key_lens": "0505"})
    air.world.access_points[0].wep_index = 1
    assert "+WIND:24:" not in air.start(30)
    air = wep(
        **{"wifi_wep_keys[1]": "76543210ab", "wifi_wep_key_lens": "0505"},
        wifi_wep_default_key="1",
    )
    air.world.access_points[0].wep_index = 1
    assert "+WIND:24:" in air.start()


# enterprise ----------------------------------------------------------------------------------
def dated(ca):
    since = datetime.datetime.now() - datetime.timedelta(days=9)
    return ca.issue_cert("module@example.org", not_before=since)


def company(quirks=None, clock=True, ca=None, **settings):
    """(a module before its start, the CA of an enterprise network)"""
    authority = trustme.CA()
    air = Air(
        {
            "wifi_ssid": "company",
            "wifi_priv_mode": "3",
            "wifi_eap_type": "4",
            "wifi_eap_identity": "alice",
            "wifi_eap_passwd": "wonderland",
            **settings,
        },
        quirks,
        eap={} if ca is None else {"ca": ca.cert_pem.bytes()},
    )
    air.world.add_access_point("company", users={b"alice": b"wonderland"})
    air.module.power_on()
    if clock:
        now = datetime.datetime.now(datetime.timezone.utc)
        air.module.set_clock(int(now.timestamp()))
    return air, authority


def test_an_enterprise_network_lets_its_users_in():
    authority = trustme.CA()
    air, _ = company(ca=authority)
    air.world.access_points[0].ca = authority.cert_pem.bytes()
    assert "+WIND:24:" in air.said(6)


def test_the_users_of_a_network_may_be_text():
    point = World().add_access_point("company", users={"alice": "wonderland"})
    assert point.users == {b"alice": b"wonderland"}


def test_an_enterprise_network_refuses_a_wrong_password():
    air, _ = company(ca=trustme.CA(), wifi_eap_passwd="looking glass")
    said = air.said(6)
    assert "+WIND:41:WiFi Disassociation:23" in said
    assert "+WIND:24:" not in said


def test_the_module_refuses_an_enterprise_network_of_another_ca():
    air, other = company(ca=trustme.CA())
    air.world.access_points[0].ca = other.cert_pem.bytes()
    assert "+WIND:24:" not in air.said(6)


def test_without_a_ca_an_enterprise_network_is_joined_in_one_reading_only():
    assert "+WIND:24:" not in company()[0].said(6)
    assert "+WIND:24:" in company(Quirks(eap_without_ca="taken"))[0].said(6)


def test_without_a_clock_an_enterprise_network_is_joined_in_one_reading_only():
    reading = Quirks(boot_clock=0)
    assert "+WIND:24:" not in company(reading, clock=False, ca=trustme.CA())[0].said(6)
    reading = Quirks(boot_clock=0, eap_dates=False)
    assert "+WIND:24:" in company(reading, clock=False, ca=trustme.CA())[0].said(6)


def test_eap_tls_needs_a_certificate_that_the_network_takes():
    authority = trustme.CA()
    for issuer, joins in ((authority, True), (trustme.CA(), False)):
        air, _ = company(ca=authority, wifi_eap_type="0", wifi_eap_passwd="")
        air.world.access_points[0].client_ca = authority.cert_pem.bytes()
        assert "+WIND:24:" not in air.said(6)
        own = dated(issuer)
        said = ""
        for what, data in (
            ("cert", own.cert_chain_pems[0].bytes()),
            ("key", own.private_key_pem.bytes()),
        ):
            said += air.ask(f"AT+S.WPAECERT={what},{len(data)}", data)
        assert said.count("AT-S.OK") == 2
        assert ("+WIND:24:" in said + air.said(6)) == joins


def test_certificates_for_enterprise_networks_survive_a_factory_reset_and_can_be_cleaned():
    air = Air()
    air.start()
    ca = x509.load_pem_x509_certificate(trustme.CA().cert_pem.bytes()).public_bytes(Encoding.DER)
    assert "AT-S.SubjectKeyId:" in air.ask(f"AT+S.WPAECERT=ca,{len(ca)}", ca)
    for line in ("AT+S.FCFG", "AT+S.WCFG", "AT+S.RESET"):
        air.ask(line)
    assert air.module.flash.eap == {"ca": ca}
    assert air.module.flash.slot == {}
    assert "AT-S.OK" in air.ask("AT+S.WPAECERT=content,2")
    assert air.module.flash.eap == {}
    assert "AT-S.ERROR:7:" in air.ask("AT+S.WPAECERT=rubbish,3")


# what is heard -------------------------------------------------------------------------------
def scanned(quirks=None, line="AT+S.SCAN=d,"):
    air = Air({"wifi_mode": "0"}, quirks)
    air.world.add_access_point("home", "correct horse", rssi=-60)
    air.world.add_access_point("home", "correct horse", rssi=-50)
    air.world.add_access_point("secret", "correct horse", hidden=True)
    air.world.add_access_point(b"b\xe9b\xe9,'\x01", wps=True)
    air.world.add_access_point("far", rssi=-100)
    air.start()
    return air, air.ask(line)


def test_a_scan_lists_all_or_each_name_once():
    assert scanned()[1].count("SSID: 'home'") == 2
    _, said = scanned(line="AT+S.SCAN=s,")
    assert said.count("SSID: 'home'") == 1
    assert "RSSI: -50 SSID: 'home'" in said
    assert scanned(line="AT+S.SCAN=m,")[1].count("SSID: 'home'") == 2
    assert "AT-S.ERROR:7:" in scanned(line="AT+S.SCAN=x,")[1]


def test_a_scan_shows_names_as_they_are_and_wps_but_not_what_is_too_far():
    _, said = scanned()
    assert "SSID: 'b\xe9b\xe9,'\x01' CAPS: 0421 WPS \r\n" in said
    assert "'far'" not in said


def test_a_hidden_network_in_a_scan_has_no_name_if_it_is_there_at_all():
    assert "AT-S.Parsing Networks:3\r\n" in scanned()[1]
    assert "SSID: '' CAPS: 0431 WPA2 \r\n" in scanned(Quirks(scan_hidden="empty"))[1]
    assert "SSID: '\0\0\0\0\0\0' CAPS:" in scanned(Quirks(scan_hidden="zeros"))[1]


def test_a_scan_can_go_to_a_file():
    air, said = scanned(line="AT+S.SCAN=s,nets.txt")
    assert "Parsing Networks:2" in said
    assert "BSS" not in said
    text = bytes(air.module.flash.files[2, "nets.txt"])
    assert text.count(b"\r\n") == 2
    assert b"SSID: 'home'" in text
    assert "AT-S.ERROR:29:" in scanned(line="AT+S.SCAN=s,0:/nets.txt")[1]


def test_a_scan_is_refused_while_the_radio_starts_looks_or_is_off():
    air = Air()
    air.module.power_on()
    air.said(0.45)
    assert "AT-S.ERROR:43:" in air.ask("AT+S.SCAN", seconds=0.1)
    air.said(0.3)
    assert "AT-S.ERROR:40:" in air.ask("AT+S.SCAN", seconds=0.1)
    air.said(1.5)
    assert "Parsing" in air.ask("AT+S.SCAN", seconds=1.6)
    air.ask("AT+S.WIFI=0")
    assert "AT-S.ERROR:18:" in air.ask("AT+S.SCAN")


def test_a_scan_is_refused_while_the_radio_joins():
    air = Air(HOME)
    air.world.add_access_point("home", "correct horse")
    air.module.power_on()
    assert "+WIND:19:" in air.said(2.3)
    assert "AT-S.ERROR:42:" in air.ask("AT+S.SCAN", seconds=0.05)


# coming and going ----------------------------------------------------------------------------
@pytest.mark.parametrize(("reading", "numbers"), [("33", [33]), ("30,33", [30, 33])])
def test_a_network_that_vanishes_is_lost_and_the_other_of_its_name_is_joined(reading, numbers):
    air = joined(Quirks(beacon_loss=reading), rssi=-40)
    other = air.world.add_access_point("home", "correct horse", rssi=-45)
    air.world.remove_access_point(air.module.wifi.point)
    said = air.said(10)
    assert winds(said)[: len(numbers)] == numbers
    assert winds(said)[-1] == 24
    assert air.module.wifi.point is other


def test_a_network_that_comes_back_at_once_is_not_lost():
    air = joined()
    (point,) = air.world.access_points
    air.world.access_points = []
    assert winds(air.said(0.5)) == []
    air.world.access_points = [point]
    assert winds(air.said(5)) == []
    assert air.module.wifi.ip == "192.168.1.23"


def test_a_weak_signal_is_told_and_that_it_is_strong_again():
    air = joined()
    (point,) = air.world.access_points
    point.rssi = -51
    assert "+WIND:15:WiFi Signal LOW:-51" in air.said()
    point.rssi = -45
    assert winds(air.said()) == []
    point.rssi = -40
    assert "+WIND:16:WiFi Signal OK:-40" in air.said()


@pytest.mark.parametrize(("reading", "moves"), [("lost", False), ("weak", True)])
def test_it_moves_to_a_stronger_access_point_in_one_reading_only(reading, moves):
    air = joined(Quirks(roaming=reading))
    first = air.module.wifi.point
    air.world.add_access_point("home", "correct horse", rssi=-30)
    first.rssi = -70
    assert (33 in winds(air.said(6))) == moves
    assert (air.module.wifi.point is not first) == moves


def test_an_access_point_may_admit_nobody_or_not_answer():
    for field, number in (({"admits": set()}, 75), ({"mute": True}, 76)):
        air = Air(HOME)
        air.world.add_access_point("home", "correct horse", **field)
        numbers = winds(air.start(10))
        assert numbers.count(number) >= 2
        assert 24 not in numbers


# addresses -----------------------------------------------------------------------------------
def status(air, name):
    said = air.ask(f"AT+S.STS={name}")
    return said.partition(f"AT-S.Var:{name}=")[2].partition("\r")[0]


ADDRESSES = ("ip_ipaddr", "ip_netmask", "ip_gw", "ip_dns1", "ip_dns2", "ip_from_AutoIP")


@pytest.mark.parametrize(
    ("how", "shown"),
    [
        ("0", ["10.0.0.7", "255.0.0.0", "10.0.0.1", "10.0.0.53", "10.0.0.54", "0"]),
        ("1", ["192.168.1.23", "255.255.255.0", "192.168.1.1", "1.1.1.1", "9.9.9.9", "0"]),
        ("2", ["169.254.1.57", "255.255.0.0", "0.0.0.0", "0.0.0.0", "0.0.0.0", "1"]),
    ],
)
def test_the_status_shows_the_addresses_in_use(how, shown):
    own = {
        "ip_use_dhcpc": how,
        "ip_ipaddr": "10.0.0.7",
        "ip_netmask": "255.0.0.0",
        "ip_gw": "10.0.0.1",
        "ip_dns1": "10.0.0.53",
        "ip_dns2": "10.0.0.54",
    }
    air = joined(saved=own, dns="1.1.1.1", dns2="9.9.9.9")
    assert [status(air, name) for name in ADDRESSES] == shown


@pytest.mark.parametrize(
    ("reading", "numbers"),
    [
        ("stays", [85]),
        ("asks again", [85, 85]),
        ("auto ip", [85, 24]),
        ("auto ip, no WIND 85", [24]),
    ],
)
def test_without_a_lease_each_reading_goes_on_in_its_way(reading, numbers):
    air = Air({**HOME, "ip_dhcp_timeout": "15"}, Quirks(no_lease=reading))
    air.world.add_access_point("home", "correct horse", lease=None)
    said = air.start(10)
    assert 85 not in winds(said)
    assert 24 not in winds(said)
    assert winds(air.said(25)) == numbers
    assert air.module.wifi.from_auto_ip == (24 in numbers)


def test_without_a_dns_server_no_name_is_found():
    air = joined(saved={"ip_use_dhcpc": "2"})
    air.world.route("echo.example", 7, ("127.0.0.1", 9))
    assert "AT-S.ERROR:65:" in air.ask("AT+S.SOCKON=echo.example,7,,t")
    assert "AT-S.ERROR:65:" in air.ask("AT+S.PING=1,56,echo.example")


def test_a_lease_is_renewed_or_not():
    air = joined()
    said = air.ask("AT+S.RENEW")
    assert "AT-S.OK" in said
    assert winds(said) == []
    air.world.access_points[0].lease = "192.168.1.99"
    assert "+WIND:24:WiFi Up:0:192.168.1.99" in air.ask("AT+S.RENEW")
    air.world.access_points[0].lease = None
    assert "AT-S.ERROR:62:" in air.ask("AT+S.RENEW", seconds=25)
    air.ask("AT+S.WIFI=0")
    assert "AT-S.ERROR:61:" in air.ask("AT+S.RENEW")
    assert "+WIND:24:" in joined(Quirks(renew_wind24=True)).ask("AT+S.RENEW")


def test_two_modules_of_a_network_have_two_addresses():
    air = joined()
    clock = air.clock
    second = SimulatedModule(
        air.world,
        clock=clock,
        flash=Flash(saved=HOME),
        variables={"nv_wifi_macaddr": "00:80:E1:BD:00:3A"},
    )
    second.power_on()
    clock.advance(6)
    assert (air.module.wifi.ip, second.wifi.ip) == ("192.168.1.23", "192.168.1.24")


# its own network -----------------------------------------------------------------------------
def miniap(quirks=None, firmware="171117-0328fe3", **settings):
    """(a module that makes a network, what it says of that)"""
    saved = {
        "wifi_mode": "3",
        "wifi_ssid": "my-module",
        "wifi_wpa_psk_text": "correct horse",
        **settings,
    }
    air = Air(saved, quirks, firmware)
    return air, air.start(2)


def test_a_miniap_is_closed_and_gives_addresses():
    air, said = miniap()
    assert winds(said)[-4:] == [32, 46, 26, 24]
    assert "+WIND:24:WiFi Up:0:192.168.0.50" in said
    station = air.module.station_joins(PHONE, password="correct horse")
    assert air.said() == (
        f"+WIND:28:Station Associated:{PHONE}:0\r\n+WIND:29:DHCP Reply:192.168.0.2:{PHONE}\r\n"
    )
    assert station.ip == "192.168.0.2"
    air.module.station_joins(TABLET, password="correct horse")
    assert f"192.168.0.3:{TABLET}" in air.said()
    air.module.station_leaves(PHONE)
    assert air.said() == f"+WIND:72:Station Disassociated:{PHONE}\r\n"
    assert [s.mac for s in air.module.wifi.stations] == [TABLET]


def test_a_miniap_of_firmware_1_0_0_is_open_and_tells_no_address_of_the_station():
    air, said = miniap(firmware="170216-fd39c59")
    assert 46 not in winds(said)
    assert air.module.station_joins(PHONE) is not None
    assert "+WIND:29:DHCP Reply:192.168.0.2\r\n" in air.said()


@pytest.mark.parametrize(("reading", "numbers"), [("nothing", []), ("28,72", [28, 72])])
def test_a_station_with_a_wrong_key_does_not_get_in(reading, numbers):
    air, _ = miniap(Quirks(miniap_wrong_key=reading))
    assert air.module.station_joins(PHONE, password="wrong horse") is None
    assert winds(air.said()) == numbers
    assert air.module.wifi.stations == []


def test_a_miniap_with_wep_asks_for_its_key():
    air, _ = miniap(
        wifi_priv_mode="1", **{"wifi_wep_keys[0]": "3132333435"}, wifi_wep_key_lens="05"
    )
    assert air.module.station_joins(PHONE, password="54321") is None
    assert air.module.station_joins(PHONE, password="12345") is not None
    assert 27 in winds(miniap(wifi_priv_mode="1")[1])


def test_a_miniap_with_a_short_key_does_not_start():
    air, said = miniap(wifi_wpa_psk_text="short")
    assert winds(said)[-2:] == [50, 27]
    with pytest.raises(ConnectionRefusedError):
        air.module.station_joins(PHONE, password="short")


@pytest.mark.parametrize("reading", ["open", "closed"])
def test_a_miniap_that_is_configured_before_the_radio_has_run_is_open_in_one_reading(reading):
    air = Air({"wifi_mode": "0"}, Quirks(miniap_cold=reading), radio_off=True)
    air.start(2)
    for line in ("SSIDTXT=my-module", "SCFG=wifi_wpa_psk_text,correct horse", "SCFG=wifi_mode,3"):
        air.ask("AT+S." + line, seconds=0.1)
    said = air.ask("AT+S.WIFI=1")
    assert "+WIND:26:Started AP:my-module\r\n" in said
    assert (46 in winds(said)) == (reading == "closed")
    if reading == "closed":
        assert air.module.station_joins(PHONE, ssid="my-module") is None
        return
    with pytest.raises(ConnectionRefusedError):
        air.module.station_joins(PHONE, ssid="my-module")
    assert air.module.station_joins(PHONE, ssid="my-mod") is not None
    air.ask("AT+S.WIFI=0")
    assert 46 in winds(air.ask("AT+S.WIFI=1"))


def test_the_dhcp_server_of_a_miniap_can_be_off_and_has_a_number_of_addresses():
    air, _ = miniap(ip_use_dhcpd="0")
    air.module.station_joins(PHONE, password="correct horse")
    assert winds(air.said()) == [28]
    air, _ = miniap(ip_num_clients="1")
    air.module.station_joins(PHONE, password="correct horse")
    air.said()
    air.module.station_joins(TABLET, password="correct horse")
    assert winds(air.said()) == [28]


@pytest.mark.parametrize(("reading", "inside"), [("admits", PHONE), ("refuses", TABLET)])
def test_the_filter_of_a_miniap(reading, inside):
    air, _ = miniap(Quirks(macfilter=reading), ip_macfilter=PHONE)
    for mac in (PHONE, TABLET):
        assert (air.module.station_joins(mac, password="correct horse") is not None) == (
            mac == inside
        )


def test_a_station_that_is_quiet_for_long_is_sent_away():
    air, _ = miniap(wifi_ap_idle_timeout="60")
    air.module.station_joins(PHONE, password="correct horse", quiet=True)
    air.module.station_joins(TABLET, password="correct horse")
    assert 72 not in winds(air.said(59))
    assert f"+WIND:72:Station Disassociated:{PHONE}\r\n" in air.said(2)
    assert [s.mac for s in air.module.wifi.stations] == [TABLET]


def test_stations_of_the_world_join_by_themselves():
    air = Air({"wifi_mode": "3", "wifi_ssid": "mine", "wifi_wpa_psk_text": "correct horse"})
    air.world.add_guest(PHONE, "mine", "correct horse")
    air.world.add_guest(TABLET, "another", "correct horse")
    said = air.start(3)
    assert f"+WIND:29:DHCP Reply:192.168.0.2:{PHONE}" in said
    assert TABLET not in said


def test_a_miniap_that_is_switched_off_again_and_again_leaks_memory():
    air, _ = miniap()
    heap = int(status(air, "free_heap"))
    air.ask("AT+S.WIFI=0")
    assert int(status(air, "free_heap")) < heap
    for _ in range(20):
        said = air.ask("AT+S.WIFI=1") + air.ask("AT+S.WIFI=0")
    assert "AT-S.ERROR:91:" in said
    air.ask("AT+S.RESET")
    assert int(status(air, "free_heap")) == heap


def test_an_ad_hoc_network_is_joined_or_made():
    air = Air({"wifi_mode": "2", "wifi_ssid": "cell", "wifi_priv_mode": "0"})
    assert "+WIND:24:WiFi Up:0:169.254." in air.start()
    air = Air({"wifi_mode": "2", "wifi_ssid": "cell", "wifi_priv_mode": "0", "ip_use_dhcpc": "0"})
    cell = air.world.add_access_point("cell", ibss=True, lease=None)
    assert "+WIND:24:WiFi Up:0:192.168.0.50" in air.start()
    assert air.module.wifi.point is cell


# peers ---------------------------------------------------------------------------------------
def peer_lines(said):
    return [line for line in said.splitlines() if line.startswith("AT-S.Var:")]


def test_peers_are_the_access_point_or_the_stations_with_all_their_variables():
    air = joined()
    lines = peer_lines(air.ask("AT+S.PEERS"))
    assert [line.partition("=")[0] for line in lines] == [
        "AT-S.Var:0." + name for name in PEER_VARIABLES
    ]
    assert "AT-S.Var:0.addr=98:DE:D0:EA:4C:62" in lines
    assert peer_lines(air.ask("AT+S.PEERS=0,rx_rssi")) == ["AT-S.Var:0.rx_rssi=-47"]
    air, _ = miniap()
    air.module.station_joins(PHONE, password="correct horse")
    air.module.station_joins(TABLET, password="correct horse", rssi=-70)
    assert peer_lines(air.ask("AT+S.PEERS=1,rx_rssi")) == ["AT-S.Var:1.rx_rssi=-70"]
    assert len(peer_lines(air.ask("AT+S.PEERS"))) == 2 * len(PEER_VARIABLES)


def test_peers_that_are_none():
    air = joined()
    assert "AT-S.ERROR:4:" in air.ask("AT+S.PEERS=0,no_such")
    for number in ("1", "x"):
        assert "AT-S.ERROR:7:" in air.ask("AT+S.PEERS=" + number)
    assert "AT-S.OK" in joined(Quirks(peers_beyond=0)).ask("AT+S.PEERS=1")
    air.ask("AT+S.WIFI=0")
    assert "AT-S.ERROR:44:" in air.ask("AT+S.PEERS")


# WPS -----------------------------------------------------------------------------------------
def before_wps():
    air = Air({"wifi_priv_mode": "0"})
    point = air.world.add_access_point("home", "correct horse")
    air.start(2)
    return air, point


def test_a_button_gives_name_and_key_and_the_network_is_joined():
    air, point = before_wps()
    said = air.ask("AT+S.WPS", seconds=10)
    assert said.startswith("AT-S.OK\r\n+WIND:81:")
    assert 24 not in winds(said)
    point.press_button()
    assert 24 in winds(air.said(10))
    assert air.module.variables["wifi_ssid"] == "home"
    assert air.module.variables["wifi_wpa_psk_text"] == "correct horse"
    assert air.module.variables["wifi_priv_mode"] == "2"
    assert not point.button


def test_a_pin_gives_them_too_if_it_is_the_right_one():
    air, point = before_wps()
    point.wps_pin = "12345670"
    assert 24 not in winds(air.ask("AT+S.WPS=87654321", seconds=10))
    assert 24 in winds(air.ask("AT+S.WPS=12345670", seconds=10))


def test_a_pin_has_eight_digits():
    air, _ = before_wps()
    for pin in ("1234567", "123456789", "1234567x"):
        assert "AT-S.ERROR:39:" in air.ask("AT+S.WPS=" + pin)


def test_wps_ends_after_its_time_and_with_two_buttons_gives_nothing():
    air, point = before_wps()
    air.ask("AT+S.SCFG=wifi_wps_walk_time,30", seconds=0.1)
    point.press_button()
    air.world.add_access_point("other", "correct horse").press_button()
    assert 82 not in winds(air.ask("AT+S.WPS", seconds=25))
    said = air.said(10)
    assert 82 in winds(said)
    assert 24 not in winds(said)


def test_wps_needs_a_radio_that_runs():
    air, _ = before_wps()
    air.ask("AT+S.WIFI=0")
    assert "AT-S.ERROR:18:" in air.ask("AT+S.WPS")


# on and off ----------------------------------------------------------------------------------
def test_switching_the_radio_off_while_it_starts_is_an_error_or_a_stall():
    for reading, answer in (("error", "AT-S.ERROR:18:"), ("stalls", "")):
        air = Air(quirks=Quirks(wifi0_starting=reading))
        air.start(0.45)
        said = air.ask("AT+S.WIFI=0", seconds=0.05)
        assert answer in said
        assert ("AT-S" in said) == (reading == "error")
        assert ("AT-S.OK" in air.ask("AT", seconds=60)) == (reading == "error")


def test_switching_the_radio_on_while_it_starts_does_not_start_it_twice():
    air = Air({"wifi_mode": "0"})
    air.start(0.45)
    said = air.ask("AT+S.WIFI=1")
    assert "AT-S.ERROR:17:" in said
    assert winds(said).count(32) == 1


def test_what_the_radio_is_wanted_to_be_is_what_is_saved():
    air = Air({"wifi_mode": "0"})
    air.start(0.45)
    assert "AT-S.OK" in air.ask("AT+S.WCFG", seconds=0.1)
    air.module.restart()
    assert 32 in winds(air.said(3))
    air.ask("AT+S.WIFI=0")
    air.ask("AT+S.WCFG")
    air.module.restart()
    assert 32 not in winds(air.said(3))


def test_a_network_s_name_has_32_bytes_at_most():
    with pytest.raises(ValueError, match="32 bytes"):
        World().add_access_point("x" * 33)


# as others use it ----------------------------------------------------------------------------
def as_mbed_starts(air):
    """mbed's first steps, 70 ms after WIND 0, up to the WIND 32 that it waits for."""
    air.start(0.47)
    for line in (
        "FCFG",
        "SCFG=blink_led,0",
        "SCFG=console_echo,0",
        "SCFG=wifi_opr_rate_mask,0x003FFFCF",
        "SCFG=wifi_ht_mode,1",
        "SCFG=wifi_mode,0",
        "SCFG=console_hwfc,0",
        "SCFG=console_wind_off_low,0x00000000",
        "SCFG=console_wind_off_medium,0x80000000",
        "SCFG=console_wind_off_high,0x00100000",
    ):
        assert "AT-S.OK" in air.ask("AT+S." + line, seconds=0.01), line
    assert "AT-S.OK" in air.ask("AT+S.WCFG", seconds=0.05)
    assert 32 in winds(air.ask("AT+S.RESET", seconds=3))


def as_mbed_joins(air, password):
    """Its join; the module restarts in between. Returns what it hears for 10 s after WIND 32."""
    for line in (
        "SCFG=wifi_wpa_psk_text," + password,
        "SSIDTXT=home",
        "SCFG=wifi_priv_mode,2",
        "SCFG=wifi_mode,1",
        "WCFG",
    ):
        assert "AT-S.OK" in air.ask("AT+S." + line, seconds=0.1), line
    said = air.ask("AT+S.RESET", seconds=12)
    assert 32 in winds(said)
    return said.partition("+WIND:32:")[2]


def test_mbeds_driver_joins():
    air = Air()
    air.world.add_access_point("home", "correct horse")
    as_mbed_starts(air)
    lines = as_mbed_joins(air, "correct horse").splitlines()
    assert any(":24:" in line and "." in line for line in lines)


def test_mbeds_driver_counts_three_refusals_in_the_readings_that_it_knows():
    for reading, enough in (("40", True), ("both", True), ("41", False)):
        air = Air(quirks=Quirks(wrong_key=reading))
        air.world.add_access_point("home", "correct horse")
        as_mbed_starts(air)
        assert (as_mbed_joins(air, "wrong horse").count("+WIND:40:") >= 3) == enough
