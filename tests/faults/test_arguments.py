"""Wrong arguments for every public call: the call works, or says which argument is wrong. The
channel stays usable.

The list of calls is made from the code: every public function, method and settable property of
every file of spwf04/. Each must be in CALLS, with good arguments, or in one of the lists of what
programs do not call. A new one is in none of them, and fails here.

Then each argument in turn is replaced by values of other types, values out of bounds, and objects
that raise whatever is asked of them. The tests try a sample of these, and a failure tells its seed
(SPWF04_SEED repeats it). With SPWF04_ALL=1 they try all.
"""

import array
import contextlib
import functools
import importlib
import inspect
import pathlib
import time
import traceback

import pytest

from spwf04 import Bundle, SSLContext
from spwf04.compat import wifi
from spwf04.errors import CertificateError
from spwf04_sim import VirtualClock
from tests import ALL, SEED, chance
from tests.faults.exchanges import Hang
from tests.shims import package
from tests.shims.controller import Controller
from tests.shims.credentials import bundle_file

EACH = 5  # values for each argument without SPWF04_ALL
LIMIT = 400  # s of virtual time for a call
MARK = "hunter2"  # stands in values that could be secrets: no exception may show it

FOLDERS = (
    "",
    "at",
    "commands",
    "hosttls",
    "net",
    "pki",
    "roots",
    "services",
    "tls",
)  # these have a docstring only
FILES = {
    name: importlib.import_module("spwf04." + name)
    for name in map(package.name, package.sources())
    if name not in (*FOLDERS, "hosttls.micropython", "hosttls.circuitpython")
}
# Files whose functions programs call by name
MODULES = (
    "aio at.trace compat compat.socket compat.ssl roots.bundle roots.bundling roots.search "
    "services.http services.mail services.python services.template services.tftp "
    "services.websocket tls.context".split()
)


# values ------------------------------------------------------------------------------------------
class BoomError(Exception):
    """The error that an object of the program raises."""


def boom(*args, **options):
    raise BoomError


DUNDERS = (
    "len getitem iter index int float bool eq ne lt le gt ge hash str bytes fspath contains add "
    "radd and rand mod rmod getattr buffer complex enter next".split()
)


def raising(*names):
    return type("Raises", (), {f"__{name}__": boom for name in names})()


class BadText(str):
    """Text whose methods raise."""

    encode = replace = split = lower = strip = boom


def says(value):
    """A method that returns value, whatever its arguments are."""
    return lambda *args, **options: value


EXTRA = "x,FCFG"  # must not get into a line where a comma is not allowed
YES = {f"__{name}__": says(True) for name in "lt le gt ge eq contains".split()}


class LyingBytes(bytes):
    """Bytes with methods that lie: these bytes seem to be others, and harmless."""

    __len__ = says(3)
    __contains__ = __eq__ = says(False)
    __hash__ = says(1)
    find = says(-1)
    decode = says(EXTRA)
    lower = replace = strip = lambda self, *args: self

    def __bytes__(self):
        return LyingBytes(EXTRA.encode())


class LyingText(str):
    """As LyingBytes; it is also equal to everything."""

    __len__ = says(3)
    __contains__ = says(False)
    __eq__ = says(True)
    __hash__ = says(1)
    __str__ = __repr__ = __format__ = __getitem__ = says(EXTRA)
    encode = says(LyingBytes(EXTRA.encode()))
    lower = strip = lstrip = replace = lambda self, *args: self


class LyingInt(int):
    """An int that is in every range, and yet a huge one."""

    __str__ = __repr__ = __format__ = says(EXTRA)
    __index__ = __int__ = says(10**5000)
    __hash__ = says(1)


class LyingFloat(float):
    """A float that is in every range, and yet a huge one."""

    __mul__ = __floordiv__ = __int__ = __round__ = says(10**30)
    __hash__ = says(1)


for lying in (LyingInt, LyingFloat):
    for method in YES:
        setattr(lying, method, YES[method])


class Changing(tuple):
    """An address that is good when it is read first, and then another."""

    __slots__ = ()
    asked = 0

    def __getitem__(self, at):
        Changing.asked += 1
        return (EXTRA, LyingText(EXTRA))[at] if Changing.asked > 2 else tuple.__getitem__(self, at)


def lying():
    """(label, value) of objects of classes that are derived from the wanted ones."""
    Changing.asked = 0
    found = [("Changing", Changing(("echo.example", 7)))]
    for words in ("x", "echo.example", "2:/x.txt", "correct horse", "a" * 64):
        found += [(f"LyingBytes {words}", LyingBytes(words.encode()))]
        found += [(f"LyingText {words}", LyingText(words))]
    found += [(f"LyingInt {n}", LyingInt(n)) for n in (0, 5, 443, -1, 10**30)]
    return found + [(f"LyingFloat {n}", LyingFloat(n)) for n in (1.5, -1, float("nan"))]


def generator():
    yield 1


def values():
    """(label, value) of what is passed; each call makes new ones."""
    found = [
        ("None", None),
        ("object()", object()),
        ("a class", object),
        ("a lambda", lambda: None),
        ("a generator", generator()),
        ("Path", pathlib.Path("no", "such", MARK)),
        ("BadText", BadText(MARK)),
        ("everything raises", raising(*DUNDERS)),
        ("(raises, raises)", (raising(*DUNDERS), raising(*DUNDERS))),
        ("(host, raises)", ("echo.example", raising(*DUNDERS))),
        ("(raises, port)", (raising(*DUNDERS), 7)),
        ("array H", array.array("H", [1, 2, 3])),
        ("array d", array.array("d", [1, 2])),
        ("memoryview", memoryview(b"abc")),
        ("memoryview of array", memoryview(array.array("H", [1, 2, 3]))),
        ("memoryview with gaps", memoryview(bytearray(9))[::2]),
        ("memoryview of two dimensions", memoryview(bytearray(4)).cast("B", (2, 2))),
        ("bytearray", bytearray(b"abc")),
        ("a wide bytearray", bytearray(3000)),
    ]
    for value in (
        0, 1, -1, -2, 70000, 10**12, -(10**12), 10**30, True, False,
        1.5, -0.5, 0.0, 1e300, float("nan"), float("inf"), -float("inf"), 1j,
        "", "x", MARK, "0", f"{MARK}\r", f"{MARK}\nAT+S.FCFG\r", f"a\0{MARK}", f"\ud800{MARK}",
        ",", f"a,b|;~^!\t{MARK}", "\xe9" * 14 + "AT+S.FCFG\r", "y" * 600, "a b", "s1",
        "\xb2.1.1.1",
        b"", b"x", b"\xff\xfe", MARK.encode() + b"\r\n", b"-----BEGIN CERTIFICATE-----\n",
        [], [1], [""], ["x"] * 4, [None] * 4, (), (1, 2), ("echo.example",), ("echo.example", "7"),
        ("echo.example", None), ("echo.example", 7.0), ("echo.example", 0), (b"echo.example", 7),
        ("", 7), (b"\xff", 7), (f"a\r{MARK}", 7), {}, {"a": 1}, {1: 2}, {"a,b": "c"}, {"a": None},
        set(), range(3),
    ):  # fmt: skip
        found.append((repr(value)[:40], value))
    found += [(f"raises in __{name}__", raising(name)) for name in DUNDERS]
    return found


