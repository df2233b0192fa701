"""The simulator's side of a scenario: one factory-fresh module in a small world.

Scenarios call its methods by name, with bench.sim(name, ...). Arguments and results are numbers,
strings, bytes, and lists of these.
"""

import re
import ssl
import threading
import time

from spwf04_sim import Peer, Quirks, RealClock, SimulatedModule, Timing, World
from tests.shims.air import Air
from tests.shims.browsing import Browsing
from tests.shims.credentials import Credentials
from tests.shims.images import Images
from tests.shims.links import Links
from tests.shims.logins import Logins
from tests.shims.miniap import MiniAp
from tests.shims.pinboard import PinBoard
from tests.shims.played import Played
from tests.shims.posts import Posts
from tests.shims.servers import servers
from tests.shims.tls13 import Modern
from tests.shims.visits import Visits, route_usual
from tests.shims.webs import Webs

_OWN = re.compile(rb"AT\+S\.(?:SOCK[A-Z]+|STS|TIME)(?:=[^\r]*)?\r")
_FRAGMENTS = {b"\rAT+S.SOCK"[at : at + 4] for at in range(7)}


class Collector(Peer):
    """A TLS server inside the simulation. It keeps what it gets, both as it comes and decrypted.

    interval: ms between two bytes that it sends; 0: none.
    """

    interval = 0
    prefix = b""  # what is sent before the first record

    def __init__(self, context, greeting, clock):
        self._clock = clock
        self._held = bytearray()
        self._last = 0
        super().__init__()
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_side=True)
        self._greeting = greeting
        self._shaken = False
        self.raw = bytearray()
        self.text = bytearray()

    def on_data(self, data):
        self.raw += data
        self._in.write(data)
        try:
            if not self._shaken:
                self._tls.do_handshake()
                self._shaken = True
                if self._greeting:
                    self._tls.write(self._greeting)
            while part := self._tls.read(4096):
                self.text += part
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError:
            self.close()
        part = self._out.read()
        if part:
            self.send(self.prefix + part)
            self.prefix = b""

    def says(self, data):
        """Send data in one record."""
        self._tls.write(data)
        self.send(self._out.read())

    def ends(self):
        """Send close_notify; the connection stays open."""
        try:
            self._tls.unwrap()
        except ssl.SSLError:
            pass
        self.send(self._out.read())

    @property
    def outgoing(self):
        now = self._clock.ticks_ms()
        if not self.interval:
            self._free += self._held
            self._held.clear()
        while self._held and (now - self._last) & 0x1FFFFFFF >= self.interval:
            self._free.append(self._held.pop(0))
            self._last = now
        return self._free

    @outgoing.setter
    def outgoing(self, data):
        self._free = data

    def send(self, data):
        if not self._held:
            self._last = self._clock.ticks_ms()
        self._held += data

    def is_tls(self):
        """True if all that came is TLS records."""
        at = 0
        while at + 5 <= len(self.raw):
            if self.raw[at] not in (20, 21, 22, 23) or self.raw[at + 1] != 3:
                return False
            at += 5 + int.from_bytes(self.raw[at + 3 : at + 5], "big")
        return at == len(self.raw)


def add_usual_networks(world):
    """Add the networks of most scenarios."""
    world.add_access_point("home", "correct horse")
    world.add_access_point("open", rssi=-71, channel=11)
    world.add_access_point("a,b|c", "pass,word;1", rssi=-60)
    world.add_access_point("it's", "correct horse", rssi=-80)
    world.add_access_point("nolease", "correct horse", lease=None)


