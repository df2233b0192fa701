"""World files: what they make, and how mistakes in them are reported."""

import datetime
import re
import subprocess
import sys
import time

import pytest

from spwf04 import SPWF04
from spwf04_sim import PtyPort, Quirks, Timing, VirtualClock, World
from spwf04_sim.__main__ import described, parser
from spwf04_sim.worldfile import FileError, load
from tests.shims.micropython import ROOT
from tests.sim import asked

EXAMPLE = ROOT / "examples" / "bench.toml"


@pytest.fixture
def world_file(tmp_path):
    """world_file(text): the WorldFile of a file with this text."""

    def write(text):
        path = tmp_path / "world.toml"
        path.write_text(text)
        return load(path)

    return write


@pytest.fixture
def mistakes(world_file):
    """mistakes(text): the message about a file with this text, without the folder."""

    def look(text):
        with pytest.raises(FileError) as caught:
            world_file(text)
        return [re.sub(r"^.*world\.toml", "world.toml", m) for m in caught.value.mistakes]

    return look


def radio_of(one):
    module = one.build(VirtualClock(), Timing.fast())
    return SPWF04(module.uart(), clock=module.clock), module


# what it makes -------------------------------------------------------------------------------
def test_an_empty_file_has_one_factory_fresh_module(world_file):
    made = world_file("")
    assert [m.name for m in made.modules] == ["module"]
    radio, _ = radio_of(made.modules[0])
    assert radio.get("nv_serial") == "17111984"
    assert made.world.access_points == []


def test_a_network_of_the_file_is_joined(world_file):
    made = world_file('[[access_point]]\nssid = "home"\npassword = "correct horse"\n')
    radio, _ = radio_of(made.modules[0])
    radio.connect("home", "correct horse")
    assert radio.ipv4_address == "192.168.1.23"


def test_an_access_point_has_everything_that_the_file_says(world_file):
    (point,) = world_file(
        '[[access_point]]\nssid = "a"\npassword = "12345678"\nsecurity = "WPA WPA2"\n'
        'bssid = "aa:bb:cc:dd:ee:ff"\nchannel = 11\nrssi = -80\nlease = false\n'
        'gateway = "10.0.0.1"\nnetmask = "255.0.0.0"\ndns = "10.0.0.2"\n'
    ).world.access_points
    assert (point.ssid, point.password, point.security) == (b"a", b"12345678", "WPA WPA2")
    assert (point.bssid, point.channel, point.rssi) == ("AA:BB:CC:DD:EE:FF", 11, -80)
    assert (point.lease, point.gateway, point.dns) == (None, "10.0.0.1", "10.0.0.2")


@pytest.mark.parametrize("target", ["127.0.0.1:8443", 8443, None, ("127.0.0.1",)])
def test_a_route_that_can_lead_nowhere_is_refused_when_it_is_made(target):
    with pytest.raises(
        TypeError, match=r'target is \(host, port\), such as \("127.0.0.1", 8443\)'
    ):
        World().route("www.example.com", 443, target)


def test_routes_lead_where_the_file_says(world_file):
    world = world_file(
        '[hosts]\n"a.example" = "10.1.1.1"\n'
        '[routes]\n"a.example:443" = "127.0.0.1:8443"\n"b.example:80" = 8080\n"c:7" = "echo"\n'
    ).world
    assert world.target("10.1.1.1", 443) == ("127.0.0.1", 8443)
    assert world.target(world.resolve("b.example"), 80) == ("127.0.0.1", 8080)
    assert world.target(world.resolve("c"), 7).__name__ == "EchoPeer"


def test_ntp_gives_this_computers_time_or_that_of_the_file(world_file):
    before = int(time.time())
    assert before <= world_file("ntp = true").world.ntp <= time.time()
    assert world_file("ntp = false").world.ntp is None
    moment = datetime.datetime(2026, 1, 31, 12, tzinfo=datetime.timezone.utc)
    assert world_file("ntp = 2026-01-31T12:00:00Z").world.ntp == moment.timestamp()