# the world ---------------------------------------------------------------------------------------
class Clock(VirtualClock):
    """A virtual clock that raises Hang after its `end`."""

    end = None

    def __init__(self):
        super().__init__(longest=200, patience=0.3)

    def idle(self):
        super().idle()
        if self.end is not None and self.now() > self.end:
            raise Hang


class Desk:
    """A module, a radio, and sockets of each kind. A socket is kept as long as it is open."""

    def __init__(self):
        self.clock = Clock()
        self.controller = Controller(clock=self.clock)
        self.module = self.controller.module
        self.radio = wifi.Radio(
            self.module.uart(), reset=self.controller.reset_pin, clock=self.clock
        )
        self.socks = {}
        self.spare = []
        self.controller.ntp()
        self.controller.offer("good")
        self.controller.mail_server()
        self.controller.tftp_server()
        self.controller.serve_file("config", b"0123456789")
        self.controller.put_file("x.py", b"print('one')\n")
        self.controller.web("200 OK", "length", b"hello")

    @property
    def pool(self):
        from spwf04 import SocketPool

        return SocketPool(self.radio)

    @property
    def certs(self):
        return self.radio.certs

    def joined(self):
        self.controller.module.wifi.miniap.leaked = 0  # [k.15]
        self.radio.stop_ap()
        self.controller.module.flash.mounted |= {1, 2, 3}
        if not self.radio.isconnected():
            self.radio.connect("home", "correct horse")
        return self.radio

    def with_ca(self):
        """The store with a CA in it, and the clock set."""
        self.joined()
        if not self.radio.time_is_set():
            self.radio.set_time(int(time.time()))
        self.certs.install(self.controller.ca_pem())
        return self.certs

    def entry(self):
        return self.with_ca().entries()[0]

    def new(self, kind=1):
        """A socket that is closed after the call."""
        self.joined()
        sock = self.pool.socket(2, kind)
        sock.settimeout(2)
        self.spare.append(sock)
        return sock

    def bound(self):
        sock = self.new()
        sock.bind(("", 8080))
        return sock

    def connected(self):
        sock = self.new()
        sock.connect(("echo.example", 7))
        return sock

    def greeted(self, kind):
        """A socket of this kind that is kept; if it is connected, it has something to read."""
        sock = self.socks.get(kind)
        if sock is None or not sock.is_open():
            if sock is not None:
                sock.close()
            if kind == "listening" and "client" in self.socks:
                self.socks.pop("client").close()  # the module listens as long as it has a client
            sock = self.socks[kind] = getattr(self, "_" + kind)()
        return sock

    def _plain(self):
        sock = self.connected()
        self.spare.remove(sock)
        sock.send(b"0123456789")
        return sock

    def _stepwise(self):
        sock = self._plain()
        sock.settimeout(0)
        return sock

    def _corked(self):
        sock = self.connected()
        self.spare.remove(sock)
        sock.send(b"GET /")
        assert sock.cork is not None
        return sock

    def _host(self):
        self.with_ca()
        sock = SSLContext(engine="host").wrap_socket(self.new(), server_hostname="www.example.com")
        sock.settimeout(100)
        sock.connect(("www.example.com", 443))
        sock.settimeout(2)
        self.spare.remove(sock)
        return sock

    def _listening(self):
        sock = self.bound()
        self.spare.remove(sock)
        sock.listen()
        return sock

    def _client(self):
        server = self.greeted("listening")
        server.settimeout(5)
        self.controller.visit(8080, b"0123456789")
        sock = server.accept()[0]
        sock.settimeout(2)
        return sock

    def _datagrams(self):
        sock = self.new(2)
        self.spare.remove(sock)
        sock.connect(("udp.example", 7))
        sock.send(b"0123456789")
        return sock

    def tidy(self):
        """Clean up after a call."""
        for sock in self.spare:
            sock.close()
        self.spare = []
        for kind, sock in self.socks.items():
            if sock.is_open():
                sock.settimeout(0 if kind == "stepwise" else 2)

    def usable(self):
        assert self.radio.get("nv_model") == "SPWF04SA"


# what is called ----------------------------------------------------------------------------------
def here(sock):
    return sock


KINDS = "plain stepwise corked host client datagrams".split()
# Methods of sockets: the kinds of socket, and good arguments
SOCKET = {
    "connect": (["new"], {"address": ("echo.example", 7)}),
    "bind": (["new"], {"address": ("", 8080)}),
    "listen": (["bound"], {"backlog": 2}),
    "accept": (["listening"], {}),
    "send": (KINDS, {"data": b"0123456789"}),
    "sendall": (KINDS, {"data": b"0123456789"}),
    "write": (KINDS, {"data": b"0123456789", "nbytes": 5}),
    "recv": (KINDS, {"size": 1}),
    "read": (KINDS, {"nbytes": 1}),
    "recv_into": (KINDS, {"buffer": bytearray(1)}),
    "readinto": (KINDS, {"buffer": bytearray(1)}),
    "readline": (["plain"], {}),
    "settimeout": (["plain", "stepwise", "corked", "listening", "datagrams"], {"value": 3}),
    "setblocking": (["plain"], {"value": True}),
    "setsockopt": (["plain", "corked"], {"level": 6, "option": 1, "value": 1}),
    "makefile": (["plain"], {"mode": "rwb"}),
    "ioctl": (["plain", "stepwise", "listening", "datagrams"], {"request": 3, "argument": 5}),
    "version": (["plain"], {}),
    "cipher": (["plain"], {}),
    "close": (["new"], {}),
}
UDP = {
    "bind": ("new_datagrams", {"address": ("", 8081)}),
    "connect": ("new_datagrams", {"address": ("udp.example", 7)}),
    "sendto": ("datagrams", {"data": b"0123456789", "address": ("udp.example", 7)}),
    "send": ("datagrams", {"data": b"0123456789"}),
    "recvfrom": ("datagrams", {"size": 1}),
    "recv": ("datagrams", {"size": 1}),
    "recvfrom_into": ("datagrams", {"buffer": bytearray(1)}),
    "recv_into": ("datagrams", {"buffer": bytearray(1)}),
    "readinto": ("datagrams", {"buffer": bytearray(1)}),
    "listen": ("new_datagrams", {"backlog": 1}),
}
HOST = {"host": "www.example.com", "port": 443}


def method(owner, **good):
    """An entry of CALLS: owner(desk) makes the object of the method; good arguments."""
    return owner, good


def radio(d):
    return d.joined()


def files(d):
    return d.joined().files


