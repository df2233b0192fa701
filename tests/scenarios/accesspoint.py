"""A network of the module's own."""

from spwf04 import SocketPool, SPWF04Error
from spwf04.at.task import Task
from spwf04.commands.accesspoint import start
from spwf04.compat.network import NetworkModule
from spwf04.compat.wifi import Radio
from spwf04.errors import LinkLost

KEY = b"correct horse"
ADDRESS = "192.168.0.50"


def mac(n):
    return bytes([2, 0, 0, 0, 0, n])


def started(bench):
    """The radio, with a closed network."""
    bench.radio.start_ap("mine", KEY)
    return bench.radio


def in_it(bench, *expected):
    """Wait until stations() is this."""
    return bench.until(lambda: bench.poll() or bench.radio.stations() == list(expected))


# on and off --------------------------------------------------------------------------------------
def test_it_is_closed_by_a_password_and_has_an_address(bench):
    radio = started(bench)
    assert bench.sim("made_network") == [b"mine", KEY]
    assert radio.ipv4_address == ADDRESS
    assert radio.isconnected()


def test_it_is_open_without_one(bench):
    bench.radio.start_ap("mine")
    assert bench.sim("made_network") == [b"mine", b""]
    assert bench.sim("station_comes", 1, b"")


def test_it_has_a_password_also_if_the_radio_was_off_since_the_boot(bench):
    bench.sim("boots_with", "wifi_mode", "0")
    bench.radio.reset()
    bench.radio.disconnect()
    started(bench)
    assert bench.sim("made_network") == [b"mine", KEY]


def test_power_saving_does_not_open_it(bench):
    radio = started(bench)
    for driver in (radio, bench.another_radio()):
        driver.power_save("idle")
        e = bench.raises(SPWF04Error, driver.power_save, "off")
        assert e.remedy == "one_at_a_time"
        assert bench.sim("made_network") == [b"mine", KEY]
    radio.stop_ap()
    radio.power_save("off")
    started(bench)
    assert bench.sim("made_network") == [b"mine", KEY]


def test_names_and_passwords_may_have_commas_and_all_bytes(bench):
    for ssid, password in (
        ("a,b|c", "pass,word;1"),
        ("k\u00fcche", "12345678"),
        (b"\xff\x01", b"0123456789abcdef" * 4),
        ("n" * 32, "p" * 63),
    ):
        bench.radio.start_ap(ssid, password, 11)
        made = bench.sim("made_network")
        wanted = [x.encode() if isinstance(x, str) else x for x in (ssid, password)]
        assert made == wanted, made
    assert bench.radio.get("wifi_channelnum") == "11"


def test_nothing_is_written_to_the_flash(bench):
    started(bench)
    bench.radio.stop_ap()
    assert bench.sim("settings_written") == 0
    bench.radio.reset()
    bench.join()


def test_stop_ap_ends_it_and_is_no_more_when_there_is_none(bench):
    radio = started(bench)
    bench.sim("station_comes", 1, KEY)
    radio.stop_ap()
    assert bench.sim("made_network") == []
    assert radio.stations() == []
    assert not radio.isconnected()
    radio.stop_ap()
    bench.join()
    radio.stop_ap()
    assert radio.isconnected()  # to a network of others


def test_a_network_is_joined_after_it_and_instead_of_it(bench):
    radio = started(bench)
    radio.stop_ap()
    bench.join()
    radio.start_ap("mine", KEY)
    assert radio.ipv4_address == ADDRESS
    bench.join()
    assert bench.sim("made_network") == []
    assert radio.ap is None
    assert radio.ipv4_address != ADDRESS
    bench.radio.ping("echo.example")


def test_connect_without_a_name_does_not_start_it_again(bench):
    radio = started(bench)
    for _ in range(2):
        e = bench.raises(SPWF04Error, radio.connect)
        assert "reset()" in e.hint
        radio.stop_ap()
    assert bench.sim("made_network") == []


def test_it_can_be_started_again_with_another_name(bench):
    radio = started(bench)
    radio.start_ap("another", "other horse")
    assert bench.sim("made_network") == [b"another", b"other horse"]


def test_its_own_address_can_be_chosen(bench):
    from spwf04.commands.accesspoint import address

    address(bench.radio, "10.0.0.1", "255.255.255.0", "10.0.0.1")
    radio = started(bench)
    assert radio.ipv4_address == "10.0.0.1"
    assert radio.ifconfig()[:3] == ("10.0.0.1", "255.255.255.0", "10.0.0.1")
    bench.sim("station_comes", 1, KEY)
    assert in_it(bench, (mac(1), "10.0.0.2"))


