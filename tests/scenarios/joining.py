"""Joining by WPS and by login, addresses of every kind, and random numbers."""

from spwf04 import JoinError, ModuleError, SPWF04Error
from spwf04.at.task import Task
from spwf04.commands import addresses
from spwf04.supervise import Supervisor

PIN = "12345670"
LOGIN = {"identity": "alice", "password": "wonder,land"}


def also(arguments, **more):
    """Arguments, and others in their place or beside them."""
    together = dict(arguments)
    together.update(more)
    return together


# WPS -----------------------------------------------------------------------------------------
def test_the_button_of_an_access_point_gives_name_and_password(bench):
    bench.sim("press_button", b"a,b|c")
    bench.radio.connect(wps=True)
    assert bench.radio.isconnected()
    assert bench.radio.ssid == b"a,b|c"
    assert bench.radio.config("ssid") == "a,b|c"


def test_by_wps_an_open_network_is_joined_too(bench):
    bench.sim("press_button", b"open")
    bench.radio.connect(wps=True)
    assert bench.radio.ssid == b"open"


def test_the_pin_of_the_module_lets_it_in(bench):
    bench.sim("set_network", b"home", "wps_pin", PIN)
    for pin in (PIN, PIN.encode(), bytearray(PIN.encode())):
        bench.radio.disconnect()
        bench.radio.connect(wps=pin)
        assert bench.radio.ssid == b"home"
        assert bench.radio.isconnected()


def test_wps_leaves_a_network_that_was_joined(bench):
    bench.radio.connect("open")
    bench.sim("press_button", b"home")
    bench.radio.connect(wps=True)
    assert bench.radio.ssid == b"home"
    bench.radio.connect("open")
    assert bench.radio.config("ssid") == "open"


def test_without_a_name_the_network_of_wps_is_joined_again(bench):
    bench.sim("press_button", b"home")
    bench.radio.connect(wps=True)
    bench.radio.disconnect()
    bench.radio.connect()
    assert bench.radio.isconnected()
    assert bench.radio.ssid == b"home"


def test_if_nobody_presses_a_button_the_error_says_so(bench):
    bench.sim("usual", "address")  # nobody knows who presses a button in another world
    e, ms = bench.spent(lambda: bench.radio.connect(wps=True))
    assert isinstance(e, JoinError)
    assert e.reason == JoinError.WPS
    assert e.remedy == "press_button"
    assert 100000 < ms < 140000
    bench.join()  # the module no longer looks for a button


def test_if_two_buttons_are_pressed_nobody_is_let_in(bench):
    bench.sim("press_button", b"home")
    bench.sim("press_button", b"open")
    e = bench.raises(JoinError, bench.radio.connect, wps=True)
    assert e.reason == JoinError.WPS
    assert "two" in e.hint


def test_a_shorter_timeout_ends_wps(bench):
    bench.sim("usual", "address")  # nobody knows who presses a button in another world
    e, ms = bench.spent(lambda: bench.radio.connect(wps=PIN, timeout=20))
    assert isinstance(e, JoinError)
    assert e.reason == JoinError.WPS
    assert e.remedy == "enter_pin"
    assert PIN not in str(e)
    assert ms < 30000


def test_wps_with_an_access_point_that_gives_no_address(bench):
    bench.sim("press_button", b"nolease")
    e = bench.raises(JoinError, bench.radio.connect, wps=True)
    assert e.reason == JoinError.NO_LEASE


def test_wps_without_waiting(bench):
    bench.sim("press_button", b"home")
    bench.radio.connect(wps=True, timeout=0)
    assert bench.until(bench.radio.isconnected)


def test_a_module_that_does_not_take_the_pin_says_so(bench):
    bench.sim("refuse", "WPS", 39, 1)
    e = bench.raises(JoinError, bench.radio.connect, wps=PIN)
    assert e.reason == JoinError.WPS
    assert e.code == 39
    assert PIN not in str(e)


def test_a_firmware_without_wps_says_so(bench):
    bench.sim("refuse", "WPS", 1, 1)
    assert bench.raises(ModuleError, bench.radio.connect, wps=True).code == 1
    bench.join()


def test_a_radio_that_is_busy_is_asked_for_wps_again(bench):
    bench.sim("press_button", b"home")
    bench.sim("refuse", "WPS", 42, 3)
    bench.radio.connect(wps=True)
    assert bench.radio.ssid == b"home"