def linked(d):
    """A radio with an MQTT broker and a WebSocket server in its network, and no connection."""
    d.joined()
    d.controller.link_servers()
    if d.radio.links is not None:
        for link in list(d.radio.links.owners):
            d.radio.channel.take(d.radio.links.closing(link))
    return d.radio


def mqtt(d):
    """An MQTTClient that is connected."""
    made = FILES["services.mqtt"].MQTTClient(linked(d), "me", "broker.example", 8080)
    made.set_callback(nothing)
    made.connect()
    return made


def subscribed(d):
    """The same, and a message has come."""
    made = mqtt(d)
    made.subscribe("a/b")
    made.publish("a/b", b"0123")
    return made


def web(d):
    """A WebSocket on which a message has come."""
    made = FILES["services.websocket"].connect(linked(d), "ws://ws.example/", timeout=2)
    made.send(b"0123456789")
    return made


def card(d):
    """A radio whose module has an SD card."""
    made = radio(d)
    d.controller.insert_card()
    made.mount(0)
    d.controller.offer_files("good")
    return made


def web_pages(d):
    return FILES["services.web"].WebPages(d.joined(), 2)


def visited(d):
    """Pages of the module that a visitor has just sent something to."""
    made = web_pages(d)
    made.outputs(nothing)
    d.controller.browse("/output", b"Output=hello")
    return made


def certs(d):
    return d.with_ca()


def context(d):
    return SSLContext()


def sockets(d):
    """The module that stands in the place of socket."""
    module = FILES["compat.socket"]
    module.use_radio(d.joined())
    return module


def compat_context(d):
    return FILES["compat.ssl"].SSLContext()


def alone(d):
    """A radio that has left its network."""
    made = radio(d)
    made.disconnect()
    return made


def ap_wlan(d):
    return FILES["compat.accesspoint"].APWLAN(d.joined())


def wlan(d):
    return FILES["compat.network"].WLAN(d.joined())


def ca(d):
    return d.controller.ca_pem()


def client(n):
    return lambda d: d.controller.client_files()[n]


def pressed(d):
    d.controller.press_button(b"home")
    return True


def company(d):
    """The CA of a network of users, which is there and not joined."""
    if not [p for p in d.controller.world.access_points if p.ssid == b"company"]:
        d.controller.add_company(b"company")
    d.radio.set_time(int(time.time()))
    return ca(d)


def network(d):
    return FILES["compat.network"].NetworkModule(d.joined())


def stored(d):
    files(d).put("2:/kept.txt", b"0123456789")
    return "2:/kept.txt"


def begun(d):
    files(d).give_up("2:/part.txt")
    files(d).begin("2:/part.txt", 4)
    return "2:/part.txt"


def written(d):
    name = begun(d)
    files(d).append(name, b"abcd")
    return name


def digest(d):
    import hashlib

    return hashlib.sha256(b"abcd").digest()


def listed(d):
    return files(d).list()


class Made:
    """The constructor of a class of a file."""

    def __init__(self, file, name):
        self.file, self.name = file, name

    def __call__(self, d):
        return getattr(FILES[self.file], self.name)


def uart(d):
    return d.module.uart()


def nothing(*args):
    return 0


LOGIN = {
    "ssid": "company",
    "password": "wonder,land",
    "identity": "alice",
    "anonymous": "guest",
    "eap": "peap-mschap",
    "ca": company,
}


def scripted(d):
    """A radio whose module has a script."""
    d.joined()
    d.controller.module.flash.files[2, "x.py"] = bytearray(b"print(1)")
    return d.radio


def wake_pin(d):
    """What sets GPIO6."""
    return functools.partial(d.controller.drive, 6)


def wired(d):
    """A radio that knows how to wake its module."""
    d.joined().sleep(wake_pin(d))
    d.radio.wake()
    return d.radio


def pin(d):
    """An output."""
    return FILES["services.pins"].Pin(d.joined(), 4, 1)


def dac(d):
    return FILES["services.pins"].DAC(d.joined())


def pwm(d):
    return FILES["services.pins"].PWM(d.joined(), 2)