def test_serial_numbers_and_addresses_are_counted_up(world_file):
    modules = world_file(
        '[[module]]\nname = "m"\ncount = 3\nserial = "0099"\nmac = "00:80:E1:BD:00:FE"\n'
        "[[module]]\n"
    ).modules
    assert [m.name for m in modules] == ["m-1", "m-2", "m-3", "module-4"]
    assert [m.variables["nv_serial"] for m in modules[:3]] == ["0099", "0100", "0101"]
    radio, _ = radio_of(modules[2])
    assert radio.mac_address.hex() == "0080e1bd0100"
    assert radio.get("ip_hostname") == "iwm-BD-01-00"


def test_firmware_is_a_version_or_a_build(world_file):
    modules = world_file(
        '[[module]]\nfirmware = "1.0.0"\n[[module]]\nfirmware = "170726-b7ac1ba"\n'
    ).modules
    assert radio_of(modules[0])[0].firmware == "1.0.0 170216-fd39c59-SPWF04S"
    assert radio_of(modules[1])[0].get("build", "STS") == "170726-b7ac1ba-SPWF04S"


def test_keys_at_the_top_are_for_all_modules_and_a_modules_own_are_added(world_file):
    modules = world_file(
        'faults = ["file_not_opened"]\n[quirks]\nok_suffix = ":heap"\nnul_bytes = true\n'
        "[timing]\nfast = true\ndns = 7\n"
        '[[module]]\n[[module]]\nfaults = ["refuse,command=SCFG,number=7"]\n'
        'quirks = { ok_suffix = ":" }\ntiming = { tls = 9 }\n'
    ).modules
    assert (modules[0].quirks.ok_suffix, modules[0].quirks.nul_bytes) == (":heap", True)
    assert (modules[1].quirks.ok_suffix, modules[1].quirks.nul_bytes) == (":", True)
    assert [name for name, _ in modules[1].faults] == ["file_not_opened", "refuse"]
    assert [name for name, _ in modules[0].faults] == ["file_not_opened"]
    assert (modules[0].timing.dns, modules[0].timing.tls) == (7, 1)
    assert (modules[1].timing.dns, modules[1].timing.tls) == (7, 9)


def test_a_fault_of_the_file_happens(world_file):
    made = world_file('[[module]]\nfaults = ["refuse,command=TIME,number=7"]\n')
    radio, _ = radio_of(made.modules[0])
    with pytest.raises(OSError, match=r"AT-S\.ERROR:7"):
        radio.time()


def test_a_module_remembers_what_the_file_says(world_file, tmp_path):
    (tmp_path / "ca.der").write_bytes(b"0\x82")
    (tmp_path / "page.html").write_bytes(b"<p>")
    made = world_file(
        '[[module]]\nsaved = { user_desc = "door", ip_use_httpd = 0 }\nca = "ca.der"\n'
        'radio = false\nclock = 2026-01-31T12:00:00Z\nfiles = { "3:/a" = { text = "abc" }, '
        '"I:/page.html" = { path = "page.html" } }\n'
    )
    radio, module = radio_of(made.modules[0])
    assert (radio.get("user_desc"), radio.get("ip_use_httpd")) == ("door", "0")
    assert (module.flash.slot, module.flash.radio_off) == ({"ca": b"0\x82"}, True)
    assert module.flash.files == {(3, "a"): b"abc", (1, "page.html"): b"<p>"}
    assert radio.time() == 1769860800


def test_two_builds_of_a_module_share_nothing(world_file):
    (one,) = world_file('[[module]]\nfiles = { "1:/a" = { text = "abc" } }\n').modules
    first, second = one.build(VirtualClock()), one.build(VirtualClock())
    first.flash.files[1, "a"].extend(b"d")
    first.flash.saved["user_desc"] = "x"
    first.timing.dns = 99
    assert second.flash.files[1, "a"] == b"abc"
    assert second.flash.saved == {}
    assert second.timing.dns != 99


def test_a_module_that_is_not_powered_does_not_answer(world_file):
    (one,) = world_file("[[module]]\npowered = false\n").modules
    module = one.build(VirtualClock())
    module.receive(b"AT\r")
    module.clock.advance(1)
    assert module.transmit() == b""


