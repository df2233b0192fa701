"""Whatever a host, servers and the air may do to a simulated module, at random."""

import base64
import hashlib
import random
import re

from spwf04_sim import (
    EchoPeer,
    Flash,
    FloodPeer,
    Peer,
    SilentPeer,
    SimulatedModule,
    Timing,
    VirtualClock,
    World,
    disk_image,
    firmware_image,
    random_quirks,
)
from spwf04_sim.commands import parse
from spwf04_sim.commands.manual import NAMES
from spwf04_sim.parts.variables import DEFAULTS
from tests.shims.shapes import rsa_key
from tests.shims.tlspeer import Certified, TlsPeer
from tests.sim.broker import packet

FINAL = re.compile(rb"AT-S\.(?:OK|ERROR)[^\r]*\r\n")
HOST = "s.example"
_MOST = 5000  # bytes of data that are sent
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_FIRMWARES = ("171117-0328fe3", "170216-fd39c59")


_CA = Certified("a root", key=rsa_key(0))
_SERVER = Certified(HOST, _CA, [HOST], key=rsa_key(1)).server


# servers --------------------------------------------------------------------------------------
class Garbage(Peer):
    """Answers what it gets with bytes that mean nothing, or ends."""

    chance = random.Random(0)
    begins: "list[bytes]" = [b""]

    def on_connect(self):
        if self.chance.random() < 0.3:
            self.on_data(b"")

    def on_data(self, data):
        chance = self.chance
        self.send(chance.choice(self.begins) + chance.randbytes(chance.choice((0, 1, 9, 3000))))
        ends = (self.close, self.reset, self.shut_down, self.vanish, *[lambda: None] * 4)
        chance.choice(ends)()


class Web(Garbage):
    """Answers that are nearly those of a web server."""

    begins = [
        b"HTTP/1.1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody",
        b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\nbody",
        b"HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\nbody",
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\nbody",
        b"HTTP/1.1 " + b"9" * 5000 + b"\r\n\r\nbody",
        b"HTTP/1.1 \xb2\r\n\r\n",
        b"HTTP/1.1 204\r\n\r\n",
        b"\r\n\r\n",
        b"220 \r\n250 \r\n235 \r\n354 \r\n" * 9,
        b"\n" * 40,
    ]


class Page(Peer):
    """A web server that has one page, however it is asked."""

    page = b""

    def on_data(self, data):
        if data.endswith(b"\r\n\r\n"):
            self.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(self.page))
            self.send(self.page)


