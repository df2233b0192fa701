"""Odd texts, endless servers, unlucky moments: the simulated module answers, and does not fail."""

import socket

import pytest

from spwf04_sim import Flash, Peer, Quirks, SimulatedModule, VirtualClock, disk_image
from spwf04_sim.parts.fat import NoFileSystem, read_disk
from spwf04_sim.worldfile import FileError, load
from tests import chance
from tests.sim.anything import Page, Sockets, images, made
from tests.sim.joined import Joined
from tests.sim.talk import Talk


class Steady(Peer):
    """Begins as `head` says, and goes on for ever."""

    head, more = b"", b"x"

    def __init__(self):
        super().__init__()
        self.outgoing = bytearray(self.head)

    def on_data(self, data):
        """Nothing that it gets matters."""

    @property
    def outgoing(self):
        if len(self._rest) < 4096:
            self._rest += self.more * 4096
        return self._rest

    @outgoing.setter
    def outgoing(self, data):
        self._rest = bytearray(data)


def talk_to(peer, **more):
    talk = Talk(**more)
    talk.clock.no_real_servers()
    talk.world.route("s.example", 80, peer)
    return talk


# texts ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("digit", ["²", "٣", "１", "-1", "+1", "1_0", "0x1"])
def test_digits_of_other_scripts_are_no_numbers(digit):
    talk = Talk()
    assert b"ERROR:76:" in talk.say(f"AT+S.SOCKQ={digit}")
    assert b"ERROR:7:" in talk.say(f"AT+S.SOCKON=s.example,{digit},,t")
    assert b"ERROR:7:" in talk.say(f"AT+S.TIME={digit}")
    assert b"ERROR:29:" in talk.say(f"AT+S.FSM={digit}")
    assert b"ERROR:33:" in talk.say(f"AT+S.FSC=file,{digit}")
    assert b"ERROR:57:" in talk.say(f"AT+S.FSL={digit}:/*")


def test_a_time_beyond_all_calendars_is_refused():
    talk = Talk()
    assert b"ERROR:7:" in talk.say("AT+S.TIME=99999999999999")
    assert b"AT-S.OK" in talk.say("AT+S.TIME=4294967295")
    assert b"AT-S.Date:06.02.07" in talk.say("AT+S.TIME")


@pytest.mark.parametrize("host", ["a\0b", "ü.example", "x" * 64 + ".de", "\udcff"])
def test_over_tls_any_text_may_be_the_name_of_a_host(host):
    talk = talk_to(Peer)
    for port in (80, 81):
        talk.world.route("s.example", port, Peer)
    talk.module.receive(b"AT+S.SOCKON=s.example,80,," + host.encode("utf-8", "surrogateescape"))
    assert b"AT-S.ERROR" in talk.say("", seconds=300)


def test_a_name_with_control_characters_is_no_name_of_a_file():
    talk = Talk()
    assert b"ERROR:7:" in talk.say("AT+S.FSC=a\0b,1")
    assert b"ERROR:29:" in talk.say("AT+S.FSC=0:/x,1")
    assert b"ERROR:29:" in talk.say("AT+S.HTTPGET=s.example,/,80,,,,0:/x")


@pytest.mark.parametrize("value", ["fast", 5, "", "²"])
def test_a_configuration_that_no_module_could_have_saved_is_refused(value):
    module = SimulatedModule(flash=Flash(saved={"console_speed": value}), clock=VirtualClock())
    with pytest.raises(ValueError, match="console_speed"):
        module.power_on()


def test_a_world_file_with_such_a_configuration_names_its_line(tmp_path):
    file = tmp_path / "world.toml"
    file.write_text('[[module]]\n[module.saved]\nconsole_echo = 0\nconsole_errs = "loud"\n')
    with pytest.raises(FileError, match=r"world\.toml:4: .*console_errs"):
        load(file)