def test_what_networks_can_be_is_taken_from_the_file(world_file, tmp_path):
    (tmp_path / "ca.pem").write_bytes(b"a certificate")
    made = world_file(
        '[[access_point]]\nssid_hex = "62e962e9"\nhidden = true\nadmits = ["00:80:e1:00:00:01"]\n'
        '[[access_point]]\nssid = "company"\nusers = { alice = "wonderland" }\n'
        'eap_types = [4]\nca = "ca.pem"\n'
        '[[station]]\nmac = "02:00:00:00:00:01"\nssid = "mine"\npassword = "12345678"\n'
        '[[module]]\neap_ca = "ca.pem"\n'
    )
    first, second = made.world.access_points
    assert (first.ssid, first.hidden, first.admits) == (b"b\xe9b\xe9", True, {"00:80:E1:00:00:01"})
    assert (second.security, second.users) == ("WPA2-Enterprise", {b"alice": b"wonderland"})
    assert (second.eap_types, second.ca) == ((4,), b"a certificate")
    (guest,) = made.world.guests
    assert (guest.mac, guest.ssid, guest.password) == ("02:00:00:00:00:01", b"mine", b"12345678")
    module = made.modules[0].build(VirtualClock())
    assert module.flash.eap == {"ca": b"a certificate"}
    module.flash.eap.clear()
    assert made.modules[0].flash.eap


# mistakes ------------------------------------------------------------------------------------
CASES = [
    ('[[acess_point]]\nssid = "a"\n', "world.toml:1: acess_point: no such key; do you mean "
     "access_point? There are: access_point, station, hosts, routes, ntp, like, quirks, faults, "
     "timing, module"),
    ("[[access_point]]\n", "world.toml:1: access_point 1: ssid is missing"),
    ('[access_point]\nssid = "a"\n', "world.toml:1: access_point: must be written as "
     "[[access_point]], with two brackets"),
    ('[[access_point]]\nssid = "a"\nsecurity = "WPA3"\n', "world.toml:3: access_point 1, "
     "security: 'WPA3': must be one of 'open', 'WEP', 'WPA', 'WPA2', 'WPA WPA2', "
     "'WPA2-Enterprise'"),
    ('[[access_point]]\nssid_hex = "6"\n', "world.toml:2: access_point 1, ssid_hex: '6': must be "
     "1 to 32 bytes as hexadecimal digits in quotation marks"),
    ('[[access_point]]\nssid = "a"\nwps_pin = "123"\n', "world.toml:3: access_point 1, wps_pin: "
     "'123': must be 8 digits in quotation marks"),
    ('[[access_point]]\nssid = "a"\nsecurity = "WEP"\npassword = "12345"\n'
     'users = { b = "c" }\n', "world.toml:5: access_point 1, users: only a WPA2-Enterprise "
     "network has users"),
    ('[[station]]\nssid = "a"\n', "world.toml:1: station 1: mac is missing"),
    ('[[access_point]]\nssid = "a"\npassword = "short"\n', "world.toml:3: access_point 1, "
     "password: must be 8 to 63 bytes, or 64 hexadecimal digits"),
    ('[[access_point]]\nssid = "a"\nsecurity = "WEP"\npassword = "four"\n', "world.toml:4: "
     "access_point 1, password: a WEP key has 5 or 13 bytes, or as many pairs of hex digits"),
    ('[[access_point]]\nssid = "a"\nsecurity = "WPA2"\n', "world.toml:3: access_point 1, "
     "security: WPA2 needs a password"),
    ('[[access_point]]\nssid = "a"\nlease = "1.2.3"\n', "world.toml:3: access_point 1, lease: "
     "'1.2.3': must be an IPv4 address in quotation marks"),
    ('[routes]\n"a.example" = 80\n', "world.toml:2: routes, a.example: must be HOST:PORT, "
     "www.example.com:443 for example"),
    ('[routes]\n"a.example:80" = "elsewhere"\n', "world.toml:2: routes, a.example:80: leads to "
     "IP:PORT, to PORT on this computer, or to echo"),
    ("ntp = 5\n", "world.toml:1: ntp: 5: must be true, false, or a date with its zone: "
     "2026-01-31T12:00:00Z"),
    ("ntp = 2026-01-31T12:00:00\n", "world.toml:1: ntp: 2026-01-31 12:00:00: "
     "must be true, false, or a date with its zone: 2026-01-31T12:00:00Z"),
    ("[quirks]\nok_sufix = 1\n", "world.toml:2: quirks, ok_sufix: no quirk ok_sufix; do you mean "
     "ok_suffix?"),
    ('[quirks]\nerror_text = "none"\n', "world.toml:2: quirks, error_text: error_text (how "
     "much AT-S.ERROR shows) is one of 'full', 'empty', 'number'"),
    ("[quirks]\nntp_command = 1\n", "world.toml:2: quirks, ntp_command: ntp_command (AT+S.NTP "
     "exists) is one of True, False"),
    ("[timing]\ndns = -1\n", "world.toml:2: timing, dns: -1: must be a number from 0 to 3600000"),
    ("[timing]\nbaud = 300\n", "world.toml:2: timing, baud: 300: must be a number from 9600 to "
     "921600"),
    ('faults = [\n  "drop",\n  "drops",\n]\n', "world.toml:4: faults 2: 'drops': no fault drops; "
     "do you mean drop?"),
    ('faults = ["drop,by=2"]\n', "world.toml:1: faults 1: 'drop,by=2': drop has no option by; "
     "There are: way, at, n"),
    ('faults = ["late,ms=soon"]\n', "world.toml:1: faults 1: 'late,ms=soon': ms is a number from "
     "0 up"),
    ('faults = ["drop,way=up"]\n', "world.toml:1: faults 1: 'drop,way=up': way is < (to the host) "
     "or > (from the host)"),
    ('[[module]]\n[[module]]\nmac = "1"\n', "world.toml:3: module 2, mac: '1': must be six pairs "
     "of hexadecimal digits, 00:80:E1:BD:00:39"),
    ('[[module]]\nfirmware = "2.0"\n', "world.toml:2: module 1, firmware: '2.0': must be one of "
     "'1.0.0', '1.1.0', '170216-fd39c59', '170726-b7ac1ba', '171117-0328fe3'"),
    ('[[module]]\nserial = "A1"\ncount = 2\n', "world.toml:2: module 1, serial: must be digits "
     "where count is more than 1: they are counted up"),
    ('[[module]]\nname = "a"\n[[module]]\nname = "a"\n', "world.toml:1: module: two modules are "
     "called a: give each a name of its own"),
    ("[[module]]\nsaved = { colour = 1 }\n", "world.toml:2: module 1, saved, colour: no variable "
     "that can be saved"),
    ('[[module]]\nfiles = { "2:/a" = { text = "" } }\n', "world.toml:2: module 1, files, 2:/a: "
     "must be [VOLUME:/]NAME, VOLUME one of 1, I, 3, A, 0, X (what is in the RAM disk, 2 or D, is "
     "gone "
     "when the module is switched on)"),
    ('[[module]]\nfiles = { "a" = "abc" }\n', 'world.toml:2: module 1, files, a: must be '
     '{ text = "…" } or { path = "a file beside this one" }'),
    ("[[module]]\npowered = 0\n", "world.toml:2: module 1, powered: 0: must be true or false"),
    ("quirks = 7\n", "world.toml:1: quirks: must be a table: [quirks]"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), CASES, ids=[said[:50] for _, said in CASES])