# who is there ------------------------------------------------------------------------------------
def test_stations_come_get_addresses_and_leave(bench):
    radio = started(bench)
    assert radio.stations() == []
    assert bench.sim("station_comes", 1, KEY)
    assert in_it(bench, (mac(1), "192.168.0.2"))
    assert bench.sim("station_comes", 2, KEY)
    assert in_it(bench, (mac(1), "192.168.0.2"), (mac(2), "192.168.0.3"))
    bench.sim("station_leaves", 1)
    assert in_it(bench, (mac(2), "192.168.0.3"))
    bench.sim("station_comes", 1, KEY)
    assert in_it(bench, (mac(2), "192.168.0.3"), (mac(1), "192.168.0.2"))


def test_a_wrong_password_does_not_get_in(bench):
    started(bench)
    assert not bench.sim("station_comes", 1, b"wrong horse")
    bench.rest(500)
    assert bench.radio.stations() == []


def test_a_station_has_no_address_without_the_dhcp_server(bench):
    bench.radio.set("ip_use_dhcpd", 0)
    started(bench)
    bench.sim("station_comes", 1, KEY)
    bench.rest(500)
    assert bench.radio.stations() == [(mac(1), None)]


def test_a_station_that_is_silent_for_long_is_sent_away(bench):
    bench.radio.set("wifi_ap_idle_timeout", 5)
    started(bench)
    bench.sim("quiet_station_comes", 1, KEY)
    assert in_it(bench, (mac(1), "192.168.0.2"))
    assert in_it(bench)


def test_indications_that_were_lost_do_not_matter(bench):
    radio = started(bench)
    bench.sim("lose_indication", 28, 1)
    bench.sim("station_comes", 1, KEY)
    assert in_it(bench, (mac(1), "192.168.0.2"))
    bench.sim("lose_indication", 72, 1)
    bench.sim("station_leaves", 1)
    assert radio.stations() == []


def test_a_driver_that_starts_later_sees_who_is_there(bench):
    started(bench)
    bench.sim("station_comes", 1, KEY)
    bench.rest(500)
    radio = bench.another_radio()
    assert radio.stations() == [(mac(1), None)]  # what has been told is over
    radio.stop_ap()
    assert bench.sim("made_network") == []


def test_a_station_is_served_by_a_listening_socket(bench):
    started(bench)
    bench.sim("station_comes", 1, KEY)
    server = bench.pool.socket()
    server.bind((ADDRESS, 8080))
    server.listen(2)
    server.settimeout(10)
    n = bench.sim("guest_comes", 8080, b"hello")
    sock, _ = server.accept()
    sock.settimeout(10)
    assert sock.recv(5) == b"hello"
    sock.sendall(b"you: hello")
    sock.close()
    assert bench.until(lambda: bench.poll() or bench.sim("guest_is_served", n))
    server.close()


# firmware 1.0.0 ----------------------------------------------------------------------------------
def test_firmware_1_0_0_makes_open_networks_only_and_says_so(bench):
    bench.sim("firmware_is", "1.0.0", "170216-fd39c59")
    bench.join()
    e = bench.raises(SPWF04Error, bench.radio.start_ap, "mine", KEY)
    assert "1.0.0" in str(e)
    assert e.remedy == "update_firmware"
    assert bench.radio.isconnected()  # nothing has changed
    bench.radio.start_ap("mine")
    assert bench.sim("made_network") == [b"mine", b""]


def test_firmware_1_0_0_does_not_tell_whose_an_address_is(bench):
    bench.sim("firmware_is", "1.0.0", "170216-fd39c59")
    bench.radio.start_ap("mine")
    bench.sim("station_comes", 1, b"")
    assert in_it(bench, (mac(1), "192.168.0.2"))  # there is nobody else
    bench.sim("station_comes", 2, b"")
    bench.sim("station_comes", 3, b"")
    bench.rest(500)
    assert bench.radio.stations() == [(mac(1), "192.168.0.2"), (mac(2), None), (mac(3), None)]


def under_way(bench):
    """A Task that starts a network, and waits for a radio that is slow."""
    bench.radio.get("nv_model")
    bench.sim("slow_radio", 3000)
    task = Task(bench.radio.channel, start(bench.radio, "mine", KEY, 6, 20))
    bench.until(lambda: task.poll() or bench.radio.ap is not None)
    bench.rest(100)
    assert not task.poll()
    return task