# servers --------------------------------------------------------------------------------------
FLOODS = [
    b"",
    b"HTTP/1.1 200 OK\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n",
    b"HTTP/1.1\r\n\r\n",
    b"HTTP/1.1 " + b"9" * 5000 + b"\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
    b"220 \r\n250 \r\n",
]
LINES = [
    ("AT+S.FWUPDATE=e,s.example,/,80", b""),
    ("AT+S.HTTPGET=s.example,/,80,,,,new", b""),
    ("AT+S.WSOCKON=s.example,80,/", b""),
    ("AT+S.MQTTCONN=s.example,80", b""),
    ("AT+S.SMTP=s.example,80,,,,,a@b,c@d,,,,,1", b"x"),
    ("AT+S.TFTPGET=s.example,80,new", b""),
    ("AT+S.SOCKON=s.example,80,,s", b""),
]


@pytest.mark.parametrize("head", FLOODS, ids=range(len(FLOODS)))
@pytest.mark.parametrize(("line", "data"), LINES)
def test_a_server_that_never_stops_ends_in_an_error(line, data, head):
    talk = talk_to(type("S", (Steady,), {"head": head}))
    assert b"AT-S.ERROR" in talk.say(line, data)
    assert b"AT-S.OK" in talk.say("AT")


@pytest.mark.parametrize("line", [line for line, _ in LINES[2:4]])
def test_a_websocket_that_never_stops_leaves_the_module_time(line):
    frames = b"\x89\0" * 100  # pings

    class Pings(Steady):
        more = frames

        def on_data(self, data):
            if data.startswith(b"GET "):
                answer = Sockets()
                answer.on_data(data)
                self._rest = answer.outgoing

        def __init__(self):
            super().__init__()
            self._rest = bytearray()

        @property
        def outgoing(self):
            if 0 < len(self._rest) < 4096:
                self._rest += self.more
            return self._rest

        @outgoing.setter
        def outgoing(self, data):
            self._rest = bytearray(data)

    talk = talk_to(Pings)
    talk.say(line)
    assert b"AT-S.OK" in talk.say("AT")


def test_an_echo_where_a_route_leads_nowhere_is_an_error():
    talk = Talk()
    talk.world.route("s.example", 80, ("no.such.host.invalid", 80))
    assert b"ERROR:74:" in talk.say("AT+S.SOCKON=s.example,80,,t")


def test_a_disk_of_any_bytes_is_a_disk_or_none():
    random = chance("disks")
    for image in [image for _ in range(100) for image in images(random)]:
        try:
            read_disk(image)
        except NoFileSystem:
            pass


@pytest.mark.parametrize("at", [13, 22])
@pytest.mark.parametrize("value", [0, 255])
def test_a_disk_whose_boot_sector_is_wrong(at, value):
    image = bytearray(disk_image({"a": b"x" * 5000}))
    image[at] = value
    talk = talk_to(made(Page, None, page=bytes(image)))
    talk.say("AT+S.FSUPDATE=i,s.example,/,80")
    assert b"AT-S.OK" in talk.say("AT")


def test_a_disk_with_a_name_that_is_no_text_is_a_disk():
    image = bytearray(disk_image({"a": b"x"}))
    top = 512 + int.from_bytes(image[22:24], "little") * 512
    entry = next(at for at in range(top, top + 512, 32) if image[at + 11] == 0x0F)
    image[entry + 1 : entry + 3] = b"\0\xd8"  # half of a pair of UTF-16
    assert list(read_disk(image).values()) == [b"x"]


def test_a_disk_with_a_circle_of_clusters_ends():
    image = bytearray(disk_image({"a": b"x" * 600}))
    table, top = 512, 512 + int.from_bytes(image[22:24], "little") * 512
    image[table + 3 : table + 6] = b"\x02\x20\x00"  # cluster 2 leads to 2
    for entry in range(top, top + 128, 32):
        if image[entry + 11] == 0x20:
            image[entry + 28 : entry + 32] = b"\xff\xff\xff\xff"
    with pytest.raises(NoFileSystem):
        read_disk(image)


# browsers -------------------------------------------------------------------------------------
BROKEN = [
    b"GET //[ HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
    b"GET / HTTP/1.1\r\nContent-Length: 1_0\r\n\r\n",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-6\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n",
    b"GET / HTTP/1.1 more\r\n\r\n",
    b"\0\xff\r\n\r\n",
]