# Name -> (function that makes the object from the Desk, or None if a function is called; good
# arguments). An argument that is a function of this file is first called with the Desk.
CALLS = {
    "SPWF04()": method(Made("radio", "SPWF04"), uart=uart),
    "SPWF04.connect": method(radio, ssid="home", password="correct horse"),
    "SPWF04.connect wps": method(radio, wps=pressed),
    "SPWF04.connect login": method(radio, **LOGIN),
    "SPWF04.connect certificate": method(
        radio, ssid="company", identity="module", ca=company, cert=client(0), key=client(1)
    ),
    "SPWF04.random": method(radio, n=8),
    "SPWF04.config region": method(radio, region=1),
    "SPWF04.scan": method(radio, timeout=8),
    "SPWF04.status": method(radio, param="rssi"),
    "SPWF04.ifconfig": method(radio, addresses="dhcp"),
    "SPWF04.config": method(radio, names=("mac",)),
    "SPWF04.config values": method(radio, hostname="here"),
    "SPWF04.get": method(radio, name="nv_model"),
    "SPWF04.set": method(radio, name="user_desc", value="x"),
    "SPWF04.set_time": method(radio, seconds=1800000000),
    "SPWF04.ntp": method(radio, timeout=5),
    "SPWF04.reset": method(radio, timeout=16),
    "SPWF04.start_ap": method(
        lambda d: super(wifi.Radio, radio(d)), ssid="mine", password="correct horse"
    ),
    "SPWF04.ping": method(lambda d: super(wifi.Radio, radio(d)), host="echo.example"),
    "Radio.ping": method(radio, ip="echo.example"),
    "SPWF04.fetch_update": method(
        radio, host="updates.example", port=80, path="/new.ota", timeout=60
    ),
    "SPWF04.apply_update": method(radio, timeout=180),
    "SPWF04.mount": method(card, volume=0),
    "SPWF04.unmount": method(card, volume=0, erase=True),
    "SPWF04.fetch_files": method(
        card, host="files.example", port=80, path="/x", volume=0, erase=True, timeout=60
    ),
    "WebPages()": method(Made("services.web", "WebPages"), radio=radio, volume=2),
    "WebPages.upload": method(web_pages, name="a.html", data=b"<p>"),
    "WebPages.lock": method(web_pages, passkey="a-key-of-my-own"),
    "WebPages.serve": method(web_pages, on=True, save=False, tftp=False, anonymous=True),
    "WebPages.outputs": method(web_pages, handler=nothing),
    "WebPages.changes": method(web_pages, handler=nothing),
    "WebPages.files": method(web_pages, handler=nothing),
    "WebPages.inputs": method(web_pages, values=["a token"]),
    "WebPages.wait": method(visited, seconds=0.1),
    "services.template.mark": method(None, kind="peer", what="rx_rssi", station=0),
    "services.template.escaped": method(None, text="a < b"),
    "services.template.packed": method(None, values=["a", 1, None]),
    "SPWF04.set_baudrate": method(radio, rate=115200),
    "SPWF04.find_baudrate": method(radio, rates=(115200,)),
    "SPWF04.set_flow_control": method(radio, on=False),
    "SPWF04.power_save": method(radio, mode="idle", timeout=5),
    "SPWF04.sleep": method(wired, wake=wake_pin),
    "SPWF04.wake": method(wired, wake=wake_pin, timeout=2),
    "SPWF04.standby": method(radio, seconds=1),
    "Pin()": method(Made("services.pins", "Pin"), radio=radio, n=4, mode=1),
    "Pin.init": method(pin, mode=1, value=1),
    "Pin.value": method(pin, x=1),
    "Pin.irq": method(pin, handler=lambda d: nothing, trigger=3),
    "ADC()": method(Made("services.pins", "ADC"), radio=radio, channel=0),
    "DAC()": method(Made("services.pins", "DAC"), radio=radio),
    "DAC.write": method(dac, millivolts=1000),
    "PWM()": method(Made("services.pins", "PWM"), radio=radio, n=2, freq=1000, duty_u16=32768),
    "PWM.init": method(pwm, freq=1000, duty_u16=32768),
    "PWM.freq": method(pwm, value=1000),
    "PWM.duty_u16": method(pwm, value=32768),
    "Radio.connect": method(radio, ssid="home", password="correct horse"),
    "Radio.start_scanning_networks": method(radio),
    "Radio.set_ipv4_address": method(
        radio, ipv4="10.0.0.2", netmask="255.0.0.0", gateway="10.0.0.1"
    ),
    "Radio.start_dhcp": method(radio),
    "Radio.start_ap": method(alone, ssid="mine", password="correct horse"),
    "Radio.set_ipv4_address_ap": method(
        radio, ipv4="10.0.0.1", netmask="255.0.0.0", gateway="10.0.0.1"
    ),
    "Radio.enabled=": method(radio, value=True),
    "Radio.hostname=": method(radio, value="here"),
    "WifiModule()": method(Made("compat.wifi", "WifiModule"), radio=radio),
    "SocketPool()": method(Made("net.pool", "SocketPool"), radio=radio),
    "SocketPool.socket": method(lambda d: d.pool, family=2, type=1),
    "SocketPool.getaddrinfo": method(lambda d: d.pool, host="echo.example", port=7),
    "SocketPool.fit": method(lambda d: d.pool, size=1024),
    "SocketPool.in_background": method(lambda d: d.pool, handler=lambda d: nothing),
    "CertificateStore.install": method(certs, certificate=ca),
    "CertificateStore.ending": method(certs, days=30),
    "CertificateStore.remove": method(certs, ski=lambda d: d.entry().ski),
    "CertificateStore.discover": method(certs, **HOST),
    "CertificateStore.install_for": method(
        certs, **HOST, roots=lambda d: [d.controller.ca_pem()], timeout=20
    ),
    "CertificateStore.keep_for_host": method(certs, source=ca),
    "CertificateStore.pin": method(
        certs, host="self.example", port=443, fingerprint=lambda d: d.controller.fingerprint()
    ),
    "CertificateStore.diagnose": method(certs, **HOST),
    "SSLContext()": method(Made("tls.context", "SSLContext"), engine="auto"),
    "SSLContext.wrap_socket": method(
        context, sock=lambda d: d.new(), server_hostname="www.example.com"
    ),
    "SSLContext.load_verify_locations": method(context, cadata=ca),
    "SSLContext.load_cert_chain": method(context, certfile=client(0), keyfile=client(1)),
    "SSLContext.verify_mode=": method(context, value=2),
    "Identity()": method(Made("pki.identity", "Identity"), certfile=client(0), keyfile=client(1)),
    "Bundle()": method(Made("roots.bundle", "Bundle"), source=lambda d: bundle_file()),
    "Bundle.by_key": method(lambda d: Bundle(bundle_file()), identifier="00" * 20),
    "Bundle.by_name": method(lambda d: Bundle(bundle_file()), digest=bytes(32)),
    "Bundle.age": method(lambda d: Bundle(bundle_file()), now=1800000000),
    "roots.bundling.make": method(
        None,
        sources=ca,
        file=lambda d: d.controller.scratch_file("made.bin"),
        origin="ours",
        made=1800000000,
        self_signed=False,
    ),
    "roots.search.open_roots": method(None, source=lambda d: bundle_file()),
    "Supervisor()": method(
        Made("supervise", "Supervisor"),
        radio=radio,
        ssid="home",
        password="correct horse",
        heartbeat=30,
        settings=lambda d: {"user_desc": "x"},
        roots=lambda d: Bundle(bundle_file()),
    ),
    "ATChannel.command": method(
        lambda d: d.joined().channel, command=b"AT+S.FSC=2:/c.txt,6\r", payload=b"012345"
    ),
    "Exchange()": method(Made("at.exchange", "Exchange")),
    "Exchange.prepare": method(lambda d: FILES["at.exchange"].Exchange(), command=b"AT\r"),
    "Compatsocket()": method(lambda d: sockets(d).socket, family=2, type=1),
    "Compatsocket.connect": method(lambda d: sockets(d).socket(), address=("echo.example", 443)),
    "compat.socket.use_radio": method(None, radio=radio),
    "compat.socket.getaddrinfo": method(None, host="echo.example", port=7),
    "compat.socket.inet_pton": method(None, family=2, text="1.2.3.4"),
    "compat.socket.inet_ntop": method(None, family=2, packed=b"1234"),
    "CompatSSLContext()": method(Made("compat.ssl", "SSLContext"), protocol=16),
    "CompatSSLContext.wrap_socket": method(
        compat_context, sock=lambda d: d.new(), server_hostname="x.example"
    ),
    "CompatSSLContext.load_verify_locations": method(compat_context, cadata=ca),
    "CompatSSLContext.verify_mode=": method(compat_context, value=0),
    "compat.ssl.create_default_context": method(None, cadata=ca),
    "compat.ssl.wrap_socket": method(None, sock=lambda d: d.new(), server_hostname="x.example"),
    "WLAN()": method(Made("compat.network", "WLAN"), radio=radio),
    "WLAN.active": method(wlan, on=True),
    "WLAN.connect": method(wlan, ssid="home", key="correct horse"),
    "WLAN.connect login": method(wlan, **LOGIN),
    "WLAN.ipconfig": method(wlan, names=("addr4",)),
    "WLAN.ipconfig values": method(wlan, addr4="10.0.0.7/8", gw4="10.0.0.1"),
    "WLAN.ipconfig pair": method(wlan, addr4=("10.0.0.7", "255.0.0.0")),
    "WLAN.ipconfig DHCP": method(wlan, dhcp4=True),
    "WLAN.status": method(wlan, param="rssi"),
    "WLAN.scan": method(wlan, timeout=8),
    "WLAN.ifconfig": method(wlan, addresses="dhcp"),
    "WLAN.config": method(wlan, names=("mac",)),
    "APWLAN()": method(Made("compat.accesspoint", "APWLAN"), radio=radio),
    "APWLAN.active": method(ap_wlan, on=True),
    "APWLAN.config": method(ap_wlan, names=("mac",)),
    "APWLAN.status": method(ap_wlan, param="stations"),
    "APWLAN.ifconfig": method(ap_wlan, addresses=("10.0.0.1",) * 4),
    "NetworkModule()": method(Made("compat.network", "NetworkModule"), radio=radio),
    "NetworkModule.WLAN": method(network, interface=0),
    "NetworkModule.hostname": method(network, name="here"),
    "NetworkModule.country": method(network, code=None),
    "NetworkModule.ipconfig": method(network, names=("dns",)),
    "NetworkModule.ipconfig values": method(network, dns="10.0.0.53", prefer=4),
    "compat.install": method(None, radio=radio, names=("socketpool",)),
    "tls.context.create_default_context": method(None),
    "compat.uninstall": method(None),
    "aio.drive": method(None, channel=lambda d: d.joined().channel),
    "aio.connect": method(None, radio=radio, ssid="home", password="correct horse"),
    "aio.connect login": method(None, radio=radio, **LOGIN),
    "aio.disconnect": method(None, radio=radio),
    "aio.scan": method(None, radio=radio, timeout=8),
    "aio.start_ap": method(
        None, radio=radio, ssid="mine", password="correct horse", channel=6, timeout=5
    ),
    "aio.stop_ap": method(None, radio=radio),
    "aio.stations": method(None, radio=radio),
    "aio.power_save": method(None, radio=radio, mode="idle", timeout=5),
    "aio.sleep": method(None, radio=wired, wake=wake_pin),
    "aio.wake": method(None, radio=wired, wake=wake_pin, timeout=2),
    "aio.standby": method(None, radio=radio, seconds=1),
    "aio.fetch_update": method(
        None, radio=radio, host="updates.example", port=80, path="/new.ota", timeout=60
    ),
    "aio.isconnected": method(None, radio=radio),
    "aio.status": method(None, radio=radio, param="rssi"),
    "aio.ifconfig": method(None, radio=radio, addresses="dhcp"),
    "aio.ipv6_addresses": method(None, radio=radio),
    "aio.config": method(None, radio=radio, names=("hostname",)),
    "aio.config values": method(None, radio=radio, hostname="here"),
    "aio.forget_enterprise": method(None, radio=radio),
    "aio.ping": method(None, radio=radio, host="echo.example", size=56, timeout=5),
    "aio.random": method(None, radio=radio, n=8),
    "aio.get": method(None, radio=radio, name="nv_model", command="GCFG"),
    "aio.set": method(None, radio=radio, name="user_desc", value="x,y"),
    "aio.save": method(None, radio=radio),
    "aio.time": method(None, radio=radio),
    "aio.set_time": method(None, radio=radio, seconds=1800000000),
    "aio.time_is_set": method(None, radio=radio),
    "aio.ntp": method(None, radio=radio, timeout=5),
    "aio.reset": method(None, radio=radio, timeout=16),
    "aio.factory_reset": method(None, radio=radio),
    "aio.apply_update": method(None, radio=radio, timeout=180),
    "aio.volumes": method(None, radio=radio),
    "aio.mount": method(None, radio=card, volume=0),
    "aio.unmount": method(None, radio=card, volume=0, erase=True),
    "aio.fetch_files": method(
        None,
        radio=card,
        host="files.example",
        port=80,
        path="/x",
        volume=0,
        erase=True,
        timeout=60,
    ),
    "aio.set_baudrate": method(None, radio=radio, rate=115200, save=False),
    "aio.find_baudrate": method(None, radio=radio, rates=(115200,)),
    "aio.set_flow_control": method(None, radio=radio, on=False, save=False),
    "aio.command": method(
        None,
        channel=lambda d: d.joined().channel,
        line=b"AT+S.FSC=2:/d.txt,6\r",
        payload=b"012345",
    ),
    "MQTTClient()": method(
        lambda d: FILES["services.mqtt"].MQTTClient,
        radio=linked,
        client_id="me",
        server="broker.example",
        port=8080,
        user="me",
        password="hunter2",
        keepalive=60,
        context=None,
        path="/mqtt",
        limit=100,
    ),
    "MQTTClient.set_callback": method(mqtt, f=lambda d: nothing),
    "MQTTClient.set_last_will": method(mqtt, topic="a/b", msg="gone", retain=False, qos=1),
    "MQTTClient.connect": method(mqtt, clean_session=False),
    "MQTTClient.publish": method(mqtt, topic="a/b", msg=b"0123", retain=True, qos=1),
    "MQTTClient.subscribe": method(mqtt, topic="a/b", qos=1),
    "MQTTClient.unsubscribe": method(mqtt, topic="a/b"),
    "MQTTClient.wait_msg": method(subscribed, timeout=2),
    "services.websocket.connect": method(None, radio=linked, url="ws://ws.example/"),
    "WebSocket.send": method(web, message=b"0123"),
    "WebSocket.recv": method(web, timeout=2, decode=True),
    "WebSocket.recv_into": method(web, buffer=bytearray(4), nbytes=4, timeout=2),
    "WebSocket.close": method(web, code=1000),
    "Files.split": method(files, name="1:/a.txt"),
    "Files.find": method(files, name=stored),
    "Files.ram_left": method(files, there=listed),
    "Files.read": method(files, name=stored, offset=0, buffer=bytearray(4)),
    "Files.get": method(files, name=stored),
    "Files.put": method(files, name="2:/a.txt", data=b"0123456789"),
    "Files.begin": method(files, name="2:/b.txt", size=4),
    "Files.append": method(files, name=begun, part=b"abcd"),
    "Files.commit": method(files, name=written, digest=digest),
    "Files.give_up": method(files, name="2:/none.txt"),
    "Files.remove": method(files, name=stored),
    "Files.same": method(files, name=stored, digest=digest),
    "services.http.get": method(None, radio=radio, url="http://web.example/", timeout=5),
    "services.http.post": method(
        None, radio=radio, url="http://web.example/", data=b"0123456789", timeout=5
    ),
    "services.mail.send_mail": method(
        None,
        radio=radio,
        server="mail.example",
        sender="a@b.example",
        to=["c@d.example"],
        subject="x",
        body="y",
        cc="e@f.example",
        bcc=(),
        port=25,
        context=None,
        user=None,
        password=None,
        name="door",
        attachment=("mail.txt", b"0123"),
        timeout=5,
    ),
    "services.tftp.tftp_get": method(
        None, radio=radio, host="tftp.example", name="config", to="2:/c.txt", port=69, timeout=9
    ),
    "services.tftp.tftp_put": method(
        None, radio=radio, host="tftp.example", name=stored, port=69, timeout=9
    ),
    "services.tftp.on_received": method(None, radio=radio, handler=lambda d: nothing),
    "services.python.run": method(
        None, radio=scripted, name="2:/x.py", timeout=9, limit=9, quiet=1
    ),
    "at.trace.trace": method(None, radio=radio, show=lambda d: nothing),
    "at.trace.record": method(None, radio=radio, write=lambda d: nothing),
    "at.trace.stop": method(None, radio=radio),
}