def test_a_pin_that_is_none_is_refused_before_a_byte_is_sent(bench):
    before = bench.sim("bytes_in")
    for pin in ("1234567", "123456700", "12345671", "1234567x", "", "12345\r70", "1234,670"):
        e = bench.raises(ValueError, bench.radio.connect, wps=pin)
        assert not pin or pin not in str(e)
    for pin in (12345670, 1, 0, 1.5, [], object()):
        bench.raises(TypeError, bench.radio.connect, wps=pin)
    bench.raises(ValueError, bench.radio.connect, "home", wps=True)
    bench.raises(ValueError, bench.radio.connect, None, "correct horse", wps=True)
    bench.raises(ValueError, bench.radio.connect, wps=True, key="correct horse")
    bench.raises(ValueError, bench.radio.connect, wps=True, identity="alice")
    assert bench.sim("bytes_in") == before


def test_wps_is_none_when_it_is_false(bench):
    bench.radio.connect(bench.ssid, bench.password, wps=False)
    assert bench.radio.isconnected()


# WPA-Enterprise ------------------------------------------------------------------------------
def company(bench):
    bench.sim("add_company", b"company")
    bench.radio.set_time(bench.sim("now"))
    return bench.sim("ca_pem")


def test_a_user_joins_by_name_and_password(bench):
    ca = company(bench)
    bench.radio.connect("company", ca=ca, **LOGIN)
    assert bench.radio.isconnected()
    assert bench.sim("logins") == ["ca"]
    for name, value in (
        ("wifi_priv_mode", "3"),
        ("wifi_eap_type", "4"),
        ("wifi_eap_identity", "alice"),
        ("wifi_eap_anon_identity", "anonymous"),
    ):
        assert bench.sim("setting", name) == value


def test_each_kind_of_login_has_its_number(bench):
    ca = company(bench)
    for n, eap in enumerate(("ttls-md5", "ttls-mschap", "peap-md5", "PEAP-MSCHAP")):
        bench.radio.connect("company", eap=eap, ca=ca, **LOGIN)
        assert bench.radio.isconnected()
        assert bench.sim("setting", "wifi_eap_type") == str(n + 1)


def test_what_is_told_in_clear_has_the_realm_of_the_identity(bench):
    ca = company(bench)
    for anonymous, told in ((None, "anonymous@example.com"), ("guest", "guest")):
        bench.radio.connect(
            "company",
            "wonder,land",
            identity="alice@example.com",
            anonymous=anonymous,
            ca=ca,
        )
        assert bench.sim("setting", "wifi_eap_anon_identity") == told
        assert bench.radio.isconnected()


def test_a_certificate_of_its_own_lets_the_module_in(bench):
    ca = company(bench)
    cert, key = bench.sim("client_files")
    bench.radio.connect("company", identity="module", ca=ca, cert=cert, key=key)
    assert bench.radio.isconnected()
    assert bench.sim("logins") == ["ca", "cert", "key"]
    assert bench.sim("setting", "wifi_eap_type") == "0"
    bench.radio.connect("company", ca=ca, **LOGIN)
    assert bench.sim("logins") == ["ca"]  # a key that is no longer needed is removed


def keeps_notes(bench):
    """Whether files of the user flash stay where they are written."""
    return bench.sim("quirk", "user_flash") == "written"


def test_what_is_in_the_modules_flash_is_not_written_again(bench):
    ca = company(bench)
    cert, key = bench.sim("client_files")
    login = {"identity": "module", "ca": ca, "cert": cert, "key": key}
    bench.radio.connect("company", **login)
    before = bench.sim("login_writes")
    bench.radio.disconnect()
    bench.radio.connect("company", **login)
    assert bench.sim("login_writes") == before
    if not keeps_notes(bench):
        return  # another run of the program has to write them again
    bench.radio.reset()
    bench.radio.set_time(bench.sim("now"))
    bench.radio.connect("company", **login)
    another = bench.another_radio()
    another.connect("company", **login)
    assert another.isconnected()
    assert bench.sim("login_writes") == before
    another.connect("company", **also(login, ca=bench.sim("ca_der")))  # the same one
    assert bench.sim("login_writes") == before


def test_a_note_of_what_was_written_that_is_too_long_hinders_nobody(bench):
    """A digit of its length was doubled on the line: so many bytes are there."""
    ca = company(bench)
    if not keeps_notes(bench):
        return
    bench.radio.files.put("1:/spwf04.eap", b"0" * 66 + b"\n" * 600)
    bench.radio.connect("company", ca=ca, **LOGIN)
    assert bench.radio.isconnected()