# what goes wrong ---------------------------------------------------------------------------------
def test_a_module_that_makes_an_open_network_in_spite_of_a_password_is_an_error(bench):
    bench.sim("opens_its_network")
    e = bench.raises(SPWF04Error, bench.radio.start_ap, "mine", KEY)
    assert e.remedy == "factory_settings"
    assert "open" in str(e)
    assert bench.sim("made_network") == []
    assert bench.radio.ap is None
    bench.join()


def test_a_module_that_is_asked_for_nothing_else_than_an_open_one_makes_it(bench):
    bench.sim("opens_its_network")
    bench.radio.start_ap("mine")
    assert bench.sim("made_network") == [b"mine", b""]


def test_a_network_that_does_not_start_is_an_error(bench):
    bench.sim("lose_indication", 24, 1)
    e = bench.raises(SPWF04Error, bench.radio.start_ap, "mine", KEY, timeout=2)
    assert "within 2 s" in str(e)
    assert bench.sim("made_network") == []
    started(bench)


def test_memory_that_the_firmware_has_lost_is_an_error_that_a_reset_mends(bench):
    bench.sim("lose_memory", 1000000)
    e = bench.raises(SPWF04Error, bench.radio.start_ap, "mine", KEY)
    assert (e.code, e.remedy) == (91, "reset")
    bench.radio.reset()
    started(bench)


def test_a_restart_in_the_middle_is_an_error_and_ends_it_later(bench):
    task = under_way(bench)
    bench.sim("restart", "watchdog")
    e = bench.raises(SPWF04Error, bench.radio.channel.wait, task.poll, 30000)
    assert "restart" in str(e)
    assert bench.radio.ap is None
    radio = started(bench)
    bench.sim("restart", "watchdog")
    assert bench.until(lambda: bench.poll() or radio.ap is None)
    assert radio.stations() == []
    bench.join()


def test_an_unplugged_module_is_an_error_and_works_later(bench):
    bench.radio.get("nv_model")
    bench.sim("unplug")
    bench.raises(LinkLost, bench.radio.start_ap, "mine", KEY)
    bench.sim("replug")
    bench.radio.reset()
    started(bench)
    assert bench.sim("made_network") == [b"mine", KEY]


def test_steps_that_are_given_up_leave_no_network_that_counts(bench):
    under_way(bench).close()
    assert bench.radio.ap is None
    bench.rest(4000)
    bench.radio.stop_ap()
    assert bench.sim("made_network") == []
    bench.join()


def test_arguments_are_checked_before_a_byte_is_sent(bench):
    before = bench.sim("bytes_in")
    start = bench.radio.start_ap
    for bad in ("", "n" * 33, "a\rAT+S.RESET", "a\nb", "a\0b", ",|;~^!\t"):
        bench.raises(ValueError, start, bad, KEY)
    for bad in ("short", "p" * 64, "p" * 65, "12345678\rAT", "12345678\0", "12345678\n"):
        bench.raises(ValueError, start, "mine", bad)
    for bad in (0, 14, -1):
        bench.raises(ValueError, start, "mine", KEY, bad)
    bench.raises(ValueError, start, "mine", KEY, timeout=-1)
    for bad in (None, 5, ["mine"]):
        bench.raises(TypeError, start, bad, KEY)
    bench.raises(TypeError, start, "mine", 12345678)
    bench.raises(TypeError, start, "mine", KEY, "6")
    assert bench.sim("bytes_in") == before


# network.WLAN ------------------------------------------------------------------------------------
def test_network_wlan_ap_if(bench):
    network = NetworkModule(bench.radio)
    ap = network.WLAN(network.AP_IF)
    assert not ap.active()
    ap.config(ssid="mine", key=KEY, channel=11, security=network.AUTH_WPA_WPA2_PSK)
    assert bench.sim("made_network") == []
    assert ap.active(True)
    assert bench.sim("made_network") == [b"mine", KEY]
    assert (ap.config("ssid"), ap.config("channel")) == ("mine", 11)
    assert ap.config("mac") == bench.radio.mac_address
    assert ap.ifconfig()[0] == ADDRESS
    assert ap.status() == network.STAT_GOT_IP
    assert not ap.isconnected()
    bench.sim("station_comes", 1, KEY)
    assert bench.until(lambda: ap.status("stations") == [(mac(1), "192.168.0.2")])
    assert ap.isconnected()
    assert ap.active(True)  # it goes on
    assert ap.isconnected()
    assert not ap.active(False)
    assert bench.sim("made_network") == []
    assert ap.status() == network.STAT_IDLE