def on(kind):
    """A function that takes a socket of this kind from the Desk."""
    if kind in ("new", "bound"):
        return lambda d: getattr(d, kind)()
    if kind == "new_datagrams":
        return lambda d: d.new(2)
    return lambda d: d.greeted(kind)


for _name, (_kinds, _good) in SOCKET.items():
    for _kind in _kinds:
        CALLS[f"Socket.{_name} {_kind}"] = (on(_kind), _good)
for _name, (_kind, _good) in UDP.items():
    CALLS[f"Datagrams.{_name}"] = (on(_kind), _good)

# Calls of which these arguments are replaced, because their signatures have **values
OPEN = [name for name in CALLS if " " in name and "Socket" not in name and "Datagrams" not in name]

# Calls without arguments: there is nothing to replace
BARE = set(
    "Radio.stop_scanning_networks SPWF04.forget_enterprise SPWF04.ipv6_addresses "
    "SPWF04.factory_reset "
    "Radio.start_dhcp_ap Radio.stop_dhcp_ap APWLAN.isconnected SPWF04.stop_ap "
    "SPWF04.stations WebPages.locked "
    "WebPages.poll WebPages.close SPWF04.volumes "
    "State.isconnected SPWF04.disconnect SPWF04.save SPWF04.time SPWF04.time_is_set "
    "CertificateStore.entries CertificateStore.list "
    "CertificateStore.clear CertificateStore.forget_identity CertificateStore.clear_slot "
    "Files.list Files.space SocketPool.lost "
    "Bundle.close Bundle.all Root.der RootList.all Block.der Supervisor.poll Supervisor.run "
    "WLAN.disconnect WLAN.isconnected "
    "Datagrams.accept Identity.der "
    "Identity.certificate Identity.key ATChannel.busy ATChannel.poll ATChannel.step "
    "ATChannel.lose ATChannel.in_step ATChannel.lost ATChannel.expect_echo Socket.is_new "
    "Pin.on Pin.off Pin.toggle ADC.read_uv ADC.read_u16 DAC.deinit PWM.deinit "
    "MQTTClient.disconnect MQTTClient.check_msg MQTTClient.ping WebSocket.readable "
    "Socket.is_open Socket.getpeername Socket.getsockname Socket.gettimeout".split()
)
# Public by name, but only the driver's other files call them
INSIDE = set(
    # and steps: the calls that take them to their end are here
    "MQTTClient.connecting MQTTClient.publishing MQTTClient.subscribing MQTTClient.unsubscribing "
    "MQTTClient.waiting MQTTClient.disconnecting MQTTClient.freeing MQTTClient.told "
    "MQTTClient.taken MQTTClient.damaged MQTTClient.die MQTTClient.spent MQTTClient.ended_by_peer "
    "WebSocket() WebSocket.sending WebSocket.receiving WebSocket.receiving_into "
    "WebSocket.closing WebSocket.freeing WebSocket.spent WebSocket.ended_by_peer "
    "services.websocket.connecting Exchange.following Exchange.go_on Exchange.is_harmful "
    "State() State.told_status State.doubt_address ATChannel.launch "
    "ATChannel.break_off "
    "services.mail.sending_mail services.tftp.getting services.tftp.putting "
    "services.python.running "
    "Socket.read_some "
    "Socket.read_some Files.putting WebPages.uploading WebPages.locking WebPages.looking "
    "WebPages.serving WebPages.waiting WebPages.work "
    "SocketPool.add_job SocketPool.yield_to_reader SocketPool.full SocketPool.list_again "
    "SocketPool.late_line SocketPool.serve SocketPool.serves_tls SocketPool.network_lost "
    "SocketPool.ended SocketPool.in_doubt "
    "SocketPool.write_doubtful Station() SSLContext.before_connect SSLContext.refused "
    "SSLContext.accepted "
    "SocketPool.ended SocketPool.in_doubt SocketPool.ask_soon State.indications_missed "
    "State.is_in_doubt ATChannel.break_off ATChannel.launch "
    "State.told_status State.doubt_address SSLContext.guard Exchange.following "
    "Exchange.go_on Exchange.is_stale "
    "Exchange.launched services.http.getting services.http.posting "
    "SocketPool.write_doubtful SSLContext.before_connect SSLContext.refused SSLContext.accepted "
    "SSLContext.before_listen Network() CertificateStore() "
    "CertificateStore.restore CertificateStore.switch CertificateStore.hashes_of "
    "CertificateStore.plan CertificateStore.accepted CertificateStore.install_from_roots "
    "CertificateStore.drop CertificateStore.new_entry CertificateStore.incomplete "
    "CertificateStore.notice_restart CertificateStore.other_form CertificateStore.aside "
    "CertificateStore.take "
    "CertificateStore.selected Files() Identity.both "
    "Entry() RootList.age roots.bundling.now roots.bundling.compose "
    "SSLContext.before_listen Socket() Datagrams() "
    "compat.ssl.use_roots Root() RootList() RootList.by_key RootList.by_name Block() ATChannel() "
    "ATChannel.deadline ATChannel.left ATChannel.expired ATChannel.start ATChannel.run "
    "ATChannel.wait ATChannel.take ATChannel.lines ATChannel.check SPWF04.joining "
    "SPWF04.wrap "
    "State.is_down State.told_address State.told_down State.doubt_network ATChannel.announced "
    "ATChannel.told ATChannel.later Pin.edge "
    # calls as steps: the others run them, and test_twins.py tries them
    "Pin.toggling "
    "Pin.initializing Pin.reading Pin.writing Pin.watching ADC.reading_uv ADC.reading_u16 "
    "DAC.writing PWM.setting PWM.ending "
    "Exchange.keep_text "
    "ATChannel.writing ATChannel.interrupted ATChannel.when_idle aio.take aio.pause".split()
)
CLASSES = {
    "at.channel": "ATChannel",
    "at.exchange": "Exchange",
    "roots.bundle": "Bundle Root",
    "roots.search": "RootList",
    "tls.store": "CertificateStore Entry",
    "compat.socket": "socket",
    "compat.ssl": "SSLContext Purpose",
    "commands.files": "Files",
    "services.web": "WebPages",
    "pki.identity": "Identity",
    "pki.pem": "Block",
    "radio": "SPWF04",
    "net.pool": "SocketPool",
    "supervise": "Supervisor",
    "net.endpoint": "Endpoint",
    "net.socket": "Socket",
    "tls.context": "SSLContext",
    "net.udp": "Datagrams",
    "state": "State",
    "compat.wifi": "WifiModule Network Station Radio",
    "services.pins": "Pin ADC DAC PWM",
    "services.mqtt": "MQTTClient",
    "services.websocket": "WebSocket",
    "compat.network": "NetworkModule WLAN",
    "compat.accesspoint": "APWLAN",
}
# Classes that programs do not call: they look at their objects, or never see them
SEEN = set(
    "Wps Enterprise Password "
    "Cork Diagnosis Finding Chain Flight HelloError HostTLS Opening Engine Parser UART "
    "AccessPoint Reply Resync Closing ServerClosing Servers Listener Client Senders Sender "
    "Peer Places Watch "
    "Cause Fields Plan Trust Certificate CertificateInfo Bytes "
    "Stream Task Wait errno SHA gaierror Raw Pair "
    "SPWF04Error ModuleError CertificateError DiscoveryError JoinError LinkLost NotFound "
    "Power Edges "
    "Chunks Filling Incoming Leftovers Message RawExchange Request Response "
    "Links ConnectionClosed Opener "
    "ModuleRestarted Digest Limit Terms Ending File".split()
)
# Files without functions that programs call by name
OTHERS = set(
    "commands.accesspoint compat.accesspoint arguments at.channel at.exchange at.failure "
    "at.hints at.message at.parser "
    "at.reading at.resync "
    "at.secret at.task at.uart checks commands.baudrate commands.clock commands.comma "
    "commands.config commands.factory commands.files commands.filesystem commands.join "
    "commands.ping commands.addresses commands.enterprise commands.random commands.wps "
    "compat.ipconfig commands.power services.pins commands.replace commands.reset "
    "commands.scan commands.station commands.status commands.update commands.volumes "
    "services.secure services.web compat.network compat.wifi const dates digest errors "
    "hostfile hosts at.raw services.httpbody services.httprequest services.httpurl "
    "services.leftovers services.printed "
    "hosttls.cpython hosttls.named hosttls.native hosttls.stream hosttls.validity "
    "hosttls.watch net.clients net.closing net.connect net.cork net.endpoint net.failure "
    "net.datagrams net.half net.makefile net.pool net.server net.socket net.stream net.udp "
    "payload pki.authority pki.causes pki.certificate pki.chain pki.faults pki.forms "
    "pki.handshake "
    "pki.identity pki.kinds pki.names pki.pem pki.rules pki.source pki.words pki.x509 radio "
    "roots.damage roots.ends roots.issuers services.incoming services.links services.mqtt "
    "services.http services.mail services.pins services.python services.tftp services.web "
    "services.secure sha state strings supervise tls.diagnose tls.discover tls.host "
    "tls.judge tls.listing tls.placing tls.plan tls.refusal tls.selection tls.slot tls.store "
    "tls.trust tls.upload".split()
)