def test_the_same_login_again_sends_nothing(bench):
    ca = company(bench)
    bench.radio.connect("company", ca=ca, **LOGIN)
    before = bench.sim("commands")
    bench.radio.connect("company", ca=ca, **LOGIN)
    assert bench.sim("commands") == before


def test_a_login_that_is_refused_says_so(bench):
    ca = company(bench)
    cert, key = bench.sim("client_files")
    own = {"cert": bench.sim("server_files")[0], "key": bench.sim("server_files")[1]}
    for login in (
        {"identity": "alice", "password": "looking glass"},
        {"identity": "bob", "password": "wonder,land"},
        also(LOGIN, ca=bench.sim("other_ca_pem")),
        also(own, identity="alice"),
    ):
        e = bench.raises(JoinError, bench.radio.connect, "company", **also({"ca": ca}, **login))
        assert e.reason == JoinError.REFUSED
        assert e.remedy == "check_login"
        for secret in ("wonder", "looking", "PRIVATE"):
            assert secret not in str(e)
        assert not bench.radio.isconnected()
    bench.radio.connect("company", identity="alice", ca=ca, cert=cert, key=key)
    assert bench.radio.isconnected()


def test_a_refusal_has_the_certificates_written_again_once(bench):
    ca = company(bench)
    bench.radio.connect("company", ca=ca, **LOGIN)
    assert refused_writes(bench, bench.another_radio(), ca) == [
        not keeps_notes(bench),
        True,
        False,
        False,
    ]


def test_what_a_login_has_written_may_be_damaged_so_it_is_written_again_once(bench):
    ca = company(bench)
    assert refused_writes(bench, bench.radio, ca) == [True, True, False, False]
    bench.radio.connect("company", ca=ca, **LOGIN)
    assert refused_writes(bench, bench.radio, ca) == [False] * 4


def refused_writes(bench, radio, ca):
    """Whether certificates were written, for each of four logins that are refused."""
    writes = []
    for _ in range(4):
        before = bench.sim("login_writes")
        bench.raises(
            JoinError, radio.connect, "company", identity="alice", password="wrong horse", ca=ca
        )
        writes.append(bench.sim("login_writes") > before)
    return writes


def test_a_clock_that_is_not_set_is_named_as_the_cause(bench):
    ca = company(bench)
    bench.sim("unset_clock")
    radio = bench.another_radio()
    if not bench.sim("quirk", "eap_dates"):
        radio.connect("company", ca=ca, **LOGIN)
        return
    e = bench.raises(JoinError, radio.connect, "company", ca=ca, **LOGIN)
    assert e.reason == JoinError.REFUSED
    assert e.remedy == "set_clock"
    radio.set_time(bench.sim("now"))
    radio.connect("company", ca=ca, **LOGIN)
    assert radio.isconnected()


def test_a_kind_of_login_that_the_network_does_not_take_is_refused(bench):
    bench.sim("add_company", b"office", [0, 2])
    bench.radio.set_time(bench.sim("now"))
    ca = bench.sim("ca_pem")
    e = bench.raises(JoinError, bench.radio.connect, "office", ca=ca, **LOGIN)
    assert e.reason == JoinError.REFUSED
    assert "eap=" in str(e)
    bench.radio.connect("office", eap="ttls-mschap", ca=ca, **LOGIN)
    assert bench.radio.isconnected()


def test_a_login_for_a_network_without_users_says_what_that_is(bench):
    ca = company(bench)
    e = bench.raises(JoinError, bench.radio.connect, "open", ca=ca, **LOGIN)
    assert e.reason == JoinError.SECURITY
    e = bench.raises(JoinError, bench.radio.connect, "home", ca=ca, **LOGIN)
    assert e.reason in (JoinError.SECURITY, JoinError.REFUSED, JoinError.NOT_FOUND)
    e = bench.raises(JoinError, bench.radio.connect, "nowhere", ca=ca, **LOGIN)
    assert e.reason == JoinError.NOT_FOUND


def test_a_certificate_that_the_module_has_no_room_for_says_so(bench):
    ca = company(bench)
    bench.sim("refuse_line", b"WPAECERT=ca", 32, 1)
    e = bench.raises(SPWF04Error, bench.radio.connect, "company", ca=ca, **LOGIN)
    assert e.remedy == "smaller_certificate"
    bench.radio.connect("company", ca=ca, **LOGIN)
    assert bench.radio.isconnected()