def test_network_wlan_starts_when_it_has_a_name(bench):
    """As on an ESP32: active(True) first."""
    ap = NetworkModule(bench.radio).WLAN(1)
    assert not ap.active(True)
    ap.config(essid="mine", password=KEY, authmode=3)
    assert bench.sim("made_network") == [b"mine", KEY]
    ap.config(key="other horse")
    assert bench.sim("made_network") == [b"mine", b"other horse"]


def test_network_wlan_never_opens_what_was_to_be_closed(bench):
    ap = NetworkModule(bench.radio).WLAN(1)
    ap.config(ssid="mine", security=3)
    bench.raises(ValueError, ap.active, True)
    ap.config(key=KEY)
    for wrong in ({"security": 0}, {"security": 1}, {"key": "short"}, {"channel": 0}, {"no": 1}):
        bench.raises(ValueError, ap.config, **wrong)
    assert bench.sim("made_network") in ([], [b"mine", KEY])


def test_network_wlan_is_one_of_both_and_says_so(bench):
    network = NetworkModule(bench.radio)
    ap, station = network.WLAN(network.AP_IF), network.WLAN(network.STA_IF)
    ap.config(ssid="mine", key=KEY)
    ap.active(True)
    assert not station.isconnected()
    e = bench.raises(SPWF04Error, station.connect, bench.ssid, bench.password)
    assert "active(False)" in e.hint
    ap.active(False)
    station.connect(bench.ssid, bench.password)
    assert bench.until(station.isconnected)
    bench.raises(SPWF04Error, ap.active, True)
    assert station.isconnected()
    station.disconnect()
    assert ap.active(True)


# wifi.Radio --------------------------------------------------------------------------------------
def test_wifi_radio(bench):
    radio = bench.another_radio(kind=Radio)
    assert not radio.ap_active
    assert (radio.ipv4_address_ap, radio.ipv4_gateway_ap, radio.ipv4_subnet_ap) == (None,) * 3
    radio.set_ipv4_address_ap(ipv4="10.0.0.1", netmask="255.255.255.0", gateway="10.0.0.1")
    radio.start_ap("mine", KEY, channel=11, max_connections=1)
    assert bench.sim("made_network") == [b"mine", KEY]
    assert radio.ap_active
    assert (radio.ipv4_address_ap, radio.ipv4_gateway_ap) == ("10.0.0.1", "10.0.0.1")
    assert radio.ipv4_subnet_ap == "255.255.255.0"
    assert (radio.connected, radio.ipv4_address, radio.ap_info) == (False, None, None)
    assert radio.mac_address_ap == radio.mac_address
    server = SocketPool(radio).socket()
    server.bind((radio.ipv4_address_ap, 8080))  # as adafruit_httpserver does
    server.close()
    assert radio.stations_ap == []
    bench.sim("station_comes", 1, KEY)
    bench.sim("station_comes", 2, KEY)
    radio.channel.wait(lambda: bool(radio.channel.poll()) and False, 500)
    first, second = radio.stations_ap
    assert (first.mac_address, first.rssi, first.ipv4_address) == (mac(1), -50, "10.0.0.2")
    assert (second.mac_address, second.ipv4_address) == (mac(2), None)  # max_connections
    e = bench.raises(SPWF04Error, radio.connect, bench.ssid, bench.password)
    assert "stop_ap()" in e.hint
    radio.stop_ap()
    assert not radio.ap_active
    radio.connect(bench.ssid, bench.password)
    bench.raises(SPWF04Error, radio.start_ap, "mine", KEY)
    assert radio.connected
    bench.raises(ValueError, radio.start_ap, "mine", authmode=(3,))
    bench.raises(ValueError, radio.start_ap, "mine", KEY, max_connections=0)


def test_wifi_radio_can_give_no_addresses(bench):
    radio = bench.another_radio(kind=Radio)
    radio.stop_dhcp_ap()
    radio.start_ap("mine", KEY)
    bench.sim("station_comes", 1, KEY)
    radio.channel.wait(lambda: bool(radio.channel.poll()) and False, 500)
    assert [s.ipv4_address for s in radio.stations_ap] == [None]
    radio.stop_ap()
    radio.start_dhcp_ap()
    radio.start_ap("mine", KEY)
    bench.sim("station_comes", 1, KEY)
    radio.channel.wait(lambda: bool(radio.channel.poll()) and False, 500)
    assert [s.ipv4_address for s in radio.stations_ap] == ["192.168.0.2"]
