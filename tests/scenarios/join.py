"""Joining a network, and each way in which it fails."""

from spwf04 import JoinError


def test_connect_joins_and_returns_with_an_address(bench):
    bench.radio.connect(bench.ssid, bench.password)
    assert bench.radio.isconnected()
    assert bench.radio.isconnected()
    assert bench.radio.ipv4_address != "0.0.0.0"


def test_ifconfig_tells_the_addresses(bench):
    bench.join()
    address, gateway = bench.sim("usual", "address"), bench.sim("usual", "gateway")
    assert bench.radio.ipv4_address == address
    assert bench.radio.ifconfig() == (address, "255.255.255.0", gateway, gateway)


def test_ifconfig_tells_the_dns_server_that_dhcp_gave(bench):
    bench.sim("set_network", b"home", "dns", "192.168.1.53")
    bench.join()
    assert bench.radio.ifconfig()[3] == "192.168.1.53"
    bench.radio.disconnect()
    bench.radio.ifconfig(("10.0.0.7", "255.0.0.0", "10.0.0.1", "10.0.0.53"))
    bench.join()
    assert bench.radio.ifconfig() == ("10.0.0.7", "255.0.0.0", "10.0.0.1", "10.0.0.53")
    bench.radio.disconnect()
    bench.radio.ifconfig("dhcp")
    bench.join()
    assert bench.radio.ifconfig()[3] == "192.168.1.53"


def test_an_address_that_the_module_chooses_itself(bench):
    bench.radio.set("ip_use_dhcpc", 2)
    bench.join()
    assert bench.radio.isconnected()
    assert bench.radio.ipv4_address.startswith("169.254.")
    address, netmask, gateway, dns = bench.radio.ifconfig()
    assert address == bench.radio.ipv4_address
    assert (netmask, gateway, dns) == ("255.255.0.0", "0.0.0.0", "0.0.0.0")


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
    e = bench.raises(JoinError, bench.radio.connect, bench.ssid, "wrong horse")
    assert e.reason == JoinError.REFUSED
    assert "password" in str(e)
    assert "horse" not in str(e)
    assert not bench.radio.isconnected()


def test_an_open_network_joined_with_a_password_says_so(bench):
    e = bench.raises(JoinError, bench.radio.connect, "open", "correct horse")
    assert e.reason == JoinError.SECURITY
    assert "open network" in str(e)
    assert "horse" not in str(e)
    assert not bench.radio.isconnected()
    bench.radio.connect("open")
    assert bench.radio.isconnected()


def test_a_closed_network_joined_without_a_password_says_so(bench):
    e = bench.raises(JoinError, bench.radio.connect, bench.ssid)
    assert e.reason == JoinError.SECURITY
    assert "needs a password" in str(e)


def test_a_network_with_wep_says_so(bench):
    bench.sim("add_network", b"old", b"12345", "WEP", -60)
    for password in ("correct horse", None):
        e = bench.raises(JoinError, bench.radio.connect, "old", password)
        assert e.reason == JoinError.SECURITY
        assert "WEP" in str(e)


def test_a_password_that_may_be_a_wep_key_is_told_to_be_one(bench):
    e = bench.raises(ValueError, bench.radio.connect, bench.ssid, "12345")
    assert "WEP" in str(e)
    bench.sim("set_network", b"home", "hidden", True)  # no scan tells its security
    for password, told in (
        ("0123456789", True),
        ("0123456789abcdef0123456789", True),
        ("thirteen_char", True),
        ("correct_10", False),
        ("wrong horse", False),
    ):
        e = bench.raises(JoinError, bench.radio.connect, bench.ssid, password)
        assert e.reason == JoinError.REFUSED
        assert ("WEP" in str(e)) == told
        assert password not in str(e)


def test_a_network_with_wep_is_joined_with_settings_of_ones_own(bench):
    bench.sim("add_network", b"old", b"12345", "WEP", -60)
    for name, value in (
        ("wifi_ssid", "old"),
        ("wifi_priv_mode", 1),
        ("wifi_wep_keys[0]", "3132333435"),
        ("wifi_wep_key_lens", "05"),
    ):
        bench.radio.set(name, value)
    bench.radio.connect()
    assert bench.radio.isconnected()