def own(file, kind):
    """(name, object) of the public functions or classes that a file defines."""
    return [
        (name, value)
        for name, value in vars(FILES[file]).items()
        if kind(value) and value.__module__ == "spwf04." + file and not name.startswith("_")
    ]


def public():
    """{name: function} of all that a program may call."""
    found = {}
    for file, names in CLASSES.items():
        for cls in [getattr(FILES[file], name) for name in names.split()]:
            called = cls.__name__
            if file in ("compat.socket", "compat.ssl"):
                called = "Compat" + called  # tls/context.py has the same name
            elif called == "Endpoint":
                called = "Socket"  # UDP sockets have it too
            for name, value in vars(cls).items():
                function = getattr(value, "__func__", value)
                if name in ("__init__", "__new__"):
                    found[called + "()"] = function
                elif isinstance(value, property) and value.fset is not None:
                    found[f"{called}.{name}="] = value.fset
                elif not name.startswith("_") and inspect.isfunction(function):
                    found[f"{called}.{name}"] = function
    for file in MODULES:
        for name, function in own(file, inspect.isfunction):
            found[f"{file}.{name}"] = function
    return found


PUBLIC = public()


def base(name):
    return name.split(" ")[0]


def test_every_public_call_is_here():
    assert set(FILES) == OTHERS | set(MODULES), "a new file: has it calls of a program's?"
    known = set(CLASSES) | set(FILES)
    for file in known:
        names = {name for name, _ in own(file, inspect.isclass)}
        extra = names - set(CLASSES.get(file, "").split()) - SEEN
        assert not extra, f"{file}: a new class: has it calls of a program's?"
    covered = {base(name) for name in CALLS}
    assert set(PUBLIC) - covered - BARE - INSIDE == set()
    assert (covered | BARE | INSIDE) - set(PUBLIC) == set(), "no more in the code"