def test_an_area_that_cannot_be_noted_is_written_once_in_the_drivers_life(bench):
    ca = company(bench)
    bench.sim("refuse_line", b"FSC", 29, 10)
    bench.radio.connect("company", ca=ca, **LOGIN)
    before = bench.sim("login_writes")
    bench.radio.disconnect()
    bench.radio.connect("company", ca=ca, **LOGIN)
    assert bench.sim("login_writes") == before


def test_what_a_login_leaves_can_be_removed(bench):
    ca = company(bench)
    cert, key = bench.sim("client_files")
    bench.radio.connect("company", identity="alice", ca=ca, cert=cert, key=key)
    bench.radio.forget_enterprise()
    assert bench.sim("logins") == []
    assert bench.sim("files") == [] or not keeps_notes(bench)
    bench.radio.connect("company", ca=ca, **LOGIN)
    assert bench.radio.isconnected()
    bench.radio.forget_enterprise()
    assert "wonder" not in bench.sim("setting", "wifi_eap_passwd")


def test_a_login_that_is_incomplete_is_refused_before_a_byte_is_sent(bench):
    ca, leaf = bench.sim("ca_pem"), bench.sim("leaf_pem")
    cert, key = bench.sim("client_files")
    own = {"identity": "alice", "ca": ca, "cert": cert, "key": key}
    before = bench.sim("bytes_in")
    e = bench.raises(ValueError, bench.radio.connect, "company", **LOGIN)
    assert "verification" in str(e)
    for login in (
        {"ca": ca},
        {"ca": ca, "password": "wonder,land"},
        {"identity": "alice", "ca": ca},
        {"identity": "", "password": "wonder,land", "ca": ca},
        {"identity": "alice", "password": "", "ca": ca},
        also(LOGIN, ca=leaf),
        also(LOGIN, ca=b"rubbish"),
        also(LOGIN, ca=ca, eap="fast"),
        also(LOGIN, ca=ca, eap="tls"),
        also(LOGIN, ca=ca, cert=cert),
        also(LOGIN, ca=ca, key=key),
        also(LOGIN, ca=ca, identity="ali\rce"),
        also(LOGIN, ca=ca, anonymous="a\nb"),
        also(LOGIN, ca=ca, password="won\0der"),
        also(LOGIN, ca=ca, identity="a" * 201),
        also(own, key=bench.sim("server_files")[1]),
        also(own, eap="peap-md5"),
        also(own, password="wonder,land"),
        {"identity": "alice", "ca": ca, "eap": "tls"},
    ):
        e = bench.raises(ValueError, bench.radio.connect, "company", **login)
        assert "wonder" not in str(e)
    bench.raises(ValueError, bench.radio.connect, None, ca=ca, **LOGIN)
    bench.raises(ValueError, bench.radio.connect, "n" * 33, ca=ca, **LOGIN)
    for login in ({"identity": 5}, {"eap": 4}, {"ca": 5}, {"password": 5}, {"colour": "red"}):
        bench.raises(
            TypeError, bench.radio.connect, "company", **also(also(LOGIN, ca=ca), **login)
        )
    assert bench.sim("bytes_in") == before


def test_key_is_the_password_where_nobody_has_a_name(bench):
    bench.radio.connect(bench.ssid, key=bench.password)
    assert bench.radio.isconnected()


# both, in the background ---------------------------------------------------------------------
def keep(bench, keeper):
    assert bench.until(lambda: keeper.poll() == "up")


def test_a_supervisor_joins_by_wps_once_and_then_the_network_that_it_got(bench):
    bench.sim("press_button", b"home")
    keeper = Supervisor(bench.radio, wps=True)
    keep(bench, keeper)
    bench.sim("drop_link")
    assert bench.until(lambda: keeper.poll() != "up")
    keep(bench, keeper)
    assert keeper.joins == 2
    assert bench.radio.ssid == b"home"


def test_a_supervisor_joins_by_login(bench):
    ca = company(bench)
    keeper = Supervisor(bench.radio, "company", ca=ca, **LOGIN)
    keep(bench, keeper)
    bench.raises(ValueError, Supervisor, bench.radio, "company", **LOGIN)
    bench.raises(ValueError, Supervisor, bench.radio, "home", wps=True)


def test_a_supervisor_sets_the_clock_before_it_logs_in(bench):
    ca = company(bench)
    keeper = Supervisor(
        bench.radio, "company", ca=ca, pause=0.1, time=lambda: bench.sim("now"), **LOGIN
    )
    keep(bench, keeper)
    bench.sim("restart", "power")
    bench.sim("unset_clock")
    assert bench.until(lambda: keeper.poll() != "up")
    keep(bench, keeper)
    assert (keeper.joins, keeper.restarts) == (2, 1)