def test_a_network_for_users_with_a_name_says_that_its_security_is_another(bench):
    bench.sim("add_network", b"company", b"", "WPA2-Enterprise", -60)
    e = bench.raises(JoinError, bench.radio.connect, "company", "correct horse")
    # As long as the module only says that it was refused, nothing tells it from a wrong password
    assert e.reason in (JoinError.SECURITY, JoinError.REFUSED, JoinError.NOT_FOUND)


def test_a_hidden_network_is_joined_by_its_name(bench):
    bench.sim("set_network", b"home", "hidden", True)
    names = [entry[0] for entry in bench.radio.scan() if not entry[5]]
    assert b"home" not in names
    assert b"open" in names
    bench.join()
    assert bench.radio.isconnected()


def test_the_wrong_password_of_a_hidden_network_says_so(bench):
    bench.sim("set_network", b"home", "hidden", True)
    e = bench.raises(JoinError, bench.radio.connect, bench.ssid, "wrong horse")
    assert e.reason == JoinError.REFUSED


def test_a_network_whose_name_is_no_text(bench):
    name = b"b\xe9b\xe9 \x01\x7f'x"
    bench.sim("add_network", name, b"correct horse", "WPA2", -60)
    assert name in [entry[0] for entry in bench.radio.scan()]
    bench.radio.connect(name, "correct horse")
    assert bench.radio.isconnected()
    bench.sim("set_network", name, "password", b"another")
    e = bench.raises(JoinError, bench.radio.connect, name, "wrong horse")
    assert e.reason == JoinError.REFUSED


def test_an_access_point_that_admits_nobody_says_that_it_refuses(bench):
    bench.sim("admit_nobody", b"home")
    e = bench.raises(JoinError, bench.join)
    assert e.reason == JoinError.REFUSED
    assert "filter" in e.hint


def test_an_access_point_that_does_not_answer_says_so(bench):
    bench.sim("set_network", b"home", "mute", True)
    e = bench.raises(JoinError, bench.join)
    assert e.reason == JoinError.TIMEOUT
    assert "does not answer" in str(e)


def test_of_two_access_points_the_stronger_is_joined_and_the_other_when_it_has_gone(bench):
    bench.sim("add_network", b"home", b"correct horse", "WPA2", -40)
    bench.join()
    strong = bench.sim("joined_point")
    bench.sim("switch_off", strong)
    assert bench.until(lambda: not bench.radio.isconnected())
    assert bench.until(bench.radio.isconnected)
    assert bench.sim("joined_point") not in ("", strong)


def test_an_unknown_network_says_so(bench):
    e = bench.raises(JoinError, bench.radio.connect, "nowhere", "correct horse")
    assert e.reason == JoinError.NOT_FOUND
    assert "nowhere" in str(e)


def test_without_a_name_the_stored_network_is_meant(bench):
    bench.sim("usual", "stored")
    e = bench.raises(JoinError, bench.radio.connect)
    assert e.reason == JoinError.NOT_FOUND
    assert "the stored network" in str(e)


def test_no_lease_says_so(bench):
    e = bench.raises(JoinError, bench.radio.connect, "nolease", "correct horse")
    assert e.reason == JoinError.NO_LEASE
    assert "DHCP" in str(e)


def test_after_a_failed_join_another_works(bench):
    bench.raises(JoinError, bench.radio.connect, bench.ssid, "wrong horse")
    bench.join()
    assert bench.radio.isconnected()


def test_connect_without_waiting(bench):
    bench.radio.connect(bench.ssid, bench.password, timeout=0)
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
    gateway = bench.sim("usual", "gateway")
    bench.radio.ifconfig(("192.168.1.77", "255.255.255.0", gateway, gateway))
    bench.join()
    assert bench.radio.ipv4_address == "192.168.1.77"


def test_scan_lists_the_networks(bench):
    signal = bench.sim("usual", "signal")
    found = {}
    for ssid, bssid, channel, rssi, security, _hidden in bench.radio.scan():
        assert len(bssid) == 6
        found[ssid] = (channel, rssi, security)
    assert found[b"home"] == (6, signal, 3)
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
    assert bench.sim("clock_is_new")
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
        ("home", "x" * 64),  # so many must be hex digits
        ("home", "x" * 65),
        ("", "correct horse"),
        ("n" * 33, "correct horse"),
    ):
        e = bench.raises(ValueError, bench.radio.connect, ssid, password)
        assert "horse" not in str(e)
    assert bench.sim("bytes_in") == before