def test_what_has_no_arguments_has_none():
    for name in BARE & set(PUBLIC):
        assert len(inspect.signature(PUBLIC[name]).parameters) == 1, name


# calling -----------------------------------------------------------------------------------------
@functools.cache
def desks():
    return []


def desk():
    """A Desk that several calls use; now and then a new one."""
    kept = desks()
    if not kept or kept[0].module.commands > 4000:
        kept[:] = [Desk()]
    return kept[0]


def made(d, value):
    """A good argument: value, or what it makes of the Desk if it is a function of this file."""
    return value(d) if inspect.isfunction(value) and value is not nothing else value


def called(d, name, arguments):
    """A function that makes the call, to its end."""
    owner = CALLS[name][0]
    first = base(name)
    if owner is None:
        file, _, function = first.rpartition(".")
        function = getattr(FILES[file], function)
    elif first.endswith("()"):
        function = owner(d)
    elif first.endswith("="):
        thing = owner(d)

        def function(value):
            setattr(thing, first.split(".")[1][:-1], value)
    else:
        function = getattr(owner(d), first.split(".")[1])
    several = first.endswith((".config", ".ipconfig"))
    positional = arguments.pop("names", ()) if several else ()
    if not isinstance(positional, tuple):
        positional = (positional,)
    if positional and "radio" in arguments:
        positional = (arguments.pop("radio"), *positional)

    def run():
        result = function(*positional, **arguments)
        if inspect.iscoroutine(result):
            finish(d, result)
        elif first == "Supervisor()":
            for _ in range(50):
                result.poll()
                d.clock.idle()
        elif first == "SocketPool.socket":
            result.close()

    return run


# Calls of the channel that wait
BLOCKING = "command lines run step take wait".split()


@contextlib.contextmanager
def no_waiting(channel):
    """Within this, a call that waits for the module fails: it would hold an asyncio loop."""

    def wait(*args, **options):
        raise AssertionError("this waits for the module, and other tasks do not run")

    for name in BLOCKING:
        setattr(channel, name, wait)
    try:
        yield
    finally:
        for name in BLOCKING:
            delattr(channel, name)


def finish(d, coroutine):
    """Run a coroutine of aio.py in virtual time."""
    with contextlib.suppress(StopIteration), no_waiting(d.radio.channel):
        while True:
            coroutine.send(None)
            d.clock.idle()


@pytest.fixture(autouse=True)
def pauses(monkeypatch):
    class Pause:
        def __await__(self):
            yield

    async def pause():
        await Pause()

    monkeypatch.setattr(FILES["aio"], "pause", pause)


