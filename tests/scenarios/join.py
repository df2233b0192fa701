"""Joining a network, and each way in which it fails."""

from spwf04 import JoinError


def test_connect_joins_and_returns_with_an_address(bench):
    bench.radio.connect("home", "correct horse")
    assert bench.radio.isconnected()
    assert bench.radio.isconnected()
    assert bench.radio.ipv4_address == "192.168.1.23"


def test_ifconfig_tells_the_addresses(bench):
    bench.join()
    assert bench.radio.ifconfig()[:3] == ("192.168.1.23", "255.255.255.0", "192.168.1.1")


def test_an_open_network_needs_no_password(bench):
    bench.radio.connect("open")
    assert bench.radio.isconnected()


def test_a_network_name_and_password_with_commas(bench):
    bench.radio.connect("a,b|c", "pass,word;1")
    assert bench.radio.isconnected()
    assert bench.radio.get("console_delimiter") in ("0x2C", ",")


def test_joining_the_same_network_again_sends_nothing(bench):
    bench.join()
    before = bench.sim("commands")
    bench.join()
    assert bench.sim("commands") == before


def test_another_network_can_be_joined(bench):
    bench.join()
    bench.radio.connect("open")
    assert bench.radio.config("ssid") == "open"
    assert bench.radio.isconnected()


def test_a_wrong_password_says_so(bench):
    e = bench.raises(JoinError, bench.radio.connect, "home", "wrong horse")
    assert e.reason == JoinError.REFUSED
    assert "password" in str(e)
    assert "horse" not in str(e)
    assert not bench.radio.isconnected()


def test_an_unknown_network_says_so(bench):
    e = bench.raises(JoinError, bench.radio.connect, "nowhere", "correct horse")
    assert e.reason == JoinError.NOT_FOUND
    assert "nowhere" in str(e)


def test_without_a_name_the_stored_network_is_meant(bench):
    e = bench.raises(JoinError, bench.radio.connect)
    assert e.reason == JoinError.NOT_FOUND
    assert "the network that the module has stored" in str(e)


def test_no_lease_says_so(bench):
    e = bench.raises(JoinError, bench.radio.connect, "nolease", "correct horse")
    assert e.reason == JoinError.NO_LEASE
    assert "DHCP" in str(e)


def test_after_a_failed_join_another_works(bench):
    bench.raises(JoinError, bench.radio.connect, "home", "wrong horse")
    bench.join()
    assert bench.radio.isconnected()


def test_connect_without_waiting(bench):
    bench.radio.connect("home", "correct horse", timeout=0)
    for _ in range(100000):
        if bench.radio.isconnected():
            break
        bench.radio.channel.step()
    assert bench.radio.isconnected()


def test_disconnect(bench):
    bench.join()
    bench.radio.disconnect()
    assert not bench.radio.isconnected()
    assert bench.radio.ipv4_address is None


def test_a_lost_network_is_noticed_and_its_return(bench):
    bench.join()
    bench.sim("drop_link")
    assert bench.until(lambda: not bench.radio.isconnected())
    assert bench.until(bench.radio.isconnected)


def test_a_fixed_address(bench):
    bench.radio.ifconfig(("192.168.1.77", "255.255.255.0", "192.168.1.1", "192.168.1.1"))
    bench.join()
    assert bench.radio.ipv4_address == "192.168.1.77"


def test_scan_lists_the_networks(bench):
    found = {}
    for ssid, bssid, channel, rssi, security, _hidden in bench.radio.scan():
        assert len(bssid) == 6
        found[ssid] = (channel, rssi, security)
    assert found[b"home"] == (6, -47, 3)
    assert found[b"open"][2] == 0
    assert b"a,b|c" in found
    assert b"it's" in found


def test_signal_strength(bench):
    bench.join()
    assert bench.radio.rssi == -47
    assert bench.radio.status("rssi") == -47


def test_hostname(bench):
    bench.radio.config(hostname="kitchen")
    assert bench.radio.config("hostname") == "kitchen"
    assert bench.radio.hostname == "kitchen"


def test_the_clock_can_be_set_and_read(bench):
    assert not bench.radio.time_is_set()
    bench.radio.set_time(1790000000)
    assert 0 <= bench.radio.time() - 1790000000 < 10
    assert bench.radio.time_is_set()


def test_names_that_would_be_commands_are_refused_before_a_byte_is_sent(bench):
    before = bench.sim("bytes_in")
    for ssid, password in (
        ("home\rAT+S.FCFG", "correct horse"),
        ("ho\nme", "correct horse"),
        ("ho\0me", "correct horse"),
        ("home", "correct\rhorse"),
        ("home", "short"),
        ("home", "x" * 65),
        ("", "correct horse"),
        ("n" * 33, "correct horse"),
    ):
        e = bench.raises(ValueError, bench.radio.connect, ssid, password)
        assert "horse" not in str(e)
    assert bench.sim("bytes_in") == before
