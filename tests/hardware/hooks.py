"""What scenarios can ask of a bench with a real module: bench.sim(name, ...).

The public methods of Hooks are all there is. What else a scenario asks for, only a simulated
module has, and the scenario is not for hardware.
"""

import contextlib
import socket
import threading
import time

from spwf04_sim import FloodPeer, RealClock
from tests import HANG
from tests.hardware.needs import NeedsSimulation
from tests.shims.browsing import Browsers
from tests.shims.collecting import Collecting
from tests.shims.credentials import Credentials
from tests.shims.links import Links, WebPeer
from tests.shims.played import Puppets
from tests.shims.posts import Posts
from tests.shims.tls13 import Modern
from tests.shims.visits import Visits, route_usual
from tests.shims.webs import Webs

_SETTLED_S = 0.15  # what a network brings has come after so long
_PATIENCE_S = 5
_TFTP = 69


def settled(ask):
    """What ask() returns, once it returns the same twice."""
    got = None
    while got != (got := ask()):
        time.sleep(_SETTLED_S)
    return got


class Linked(Collecting, Links, Modern, Posts, Webs, Browsers):
    """Servers of the services and of TLS, on this computer. Each is at work in a thread of its
    own, and what they got may still be on its way."""

    def listen_in(self):
        self.bench.device.heard = self.heard

    def listen(self):
        super().listen()
        self.listen_in()

    def later(self, ms, function, *arguments):
        def call():
            with self.world.lock:
                function(*arguments)

        threading.Timer(ms / 1000, call).start()

    def _shaken(self):
        """Wait until the server has the end of the client's handshake too."""
        end = time.monotonic() + _PATIENCE_S
        while not self.collector.shaken and time.monotonic() < end:
            time.sleep(0.01)

    def collector_says(self, data):
        self._shaken()
        with self.world.lock:
            super().collector_says(data)

    def collector_ends(self):
        self._shaken()
        with self.world.lock:
            super().collector_ends()

    def collector_sends(self, data):
        with self.world.lock:
            super().collector_sends(data)

    def collected(self, *part):
        if part:
            return super().collected(*part)  # collected_length() has waited for it
        return settled(super().collected)

    def collected_length(self):
        return settled(super().collected_length)

    def modern_says(self, steps):
        with self.world.lock:
            super().modern_says(steps)

    def modern_got(self):
        return settled(super().modern_got)

    def web_got(self):
        return settled(super().web_got)

    def broker_got(self, kind):
        return settled(lambda: super(Linked, self).broker_got(kind))

    def links_taken(self):
        """As of a Controller, seen from the other end."""
        return settled(lambda: self.world.connected(WebPeer))

    def route_datagrams(self, host, port, made):
        self.world.route_datagrams(host, port, made)

    def tftp_upload(self, name, data):
        """As of a Controller."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(_PATIENCE_S)
            there = self.address_of(_TFTP)
            for packet in (b"\0\2" + name.encode() + b"\0octet\0", b"\0\3\0\1" + data):
                sock.sendto(packet, there)
                _, there = sock.recvfrom(600)


class Hooks(Credentials, Puppets, Visits, Linked):
    """world: the Hosts. bench: the ModuleBench; it sets itself. readings: {switch: reading} that
    are known of this module."""

    def __init__(self, world, readings):
        self.world = world
        self.clock = RealClock()
        self.bench = None
        self._readings = readings
        self._visited = set()
        self._guests = 0  # how many of the puppets came to the module
        self.play()
        route_usual(world)
        world.are_usual()

    # the line
    def commands(self):
        return self.bench.counted("commands")

    def bytes_in(self):
        return self.bench.counted("sent")

    def log(self):
        return list(self.bench.said)

    def host_sends(self, data):
        self.bench.device.write(data)

    def pass_time(self, ms):
        time.sleep(ms / 1000)

    # the module, as it answers itself
    def quirk(self, name):
        if name not in self._readings:
            raise NeedsSimulation(f"the reading of {name}: --reading {name}=…")
        return self._readings[name]

    def open_sockets(self):
        def ask(radio):
            lines, _ = radio.channel.lines(b"AT+S.SOCKL\r")
            return sum(line.startswith("AT-S.List:") for line in lines)

        return self.bench.aside(ask)

    def files(self):
        return self.bench.aside(lambda radio: sorted(n for n, _, _ in radio.files.list()))

    def module_file(self, volume, name):
        """As of a Controller."""

        def ask(radio):
            with contextlib.suppress(OSError):
                return radio.files.get(f"{volume}:/{name}")
            return b""

        return self.bench.aside(ask)

    def put_file(self, name, data):
        self.bench.aside(lambda radio: radio.files.put(name, bytes(data)))

    def clock_is_new(self):
        if self.bench.aside(lambda radio: radio.time_is_set()):
            raise NeedsSimulation("a clock that is not set: switch the module off and on before")
        return True

    # its clients
    def address_of(self, port):
        self._visited.add(port)
        return self.bench.radio.ipv4_address, port

    def open_servers(self):
        """How many of the ports that a scenario has visited take a connection."""
        return sum(self._takes(port) for port in self._visited)

    def _takes(self, port):
        time.sleep(_SETTLED_S)
        try:
            socket.create_connection(self.address_of(port), 2).close()
        except OSError:
            return False
        return True

    def guest_comes(self, port, data):
        guest = self._puppet()
        self._guests += 1
        n = len(self.puppets) - 1
        guest.said = data
        guest.send(data)
        self.world.drive(socket.create_connection(self.address_of(port), HANG), guest)
        return n

    def guest_floods(self, port):
        self.puppets.append(FloodPeer())
        self._guests += 1
        sock = socket.create_connection(self.address_of(port), HANG)
        self.world.drive(sock, self.puppets[-1])
        return len(self.puppets) - 1

    # its servers: the network takes a moment
    def puppet_next(self):
        """As of the base class, once the thread that accepts has all that came before."""
        expected = self.world.asked["peer.example", 7] + self._guests
        end = time.monotonic() + 1
        while len(self.puppets) < expected and time.monotonic() < end:
            time.sleep(0.01)
        return len(self.puppets)

    def puppet(self, n):
        end = time.monotonic() + _PATIENCE_S
        while n >= len(self.puppets) and time.monotonic() < end:
            time.sleep(0.01)
        return self.puppets[n]

    def peer_got(self, n):
        return settled(lambda: bytes(self.puppet(n).got))

    def peer_alive(self, n):
        puppet = self.puppet(n)
        end = time.monotonic() + 1
        while puppet.alive and time.monotonic() < end:
            time.sleep(0.01)
        return puppet.alive

    def rest(self):
        """Forget the scenario that has ended."""
        self.world.rest()
        self.puppets.clear()
        self.floods.clear()
        self._visited.clear()
        self._guests = 0


def names():
    """The names of all hooks."""
    internal = "play puppet address_of rest later listen_in route_datagrams".split()
    return {n for n in dir(Hooks) if n[0] != "_" and n not in internal} - {"world"}