def browsed(bench, data):
    with socket.create_connection(bench.world.listening[80]) as sock:
        sock.sendall(data)
        bench.clock.advance(2)
        sock.setblocking(False)
        return sock.recv(4096)


@pytest.mark.parametrize("data", BROKEN, ids=range(len(BROKEN)))
def test_a_request_that_is_none_is_a_bad_request(data):
    bench = Joined()
    assert browsed(bench, data).startswith(b"HTTP/1.1 400 ")
    assert "AT-S.OK" in bench.ask("AT")


@pytest.mark.parametrize(
    "since",
    ["Mon, 01 Jan 99999999999999999999 00:00:00 GMT", "Mon, 01 Jan 2020 00:00:00 +9999999"],
)
def test_a_date_that_is_none_is_no_date(since):
    bench = Joined()
    data = f"GET / HTTP/1.0\r\nIf-Modified-Since: {since}\r\n\r\n".encode()
    assert browsed(bench, data).startswith(b"HTTP/1.1 200 ")


def test_a_browser_that_sends_anything_gets_an_answer_or_an_end():
    bench, random = Joined(), chance("browsers")
    bench.clock.no_real_servers()
    whole = b"POST /%s HTTP/1.%d\r\nContent-Type: %s\r\n%s\r\n\r\n%s"
    paths = [b"", b"../../x", b"%00", b"%ff%fe", b"status.fhtml", b"\xff", b"?" + b"q" * 9000]
    kinds = [b"", b"multipart/form-data; boundary=a", b"multipart/form-data", b"\xff"]
    bodies = [b"", b"Key=anonymous&Scfg_ip_ipaddr=" + b"9" * 5000, b"--a\r\n\r\n\0--a--", b"=&;=%"]
    bodies += [b"Key=anonymous&" + n + b"=%b2_%d9%a3" for n in (b"DAC", b"GpioC_4", b"PWM_2")]
    for _ in range(150):
        body = random.choice(bodies)
        length = b"Content-Length: %d" % (len(body) + random.choice((0, 0, -1, 1)))
        words = random.choice(paths), random.randrange(2), random.choice(kinds), length, body
        data = bytearray(whole % words)
        for _ in range(random.choice((0, 0, 1, 9))):
            data[random.randrange(len(data))] = random.randrange(256)
        with socket.create_connection(bench.world.listening[80]) as sock:
            sock.sendall(data)
            bench.clock.advance(0.2)
    assert "AT-S.OK" in bench.ask("AT")


def test_a_tftp_client_that_sends_anything_gets_an_answer_or_nothing():
    bench, random = Joined(), chance("tftp")
    bench.clock.no_real_servers()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for _ in range(300):
            name = random.choice((b"../../x", b"9:/x", b"\xff", b"", b"a\r\nb", b"2:/x"))
            head = bytes((0, random.randrange(7)))
            rest = random.choice((name + b"\0octet\0", random.randbytes(random.randrange(600))))
            packet = head + rest if random.random() < 0.8 else head[: random.randrange(3)]
            sock.sendto(packet, bench.world.listening[69])
            bench.clock.advance(0.002)
    assert "AT-S.OK" in bench.ask("AT+S.FSL")


def test_an_upload_of_any_name_leaves_the_module_alive():
    names = [b'"../../x"', b'"\xff\xfe"', b'"a\\\r\n b"', b"*0*=utf-16'x'%d8", b'"', b'"a\0b"']
    for name in names:
        bench = Joined(quirks=Quirks(default_volume="ram"))
        body = b"--x\r\nContent-Disposition: form-data; name=f; filename=" + name
        body += b"\r\n\r\ncontent\r\n--x--\r\n"
        head = "POST / HTTP/1.0\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        browsed(bench, head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        assert "AT-S.OK" in bench.ask("AT+S.FSL")


def test_a_page_that_ends_the_network_ends_its_own_connection():
    bench = Joined(quirks=Quirks(pms_ok="after"))
    data = b"Key=anonymous&Sleep=0"
    assert browsed(bench, b"POST / HTTP/1.0\r\nContent-Length: 21\r\n\r\n" + data) == b""
    assert "+WIND:24:" in bench.said(5)
    assert bench.browse("/").status == 200