class Sockets(Peer):
    """A server of WebSockets, or a broker, that soon talks nonsense."""

    chance = random.Random(0)
    soon = 0.1

    def on_data(self, data):
        chance = self.chance
        if data.startswith(b"GET "):
            key = re.search(rb"Sec-WebSocket-Key: (\S+)", data)
            proof = base64.b64encode(hashlib.sha1(key[1] + _GUID).digest()) if key else b""
            self.send(b"HTTP/1.1 101 Ok\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
            self.send(b"Sec-WebSocket-Accept: " + proof + b"\r\n\r\n")
        elif chance.random() < self.soon:
            self.send(chance.randbytes(40))
        else:
            self._frame(self._answer(data))

    def _frame(self, data):
        kind = self.chance.choice((0x82,) * 9 + (0x81, 0x02, 0x80, 0x88, 0x89, 0x8A))
        data = data[:125]
        self.send(bytes((kind, len(data))) + data)

    def _answer(self, data):
        size = data[1] & 127
        mask, body = data[2:6], data[6 : 6 + size]
        body = bytes(b ^ mask[n % 4] for n, b in enumerate(body))
        kind = body[0] >> 4 if body else 0
        if kind == 1:
            return packet(0x20, bytes((0, 0)))
        if kind in (3, 5, 6, 8, 10):
            answer = {3: 0x40, 5: 0x62, 6: 0x70, 8: 0x90, 10: 0xB0}[kind]
            return packet(answer, body[2:4] + b"\0")
        if self.chance.random() < 0.5:
            return packet(0x30 | self.chance.randrange(16), self.chance.randbytes(30))
        return self.chance.randbytes(30)


def made(kind, chance, **more):
    """Return a function that makes such Peers. more: their attributes."""
    return type(kind.__name__, (kind,), {"chance": chance, **more})


def images(chance):
    """Return file systems and firmware images, whole, changed, and cut."""
    disk = disk_image({"index.html": b"x" * 700, "a long name of a file.txt": b"y" * 40})
    found = [disk, firmware_image("171117-0328fe3", size=512), b"", chance.randbytes(600)]
    for image in found[:2]:
        changed = bytearray(image)
        for _ in range(chance.randrange(1, 9)):
            changed[chance.randrange(min(len(changed), 9000))] = chance.randrange(256)
        found += [bytes(changed), image[: chance.randrange(len(image))]]
    for at in (13, 16, 17, 22, 510):  # fields of the boot sector
        changed = bytearray(disk)
        changed[at] = chance.randrange(256)
        found.append(bytes(changed))
    return found


def surroundings(chance):
    """Return a World with networks of all kinds and servers that cannot be relied on."""
    world = World()
    world.add_access_point("net", "secret12", lease=chance.choice(("192.168.1.9", None)))
    world.add_access_point("net", "secret12", rssi=-80)
    world.add_access_point("wep", b"12345", security="WEP")
    world.add_access_point("free")
    world.add_access_point("firm", users={b"identity": b"pass"})
    world.add_access_point("cell", ibss=True)
    world.add_access_point("shy", "secret12", hidden=True)
    world.add_guest("02:00:00:00:00:01", "net", "secret12")
    world.ntp = chance.choice((None, 1700000000))
    world.silent_dns = chance.random() < 0.05
    kinds = [lambda: TlsPeer(_SERVER, [])] * 2 + [
        EchoPeer,
        FloodPeer,
        SilentPeer,
        made(Garbage, chance),
        made(Web, chance),
    ]
    kinds += [made(Page, chance, page=page) for page in (b"", *images(chance))]
    kinds += [made(Sockets, chance), *[made(Sockets, chance, soon=0)] * 4]
    for port in range(80, 92):
        world.route(HOST, port, chance.choice(kinds))
    return world


# what a host says -----------------------------------------------------------------------------
_ODD = (
    [b"", b"NULL", b"0", b"1", b"2", b"3", b"7", b"8", b"00", b"-1", b"+1", b"1.5", b"0x10"]
    + [b"255", b"256", b"65535", b"65536", b"4294967295", b"4294967296", b"9" * 30, b"9" * 400]
    + ["²".encode(), "٣".encode(), "１".encode(), b"\xff\xfe", b"\0", b"a\0b", b" ", b"\t"]
    + [b"a" * 33, b"b" * 200, b"../../etc/passwd", b"9:/x", "²:/x".encode(), b":/", b"/", b"*"]
    + [b"u", b"t", b"s", b"tu", b"s1", b"s2", b"in", b"out", b"d", b"m", b"ca", b"content", b"e"]
    + [b"i", HOST.encode(), b"10.0.0.1", b"1.2.3.\xb2", "ü.example".encode(), b"x" * 64 + b".de"]
)
_FILES = [b"file", b"2:/file", b"3:/index.html", b"0:/x", b"1:/u.cert", b"new", b"I:/new"]
_PORTS = [b"%d" % port for port in range(80, 92)]
_H = [HOST.encode()]
_ID, _BIT, _NO = [b"0", b"1"], [b"0", b"1", b""], [b""]
# What the arguments of a command should be; the last one is repeated
_GOOD = {
    "PMS": [[b"0", b"1", b"2", b"3"]],
    "STS": [[b"ip_ipaddr", b"free_heap", b""]],
    "TIME": [[b"", b"1700000000"]],
    "GPIOC": [[b"4", b"6", b"0"], [b"in", b"out"], [b"r", b"b", b""]],
    "GPIOW": [[b"4"], [b"0", b"1"]],
    "PWM": [[b"2", b"4"], [b"0", b"1000"], [b"50"]],
    "FSM": [[b"0", b"1", b"2", b"3"]],
    "FSU": [[b"0", b"1", b"2", b"3"], _BIT],
    "FSC": [_FILES, [b"5", b"100", b"20000"]],
    "FSR": [_FILES],
    "FSL": [[b"", b"*", b"2:/*"]],
    "FSP": [_FILES, [b"0", b"3"], [b"2", b"900"]],
    "FSD": [_FILES],
    "HASH": [[b"0", b"3"], _FILES],
    "WPAECERT": [[b"ca", b"cert", b"key", b"content"], [b"9", b"2"]],
    "TLSCERT": [[b"ca", b"cert", b"key", b"auth", b"content"], [b"9", b"2"]],
    "WIFI": [_ID],
    "SCAN": [[b"", b"d", b"s", b"m"], [b"", b"", b"list"]],
    "SSIDTXT": [[b"net", b"wep", b"free", b"firm", b"cell", b"shy"]],
    "PEERS": [[b"", b"0"], [b"", b"rx_rssi"]],
    "WPS": [[b"", b"12345670"]],
    "PING": [[b"3"], [b"56"], _H],
    "SOCKON": [_H, _PORTS, _NO, [b"t", b"u", b"s", b"s.example"]],
    "SOCKDON": [[b"80", b"69", b"4000"], [b"t", b"u", b"s1", b"s2"]],
    "SOCKW": [_ID, [b"5", b"700"]],
    "SOCKR": [_ID, [b"", b"5", b"700"]],
    "WSOCKW": [_ID, _BIT, _BIT, _BIT, [b"5"]],
    "WSOCKON": [_H, _PORTS, [b"/"], _BIT, _NO],
    "MQTTCONN": [_H, _PORTS, [b""], _BIT, _NO, _NO, _NO, [b"", b"5"], [b"", b"1"], _BIT, [b"t"]],
    "MQTTSUB": [_ID, [b"t"], _BIT],
    "MQTTUNSUB": [_ID, [b"t"]],
    "MQTTPUB": [_ID, [b"t"], [b"0", b"1", b"2"], _BIT, [b"5"]],
    "HTTPGET": [_H, [b"/"], _PORTS, _BIT, _NO, _NO, [b"", b"new"], [b"", b"file"]],
    "HTTPPOST": [_H, [b"/"], _PORTS, _BIT, _NO, _NO, [b"", b"new"], [b"file"]],
    "TFTPGET": [_H, _PORTS, [b"new"]],
    "TFTPPUT": [_H, _PORTS, [b"file"]],
    "SMTP": [_H, _PORTS, _BIT, [b"", b"me"], _NO, _NO, [b"a@b"], [b"c@d"], *[_NO] * 4, [b"5"]],
    "FWUPDATE": [[b"e", b"i"], _H, [b"/"], _PORTS],
    "FSUPDATE": [[b"e", b"i"], _H, [b"/"], _PORTS],
    "INPUTSSI": [[b"5"]],
    "SELFTEST": [[b"1"], [b"s.example"], _PORTS, [b"3"], [b"9"], [b"t", b"u"]],
    "ADC": [[b"0", b"1"]],
    "DAC": [[b"0", b"900"]],
}
# Commands that open what others need are said more often
_OFTEN = ("SOCKON", "WSOCKON", "MQTTCONN", "HTTPGET", "FSUPDATE", "FWUPDATE", "SOCKDON", "TFTPGET")
_ENDING = ("SCFG", "RESET", "WIFI", "PMS", "FCFG", "WPS", "SSIDTXT", "FSU")  # much, for long


def line(chance, delimiter=b",", useful=(), calm=False):
    """Return a command line without its CR. useful: commands that something is open for. calm:
    none that end much."""
    name = chance.choice(_OFTEN if chance.random() < 0.3 else NAMES)
    if not calm and chance.random() < 0.1:
        name = "SCFG"
    if calm and name in _ENDING:
        name = chance.choice(_OFTEN)
    if useful and chance.random() < 0.7:
        name = chance.choice(useful)
    if name == "SCFG":
        words = [chance.choice(list(DEFAULTS)).encode(), chance.choice(_ODD)]
    else:
        good = _GOOD.get(name, [_ID])
        count = len(good) if chance.random() < 0.7 else chance.randrange(len(good) + 3)
        words = [chance.choice(good[min(n, len(good) - 1)]) for n in range(count)]
        for n in range(count):
            if chance.random() < (0.1 if count > 4 else 0.2):
                words[n] = chance.choice(_ODD)
    text = b"AT" if name == "AT" else b"AT+S." + name.encode()
    if words:
        text += b"=" + delimiter.join(words)
    if chance.random() < 0.03:
        text = bytes(chance.choice((text[:-1], text + b"\0", b"\0" + text, chance.randbytes(9))))
    if chance.random() < 0.02:
        text = text.ljust(chance.choice((511, 512, 513, 900)), b"z")
    return text.replace(b"\r", b"").replace(b"\n", b"")


class Anything:
    """A module, in whatever state it is, to which anything happens. log: what was done to it."""

    def __init__(self, chance):
        self.chance = chance
        self.calm = chance.random() < 0.6
        self.world = surroundings(chance)
        self.clock = VirtualClock(longest=1000)
        self.clock.no_real_servers()
        self.quirks = random_quirks(chance.randrange(1 << 30))
        self.module = SimulatedModule(
            self.world,
            quirks=self.quirks,
            clock=self.clock,
            timing=Timing.fast(baud=chance.choice((None, None, 115200))),
            flash=Flash(saved=self._saved(), sd_card=chance.random() < 0.5),
            firmware=chance.choice(_FIRMWARES),
        )
        self.module.flash.slot["ca"] = _CA.der
        self.module.flash.files[1, "u.cert"] = bytearray(chance.randbytes(70))
        self.log = []
        self.heard = b""
        self.module.power_on()
        self.wait(chance.choice((0, 0.01, 5, 5, 5)))
        begins = _CA.certificate.not_valid_before_utc.timestamp()
        self.module.set_clock(int(begins) + 86400 * 10)
        self.module.flash.files[2, "file"] = bytearray(b"<!--|00|a|1|-->" * 60)

    def _saved(self):
        chance = self.chance
        mode = chance.choice(("station", "station", "station", "MiniAP", "IBSS", "fresh"))
        saved = {"console_echo": chance.choice(("0", "1")), "sleep_enabled": chance.choice("01")}
        saved["standby_enabled"] = chance.choice("01")
        if mode == "fresh":
            return saved
        saved.update(wifi_ssid="net", wifi_wpa_psk_text="secret12", wifi_mode="1")
        if mode == "MiniAP":
            saved.update(wifi_mode="3", wifi_ssid="mine")
        if mode == "IBSS":
            saved.update(wifi_mode="2", wifi_ssid="cell", wifi_priv_mode="0")
        return saved

    def wait(self, seconds, until=lambda: False):
        """Let time pass, and take what the module says."""
        end = self.clock.now() + seconds
        while not until() and self.clock.now() < end:
            self.clock.idle()
            self.heard += self.module.transmit()

    # what happens to it ----------------------------------------------------------------------
    def event(self):
        """Have something happen that is no command, less often to a calm module."""
        if self.calm and self.chance.random() < 0.8:
            return
        what = self.chance.choice((self._air, self._power, self._stations, self._outside))
        what()

    def _air(self):
        world, chance = self.world, self.chance
        what = chance.randrange(4)
        self.log.append(f"air {what}")
        if what == 0:
            self.module.drop_link(chance.choice((0, 50, 5000)))
        elif what == 1 and world.access_points:
            world.remove_access_point(chance.choice(world.access_points))
        elif what == 2:
            world.add_access_point("net", "secret12", rssi=chance.choice((-40, -97)))
        else:
            for point in world.access_points:
                point.rssi = chance.choice((-40, -60, -97))
                point.lease = chance.choice((point.lease, None))
                point.button = chance.random() < 0.3

    def _power(self):
        module, chance = self.module, self.chance
        what = chance.randrange(7)
        self.log.append(f"power {what}")
        if what == 0:
            module.power_off()
            self.wait(chance.choice((0, 1)))
        elif what == 1:
            module.reset_pin(0)
            self.wait(chance.choice((0, 1)))
        elif what == 2:
            module.restart(chance.choice(("reset", "hardfault", "watchdog", "factory")))
        elif what == 3:
            module.wedge()
        elif what == 4:
            module.unplug()
            module.replug()
        self.wait(chance.choice((0, 0.005, 1)))
        module.reset_pin(1)
        module.power_on()

    def _stations(self):
        self.log.append("station")
        mac = f"02:00:00:00:00:{self.chance.randrange(9):02}"
        try:
            if self.chance.random() < 0.6:
                self.module.station_joins(mac, password="secret12")
            else:
                self.module.station_leaves(mac)
        except (ConnectionRefusedError, ValueError):
            pass

    def _outside(self):
        chance = self.chance
        pin = chance.choice((4, 6, 6, 6))
        self.log.append(f"pin {pin}")
        self.module.pins.drive(pin, chance.randrange(2), chance.choice((0, 2)))
        try:
            port = chance.choice((80, 4000))
            self.module.visit(port, made(Garbage, chance)())
        except ConnectionRefusedError:
            pass

    # what is said to it ----------------------------------------------------------------------
    @property
    def listening(self):
        """True if a command is heard now."""
        module = self.module
        spi = module.variables["console_enabled"] in "03" or module.pins.level(9)
        return module.listens and module.booted and not module.power.asleep and not spi

    def command(self):
        """Say a command; return (line, final lines, whether exactly one is due)."""
        module, chance = self.module, self.chance
        delimiter = bytes((int(module.variables["console_delimiter"], 16),))
        text = line(chance, delimiter, self._useful(), self.calm)
        sure = self.listening and not module.busy and self.quiet()
        self.log.append(text)
        call, _ = parse(module, text, delimiter)
        boots = module.boots
        self.heard = b""
        module.receive(text + b"\r" + self._data(call))
        if call is not None and (call.wants or 0) > _MOST:
            sure = False
        self.wait(0.05)
        if chance.random() < (0.05 if self.calm else 0.3):
            self.event()
            sure = False
        patient = sure and not self._ends_otherwise(text)  # 65536 pings are not waited for
        self.wait(300 if patient else 2, lambda: FINAL.search(self.heard))
        finals = FINAL.findall(self.heard)
        sure = sure and module.boots == boots and not self._ends_otherwise(text)
        return text, finals, sure

    def quiet(self):
        """True if nothing is left of what was said before."""
        self.heard = b""
        self.module.receive(b"\rAT\r")
        self.wait(3, lambda: b"AT-S.OK" in self.heard)
        self.wait(0.05)
        return FINAL.findall(self.heard)[-1:] != [] and b"AT-S.OK" in self.heard

    def _data(self, call):
        if call is None or call.wants is None:
            return b""
        if call.refusal is not None and self.quirks.refused_payload == "console":
            return b""
        return self.chance.randbytes(min(call.wants, _MOST))

    def _useful(self):
        """The commands for what is open, a list."""
        module = self.module
        found = []
        if any(module.sockets):
            found += ["SOCKW", "SOCKR", "SOCKQ", "SOCKC", "SOCKL"]
        if any(s is not None and any(s.clients) for s in module.socket_table.servers):
            found += ["SOCKDW", "SOCKDR", "SOCKDQ", "SOCKDC", "SOCKDL"]
        if module.connections.of_kind("w"):
            found += ["WSOCKW", "WSOCKR", "WSOCKQ", "WSOCKC", "WSOCKL"]
        if module.connections.of_kind("m"):
            found += ["MQTTSUB", "MQTTPUB", "MQTTUNSUB", "MQTTDISC", "MQTTPUB"]
        return found

    def _ends_otherwise(self, text):
        """True for a command that need not have one final line, or takes long for a reason."""
        word = text.upper().lstrip(b"\0")
        quirks = self.quirks
        repeater = int(self.module.variables["console_repeater"], 16)
        return (
            (quirks.repeater == "at once" and text[:1] == bytes((repeater,)))
            or word.startswith((b"AT+S.RESET", b"AT+S.PMS", b"AT+S.PING", b"AT+S.SELFTEST"))
            or (word.startswith(b"AT+S.SOCKON") and quirks.ninth_socket == "hang")
            or (word.startswith(b"AT+S.WIFI") and quirks.wifi0_starting == "stalls")
            or (word.startswith(b"AT+S.MQTTCONN") and quirks.mqtt_retry == "attempts")
            or (word.startswith(b"AT+S.RENEW"))
        )

    def answers(self):
        """Reset it by its pins; True if it answers AT then."""
        module = self.module
        module.replug()
        self.world.silent_dns = False
        for pin in (6, 9):
            module.pins.drive(pin, 0)
        module.pins.drive(0, module.flash.saved.get("console_enabled", "1") in "03")
        module.power_on()
        self.wait(0.1)
        module.reset_pin(0)
        self.wait(0.1)
        module.reset_pin(1)
        self.wait(90, lambda: module.booted)
        self.wait(0.1)
        self.heard = b""
        module.receive(b"AT\r")
        self.wait(5, lambda: b"AT-S.OK" in self.heard)
        return b"AT-S.OK" in self.heard