def test_a_mistake_is_named_with_its_line_and_what_is_allowed(mistakes, text, said):
    assert mistakes(text) == [said]


def test_all_mistakes_are_named_in_the_order_of_the_file(mistakes):
    said = mistakes("ntp = 1\nx = 2\n[quirks]\nwhat = 3\n[[module]]\ncount = 0\n")
    assert [m.split(":")[1] for m in said] == ["1", "2", "4", "6"]


def test_a_file_that_is_nested_too_deep_is_reported(mistakes):
    (said,) = mistakes("x = " + "[" * 100000)
    assert "not TOML" in said


def test_a_file_that_is_not_toml_is_reported_with_line_and_column(mistakes):
    (said,) = mistakes("ntp = true\nssid\n")
    assert "not TOML" in said
    assert "line 2" in said


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileError, match=r"nowhere\.toml: No such file"):
        load(tmp_path / "nowhere.toml")
    (tmp_path / "latin.toml").write_bytes(b"# \xe9\n")
    with pytest.raises(FileError, match="not UTF-8 at byte 2"):
        load(tmp_path / "latin.toml")


def test_a_missing_file_that_the_file_names_is_named(mistakes):
    (said,) = mistakes('[[module]]\nca = "root.pem"\n')
    assert re.fullmatch(
        r"world.toml:2: module 1, ca: 'root.pem': .*root.pem: No such file.*", said
    )


def test_no_message_shows_a_password(mistakes):
    (said,) = mistakes('[[access_point]]\nssid = "a"\npassword = ["hunter2"]\n')
    assert "hunter2" not in said