class Controller(
    Air,
    Browsing,
    MiniAp,
    Images,
    Logins,
    Links,
    Modern,
    PinBoard,
    Played,
    Posts,
    Credentials,
    Visits,
    Webs,
):
    """A world and a module that has just been switched on."""

    def __init__(self, quirks=None, clock=None, timing=None, rehearsal=None):
        """rehearsal: (SSID, password, variables) of a world in which nothing is as usual; see
        tests/hardware."""
        self.world = world = World()
        variables = None
        if rehearsal is None:
            add_usual_networks(world)
        else:
            ssid, password, variables = rehearsal
            world.add_access_point(ssid, password, lease="10.11.12.13", gateway="10.11.12.1")
        route_usual(world)
        self.play()
        timing = timing or Timing.fast()
        if clock is None:
            # The module tells each time that it looks for its network. If it did so too often, a
            # program that comes late, or has a slow clock, would never find the line silent
            timing.retry = 700
        self.module = SimulatedModule(
            world,
            quirks=quirks or Quirks(),
            clock=clock or RealClock(),
            timing=timing,
            variables=variables,
        )
        self.clock = self.module.clock
        self.module.power_on()

    # the wire
    def commands(self):
        return self.module.commands

    def bytes_in(self):
        return self.module.bytes_in

    def bytes_out(self):
        return self.module.bytes_out

    def log(self):
        return list(self.module.log)

    def host_sends(self, data):
        self.module.receive(data)

    def garbage(self, data):
        self.module.emit(data)

    def lose_host_bytes(self, n):
        """Lose n bytes of the next payload, but not of the store's own files (spwf04.…)."""
        module = self.module
        original = module.console.open_data

        def once(call, size):
            if "spwf04." in call.arguments[0]:
                original(call, size)
                return
            module.console.open_data = original
            original(call, size + n)  # the module waits for n more bytes

        module.console.open_data = once

    def fault(self, name, way, at):
        self.module.faults.add(name, way=way, at=at)

    def refuse(self, command, number, times):
        """Refuse a command with an error, so many times."""
        self.module.faults.add("refuse", command=command, number=number, times=times)

    def unplug(self):
        self.module.unplug()

    def replug(self):
        self.module.replug()

    # the module
    def quirk(self, name):
        return getattr(self.module.quirks, name)

    def boots(self):
        return self.module.boots

    def clock_is_new(self):
        """True: the module has been switched on just now, so nobody has set its clock."""
        return self.module.boots == 1

    def restart(self, reason):
        self.module.restart(reason)

    def boots_with(self, name, value):
        """Have a variable of the saved configuration, and restart."""
        self.module.flash.saved[name] = value
        self.module.restart()

    def slow_connections(self, ms):
        """Set how long a TCP connection takes."""
        self.module.timing.tcp = ms

    def hold_connections(self):
        """Hold all new TCP connections until let_connections()."""
        let = self._let = threading.Event()
        self.module.timing.tcp = let.is_set

    def let_connections(self):
        """Complete the TCP connections that were held."""
        self._let.set()

    def drop_link(self):
        self.module.drop_link()

    def open_sockets(self):
        return len([s for s in self.module.sockets if s is not None])

    def reset_pin(self, level):
        self.module.reset_pin(level)

    # a server that keeps what it gets
    def collect(self, port, greeting=b""):
        """Have collector.example and beyond.example answer on a port, by TLS.

        The module can take the chain of the first, but not that of the second.
        """
        made = servers()
        self.interval = 0
        self.prefix = b""
        self.heard = bytearray()
        receive = self.module.receive

        def listen_in(data):
            self.heard += data
            receive(data)

        self.module.receive = listen_in
        for host in ("collector.example", "beyond.example"):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            made.collectors[host].configure_cert(context)

            def connected(context=context):
                self.collector = Collector(context, greeting, self.module.clock)
                self.collector.interval = self.interval
                self.collector.prefix = self.prefix
                return self.collector

            self.world.route(host, port, connected)

    def drip(self, ms):
        """Have it wait ms between two bytes, now and on later connections; 0: not at all."""
        self.interval = ms
        if hasattr(self, "collector"):
            self.collector.interval = ms

    def collector_says(self, data):
        self.collector.says(data)

    def collector_ends(self):
        self.collector.ends()

    def collector_sends(self, data):
        """Send bytes that are no record of this connection."""
        self.collector.send(data)

    def collector_begins(self, data):
        """On later connections, send data before the server's first record."""
        self.prefix = data

    def listen(self):
        """Record the UART from now on."""
        self.heard = bytearray()

    def collected(self):
        """Return what the last of these servers got, decrypted."""
        return bytes(self.collector.text)

    def collected_as_tls(self):
        """True if that server got nothing but TLS records."""
        return self.collector.is_tls()

    def in_clear(self, data):
        """The parts of data, four bytes in a row, that the UART carried and that are not in
        "AT+S.SOCK". What TLS has made of it may end with "x\\r", and a command of the driver's own
        begins behind that: no part reaches into one."""
        parts = {data[at : at + 4] for at in range(len(data) - 3)} - _FRAGMENTS
        pieces = _OWN.split(bytes(self.heard))
        return sorted(part for part in parts if any(part in piece for piece in pieces))

    def ntp(self):
        """Have an NTP server answer from now on."""
        self.world.ntp = int(time.time())

    def address_of(self, port):
        """Where a server socket of the module really is."""
        return self.world.listening[port]

    def open_servers(self):
        return len([s for s in self.module.socket_table.servers if s is not None])

    def servers_that_stay(self):
        """As open_servers(), while one is expected: on a real module asking would change it."""
        return self.open_servers()

    # the module's flash
    def slot(self):
        return sorted(self.module.flash.slot)

    def files(self):
        return sorted(name for _, name in self.module.flash.files)

    def put_file(self, name, data):
        self.module.flash.files[2, name] = bytearray(data)

    def before_files(self, data):
        """Have the module say something before it prints a file, from now on."""
        runner = self.module.runner
        parse = runner.parse

        def and_say(line):
            if line.startswith(b"AT+S.FSP="):
                self.module.emit(data)
            return parse(line)

        runner.parse = and_say

    def fill_disk(self, n):
        self.put_file("data.txt", bytes(n))