def test_the_steps_of_joining_leave_room_for_other_work(bench):
    bench.sim("press_button", b"home")
    task = Task(bench.radio.channel, bench.radio.joining(wps=True))
    polls = 0
    while not task.poll():
        polls += 1
        bench.rest(2)
    assert polls > 10
    assert bench.radio.ssid == b"home"


# addresses -----------------------------------------------------------------------------------
def test_an_address_that_the_module_shall_choose_itself(bench):
    bench.radio.ifconfig("auto")
    bench.join()
    assert bench.radio.ipv4_address.startswith("169.254.")
    assert bench.radio.config("dhcp") == "auto"
    bench.radio.ifconfig("dhcp")
    assert bench.radio.config("dhcp") == "auto"  # until it joins again
    bench.radio.disconnect()
    bench.join()
    assert bench.radio.config("dhcp") == "dhcp"
    assert bench.radio.ipv4_address == bench.sim("usual", "address")


def test_addresses_of_ones_own_and_back(bench):
    gateway = bench.sim("usual", "gateway")
    bench.radio.ifconfig(["192.168.1.77", "255.255.255.0", gateway, "9.9.9.9"])
    assert bench.radio.config("dhcp") == "static"
    bench.join()
    assert bench.radio.ifconfig() == ("192.168.1.77", "255.255.255.0", gateway, "9.9.9.9")
    bench.radio.ifconfig("dhcp")
    bench.radio.disconnect()
    bench.join()
    assert bench.radio.ipv4_address == bench.sim("usual", "address")


def test_ipv6_addresses_are_shown_while_joined(bench):
    own = bench.sim("usual", "ipv6")
    assert bench.radio.ipv6_addresses() == []
    bench.join()
    assert bench.radio.ipv6_addresses() == [own]
    bench.radio.disconnect()
    assert bench.radio.ipv6_addresses() == []
    bench.radio.set("ip_local", "2001:DB8:0:0:1:0:0:1/64")
    bench.join()
    assert bench.radio.ipv6_addresses() == [own, "2001:db8::1:0:0:1"]
    bench.radio.disconnect()
    bench.radio.set("ip_use_v6", 0)
    bench.join()
    assert bench.radio.ipv6_addresses() == []


def test_a_firmware_without_these_variables_has_no_ipv6_addresses_to_show(bench):
    bench.join()
    bench.sim("refuse_line", b"STS=ip_l", 4, 2)
    assert bench.radio.ipv6_addresses() == []
    bench.sim("refuse_line", b"GCFG=ip_use_v6", 4, 1)
    assert bench.radio.ipv6_addresses() == [bench.sim("usual", "ipv6")]