# the example ---------------------------------------------------------------------------------
def test_the_example_has_every_key(tmp_path):
    text = EXAMPLE.read_text()
    path = tmp_path / "w.toml"
    tables = ("access_point", "station", "module")
    path.write_text("zz = 1\n" + "".join(f"[[{name}]]\nzz = 1\n" for name in tables))
    with pytest.raises(FileError) as caught:
        load(path)
    for said in caught.value.mistakes:
        for key in re.findall(r"\w+", said.partition("There are: ")[2]):
            assert re.search(rf"\b{key}\b", text), key


def test_the_modules_of_the_example_answer():
    for one in load(EXAMPLE).modules[:5]:
        radio, _ = radio_of(one)
        assert radio.get("nv_serial") == one.variables["nv_serial"]


# What drivers for other hosts compare, byte by byte
COMPARED = {
    "AT": "AT-S.OK\r\n",
    "AT+S.SOCKQ=0": "AT-S.ERROR:76:Illegal Socket ID\r\n",
    "AT+S.GCFG=console_errs": "AT-S.Var:console_errs=2\r\nAT-S.OK\r\n",
}


def test_the_modules_of_the_example_answer_as_drivers_for_other_hosts_expect():
    for one in load(EXAMPLE).modules[:5]:
        one.variables["console_echo"] = "0"
        module = one.build(VirtualClock(), Timing.fast())
        module.clock.advance(0.5)
        module.transmit()
        for line, answer in COMPARED.items():
            module.receive(line.encode() + b"\r")
            module.clock.advance(0.1)
            said = module.transmit().decode().splitlines(keepends=True)
            assert "".join(x for x in said if not x.startswith("+WIND:")) == answer
        changed = {n: getattr(one.quirks, n) for n in Quirks.choices()}
        changed = {n for n, value in changed.items() if value != Quirks.choices()[n][0]}
        assert changed <= {"scan_first_index", "content_text"}  # all others need a look


# from a shell --------------------------------------------------------------------------------
def test_the_options_of_the_command_are_added_to_the_file(tmp_path):
    path = tmp_path / "w.toml"
    path.write_text('[[access_point]]\nssid = "a"\n[[module]]\ncount = 2\n')
    line = ["--world", str(path), "--ssid", "b", "--route", "x:1=2", "--fault", "drop,at=3"]
    made = described(parser().parse_args([*line, "--quirk", "nul_bytes=True", "--fast"]))
    assert [p.ssid for p in made.world.access_points] == [b"a", b"b"]
    assert made.world.target(made.world.resolve("x"), 1) == ("127.0.0.1", 2)
    for module in made.modules:
        assert module.faults == [("drop", {"at": 3})]
        assert module.quirks.nul_bytes is True
        assert module.timing == Timing.fast()


def test_a_world_with_several_modules_from_a_shell(tmp_path):
    import serial

    path = tmp_path / "w.toml"
    path.write_text('timing = { fast = true }\n[[module]]\nname = "one"\n[[module]]\nname = "b"\n')
    command = [sys.executable, "-m", "spwf04_sim", "--world", str(path), "--log"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            ports = dict(reversed(process.stdout.readline().split()) for _ in range(2))
            with serial.Serial(ports["b"]) as port:
                asked(port, b"AT+S.SCFG=wifi_wpa_psk_text,hunter22\r", b"AT-S.OK")
                asked(port, b"AT+S.GCFG=nv_serial\r", b"nv_serial=17111985")
            assert process.stdout.readline() == "b> AT+S.SCFG=wifi_wpa_psk_text,********\n"
        finally:
            process.terminate()


def test_a_mistake_in_the_file_is_reported_at_the_shell(tmp_path, capsys):
    path = tmp_path / "w.toml"
    path.write_text("ntp = 1\n")
    with pytest.raises(SystemExit):
        parser().parse_args(["--world", str(path)])
    assert "w.toml:1: ntp: 1: must be true" in capsys.readouterr().err


def test_a_module_of_the_file_on_a_pseudo_terminal(world_file):
    import serial

    module = world_file("timing = { fast = true }").modules[0].build()
    with PtyPort(module) as port, serial.Serial(port.path) as line:
        asked(line, b"AT+S.GCFG=nv_serial\r", b"nv_serial=17111984")