def names_of(name):
    """The arguments of a call."""
    first = base(name)
    if name in OPEN:
        return list(CALLS[name][1])
    if first.endswith("="):
        return ["value"]
    parameters = list(inspect.signature(PUBLIC[first]).parameters)
    return parameters if CALLS[name][0] is None or first == "Files.split" else parameters[1:]


def good(d, name):
    return {key: made(d, value) for key, value in CALLS[name][1].items()}


CALLBACKS = (
    "debug",
    "show",
    "write",
    "on_line",
    "on_change",
    "on_warning",
    "time",
    "clock",
    "reset",
    "do_handshake",
    "handler",
    "wake",
)


def told(error):
    """All that an exception and those before it show, without lines of code."""
    words = []
    while error is not None:
        words.append(repr(error) + str(error) + repr(getattr(error, "object", "")))
        error = error.__context__ or error.__cause__
    return " ".join(words)


SECRETS = ("password", "key", "keyfile", "certfile", "certificate", "cafile", "cadata", "data")


def attempt(d, name, arguments, argument, what):
    """Make one call. It may fail, but only as the documentation says."""
    setup = called(d, name, arguments)
    sent = d.module.bytes_in
    d.clock.end = d.clock.now() + LIMIT
    tell = f"{name} with {argument}={what}, SPWF04_SEED={SEED}"
    try:
        setup()
    except (TypeError, ValueError) as e:
        shown = told(e)
        assert d.module.bytes_in == sent, f"{tell}: sent before {shown}"
        assert not isinstance(e, UnicodeError), f"{tell}: {shown}"
        assert MARK not in shown, tell
        assert str(e), tell
    except OSError as e:
        assert MARK not in told(e) or argument not in SECRETS, tell
    except Hang:
        raise AssertionError(f"{tell} does not end") from None
    except Exception as e:
        if isinstance(e, KeyError) and name == "CertificateStore.remove":
            return
        lines = traceback.format_exc()
        raise AssertionError(f"{tell}: {type(e).__name__}\n{lines}") from None
    finally:
        d.clock.end = d.clock.now() + LIMIT
        try:
            after(d, name)
        except Exception:
            desks().clear()
            raise AssertionError(f"{tell}: and now\n{traceback.format_exc()}") from None


def after(d, name):
    """Undo what the call did, and check that the channel works."""
    FILES["at.trace"].stop(d.radio)
    if name.startswith("compat."):
        FILES["compat"].uninstall()
    if name == "SocketPool.fit":
        d.pool.chunk, d.pool.quiet_ms = 730, 500
    if name == "SocketPool.in_background":
        d.pool.in_background(None)
    if name in ("SPWF04.standby", "aio.standby"):
        d.radio.reset()
    if "payload" in CALLS[name][1]:
        d.radio.channel.lose()  # the caller gave more bytes than its line announces
    d.usable()
    d.tidy()


@pytest.mark.parametrize("name", CALLS)
def test_good_arguments_are_good(name):
    """If they were not, the tests below would prove nothing."""
    d = desk()
    arguments = good(d, name)
    unknown = set(arguments) - set(names_of(name))
    assert not unknown
    run = called(d, name, arguments)
    d.clock.end = d.clock.now() + LIMIT
    try:
        run()
    except OSError as e:
        # a kept socket may have nothing to read, or not yet
        kept = "Socket." in name or "Datagrams." in name
        assert kept or isinstance(e, CertificateError), traceback.format_exc()
    after(d, name)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Some values are good names of files, which are written then."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", [name for name in CALLS if names_of(name)])
def test_wrong_arguments(name):
    rng = chance(name)
    for argument in names_of(name):
        found = values()
        if argument in CALLBACKS or argument == "uart":
            found = [f for f in found if not callable(f[1])]
        for label, value in found if ALL else rng.sample(found, EACH):
            d = desk()
            arguments = {**good(d, name), argument: value}
            attempt(d, name, arguments, argument, label)


@pytest.mark.generated(40)
@pytest.mark.parametrize("name", [name for name in CALLS if names_of(name)])
def test_arguments_of_derived_classes_are_what_they_are(name):
    """The driver takes objects derived from str, bytes, int, float and tuple as what they are, and
    does not believe their own methods."""
    rng = chance(name)
    for argument in names_of(name):
        for label, value in lying() if ALL else rng.sample(lying(), EACH):
            if argument == "uart":
                continue
            d = desk()
            heard = bytearray()
            arguments = {**good(d, name), argument: value}
            receive = d.module.receive

            def listen(data, receive=receive, heard=heard):
                heard.extend(data)
                receive(data)

            d.module.receive = listen
            try:
                attempt(d, name, arguments, argument, label)
            finally:
                d.module.receive = receive
            assert b"FCFG" not in heard, f"{name} with {argument}={label}, SPWF04_SEED={SEED}"


# what else may raise during an exchange ----------------------------------------------------------
class Faulty:
    """Stands before a UART, and raises at its write number `at`."""

    def __init__(self, uart, at):
        self._uart = uart
        self._left = at

    def __getattr__(self, name):
        return getattr(self._uart, name)

    def write(self, *args):
        self._left -= 1
        if self._left == 0:
            raise BoomError
        return self._uart.write(*args)


def _sends(d):
    d.connected().sendall(b"0123456789" * 100)


def _sends_stepwise(d):
    sock = d.connected()
    sock.settimeout(0)
    for _ in range(20):
        with contextlib.suppress(BlockingIOError):
            sock.send(b"0123456789")
        d.clock.idle()


WAYS = {
    "get": lambda d: d.radio.get("nv_model"),
    "set with a comma": lambda d: d.radio.set("user_desc", "a,b"),
    "join": lambda d: d.radio.connect("open"),
    "send": _sends,
    "send without waiting": _sends_stepwise,
    "upload": lambda d: d.radio.files.put("2:/f.txt", b"0123456789" * 200),
    "install": lambda d: (d.certs.clear(), d.certs.install(d.controller.ca_pem())),
    "aio": lambda d: finish(d, FILES["aio"].command(d.radio.channel, b"AT+S.GCFG=nv_model\r")),
}


@pytest.mark.generated(40)
@pytest.mark.parametrize("at", range(1, 13))
@pytest.mark.parametrize("way", WAYS)
def test_an_exception_out_of_the_midst_leaves_a_channel_that_works(way, at):
    """The UART raises it here, at any piece. The next call finds the module again."""
    d = desk()
    d.joined()
    uart = d.radio.channel.uart.device
    d.radio.channel.uart.device = Faulty(uart, at)
    d.clock.end = d.clock.now() + LIMIT
    try:
        with contextlib.suppress(BoomError):
            WAYS[way](d)
    finally:
        d.radio.channel.uart.device = uart
    try:
        d.usable()
        d.tidy()
        d.joined()
        sock = d.connected()
        sock.send(b"after")
        assert sock.recv(5) == b"after"
        d.tidy()
    except BaseException:
        desks().clear()
        raise