def test_an_address_is_shown_in_its_shortest_form(bench):
    for told, shortest in (
        ("fe80:0:0:0:280:e1ff:febd:39", "fe80::280:e1ff:febd:39"),
        ("FE80:0000:0000:0000:0280:E1FF:FEBD:0039%0", "fe80::280:e1ff:febd:39"),
        ("[2001:db8:0:1:0:0:0:1]/64", "2001:db8:0:1::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
        ("1:0:3:4:5:6:7:0", "1:0:3:4:5:6:7:0"),
        ("0:0:0:0:0:0:0:0", "::"),
        ("::", "::"),
        ("fe80::", "fe80::"),
        ("", ""),
        ("none", ""),
        ("1:2:3", ""),
        ("1:2:3:4:5:6:7:8:9", ""),
        ("1::2::3", ""),
        ("1:2:3:4:5:6:7:10000", ""),
        ("1:2:3:4:5:6:7:", ""),
        ("0.0.0.0", ""),
    ):
        assert addresses.shortest(told) == shortest


def test_region_and_country(bench):
    assert bench.radio.config("region") == bench.sim("usual", "region")
    bench.radio.config(region=2, hostname="kitchen")
    assert bench.radio.config("region") == 2
    assert bench.radio.hostname == "kitchen"
    assert isinstance(bench.radio.config("country"), str)
    before = bench.sim("bytes_in")
    assert "region" in str(bench.raises(ValueError, bench.radio.config, country="DE"))
    for region in (-1, 256):
        bench.raises(ValueError, bench.radio.config, region=region)
    bench.raises(TypeError, bench.radio.config, region="1")
    for hostname in ("", "a b", "a.b", "-a", "a-", "a,b", "n" * 64, "k\xfcche", "a_b"):
        bench.raises(ValueError, bench.radio.config, hostname=hostname)
    bench.raises(ValueError, bench.radio.config, region=1, hostname="a b")
    assert bench.sim("bytes_in") == before


# the names of MicroPython's network ----------------------------------------------------------
def test_ipconfig_as_micropython_has_it(bench):
    from spwf04.compat.network import NetworkModule

    network = NetworkModule(bench.radio)
    wlan = network.WLAN(network.STA_IF)
    gateway, address = bench.sim("usual", "gateway"), bench.sim("usual", "address")
    assert wlan.ipconfig("dhcp4") is True
    assert wlan.ipconfig("has_dhcp4") is False
    bench.join()
    assert wlan.ipconfig("has_dhcp4") is True
    assert wlan.ipconfig("addr4") == (address, "255.255.255.0")
    assert wlan.ipconfig("gw4") == gateway
    assert wlan.ipconfig("addr6") == [(bench.sim("usual", "ipv6"), 1, 0, 0)]
    assert network.ipconfig("dns") == gateway
    wlan.disconnect()
    wlan.ipconfig(addr4="10.0.0.7/8", gw4="10.0.0.1")
    network.ipconfig(dns="10.0.0.53", prefer=4)
    bench.join()
    assert wlan.ifconfig() == ("10.0.0.7", "255.0.0.0", "10.0.0.1", "10.0.0.53")
    assert wlan.ipconfig("dhcp4") is False
    wlan.ipconfig(addr4=("10.0.0.8", "255.0.0.0"))
    wlan.ipconfig(dhcp4=True)
    assert wlan.ipconfig("dhcp4") is True
    network.hostname("kitchen")
    assert network.hostname() == "kitchen"
    assert isinstance(network.country(), str)
    bench.raises(ValueError, network.country, "DE")
    for bad in (("colour",), (1,), ("addr4", "gw4"), ()):
        bench.raises((TypeError, ValueError), wlan.ipconfig, *bad)
    for bad in (
        {"addr4": "10.0.0.7"},
        {"addr4": "10.0.0.7/33"},
        {"addr4": 5},
        {"dhcp4": True, "gw4": "10.0.0.1"},
        {"colour": 1},
    ):
        bench.raises((TypeError, ValueError), wlan.ipconfig, **bad)
    bench.raises(ValueError, network.ipconfig, prefer=6)
    bench.raises(ValueError, network.ipconfig, "colour")


def test_wlan_joins_by_wps_and_by_login(bench):
    from spwf04.compat.network import NetworkModule

    network = NetworkModule(bench.radio)
    wlan = network.WLAN()
    wlan.connect(wps=True)
    bench.rest(9000)
    assert wlan.status() == network.STAT_CONNECTING
    for _ in range(12):
        bench.rest(10000)
    assert wlan.status() == network.STAT_CONNECT_FAIL
    wlan.connect(wps=True)
    bench.sim("press_button", b"home")
    assert bench.until(wlan.isconnected)
    assert wlan.status() == network.STAT_GOT_IP
    ca = company(bench)
    wlan.connect("company", ca=ca, **LOGIN)
    assert bench.until(wlan.isconnected)


# random numbers ------------------------------------------------------------------------------
def test_random_numbers_for_seeding(bench):
    found = set()
    for n in (1, 2, 31, 32, 33, 64, 256):
        data = bench.radio.random(n)
        assert isinstance(data, bytes)
        assert len(data) == n
        found.add(data)
    assert len(found) == 7
    assert len(set(bench.radio.random(256))) > 100


def test_a_module_without_the_variable_is_asked_by_the_command(bench):
    bench.sim("refuse_line", b"STS=random", 4, 99)
    assert bench.radio.random(8) != bench.radio.random(8)


def test_a_module_that_repeats_itself_is_no_source_of_chance(bench):
    bench.sim("stuck_random")
    e = bench.raises(SPWF04Error, bench.radio.random, 8)
    assert e.remedy == "other_chance"


def test_a_wrong_number_of_bytes_is_refused_before_a_byte_is_sent(bench):
    before = bench.sim("bytes_in")
    for n in (0, -1, 257):
        bench.raises(ValueError, bench.radio.random, n)
    for n in (None, "8", 1.5):
        bench.raises(TypeError, bench.radio.random, n)
    assert bench.sim("bytes_in") == before
