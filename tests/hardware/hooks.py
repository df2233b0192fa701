"""What scenarios can ask of a bench with a real module: bench.sim(name, ...).

The public methods of Hooks are all there is. What else a scenario asks for, only a simulated
module has, and the scenario is not for hardware.
"""

import socket
import time

from spwf04_sim import FloodPeer
from tests import HANG
from tests.hardware.needs import NeedsSimulation
from tests.shims.credentials import Credentials
from tests.shims.played import Puppets
from tests.shims.visits import Visits, route_usual

_SETTLED_S = 0.15  # what a network brings has come after so long
_PATIENCE_S = 5


class Clock:
    """This computer's clock, as peers of the simulation ask for it."""

    @staticmethod
    def now():
        return time.monotonic()


class Hooks(Credentials, Puppets, Visits):
    """world: the Hosts. bench: the ModuleBench; it sets itself. readings: {switch: reading} that
    are known of this module."""

    def __init__(self, world, readings):
        self.world = world
        self.clock = Clock()
        self.bench = None
        self._readings = readings
        self._visited = set()
        self._guests = 0  # how many of the puppets came to the module
        self.play()
        route_usual(world)

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
        got = None
        while got != (got := bytes(self.puppet(n).got)):
            time.sleep(_SETTLED_S)
        return got

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
    internal = ("play", "puppet", "address_of", "rest")
    return {n for n in dir(Hooks) if n[0] != "_" and n not in internal} - {"world"}
