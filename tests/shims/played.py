"""Servers and clients that do what a scenario says, each named by its number, from 0.

peer.example (port 7): does nothing by itself. drip.example (21): five bytes every 100 ms, eight
times, then closes. flood.example (20): never stops sending. silent.example (443): is there, and
never says a word of TLS. unheard.example (7): answers nothing at all. A guest is a client
of the module's server sockets.
"""

import dataclasses
import time

from spwf04_sim import FloodPeer, Peer, SilentPeer
from tests.shims.servers import pattern


class Puppet(Peer):
    """Keeps what it gets. alive: the module has not closed the connection."""

    def __init__(self):
        super().__init__()
        self.got = bytearray()
        self.said = b""
        self.alive = True

    def on_data(self, data):
        self.got += data

    def on_close(self):
        self.alive = False


class Dripper(Peer):
    """Sends a little now and then."""

    def __init__(self, clock):
        self._clock = clock
        self._begin = None
        self._taken = bytearray()
        self._sent = 0
        super().__init__()

    def on_connect(self):
        self._begin = self._clock.now()

    @property
    def outgoing(self):
        if self._begin is not None:
            due = min(40, int((self._clock.now() - self._begin) * 10 + 1e-6) * 5)
            self._taken += pattern(due)[self._sent :]
            self._sent = due
        return self._taken

    @outgoing.setter
    def outgoing(self, data):
        self._taken = data

    @property
    def closed(self):
        return self._sent == 40

    @closed.setter
    def closed(self, value):
        pass


class Puppets:
    """Servers that do what a scenario says; they need no simulated module. world: where they are
    to be found. clock: an object with now(), in seconds."""

    def play(self):
        """Make the servers."""
        self.puppets = []
        self.floods = []
        world = self.world
        world.route("peer.example", 7, self._puppet)
        world.route("drip.example", 21, lambda: Dripper(self.clock))
        world.route("flood.example", 20, self._flood)
        world.route("silent.example", 443, Peer)
        world.route("unheard.example", 7, SilentPeer)

    def _puppet(self):
        self.puppets.append(Puppet())
        return self.puppets[-1]

    def _flood(self):
        self.floods.append(FloodPeer())
        return self.floods[-1]

    def puppet_next(self):
        """The number that the next connection to peer.example gets."""
        return len(self.puppets)

    def puppet(self, n):
        """The server with this number."""
        return self.puppets[n]

    def guest_says(self, port, text):
        return self.guest_comes(port, text.encode())

    def guest_is_served(self, n):
        """True if guest n got "you: " and the line that it sent."""
        got = bytes(self.puppet(n).got)
        return got == b"you: " + self.puppet(n).said

    def peer_says(self, n, data):
        self.puppet(n).send(data)

    def peer_got(self, n):
        return bytes(self.puppet(n).got)

    def peer_leaves(self, n):
        self.puppet(n).close()

    def peer_resets(self, n):
        self.puppet(n).reset()

    def peer_shuts(self, n):
        """The peer sends nothing more, but still reads."""
        self.puppet(n).shut_down()

    def peer_alive(self, n):
        """False once the module has closed the connection."""
        return self.puppet(n).alive


class Played(Puppets):
    """The part of a Controller that has these servers and clients."""

    def guest_comes(self, port, data):
        """Have a client connect to the module and send data; return its number."""
        guest = self._puppet()
        n = len(self.puppets) - 1
        if hasattr(self.module.clock, "no_real_servers"):
            self.module.clock.no_real_servers()
        self.module.visit(port, guest, (f"192.168.1.{50 + n % 200}", 50000 + n))
        guest.said = data
        guest.send(data)
        return n

    def guest_floods(self, port):
        """Have a client connect that never stops sending; return its number."""
        self.puppets.append(FloodPeer())
        n = len(self.puppets) - 1
        self.module.visit(port, self.puppets[n], (f"192.168.1.{50 + n % 200}", 50000 + n))
        return n

    def places_taken(self):
        """How many places for clients of its servers the module has in use."""
        servers = [s for s in self.module.socket_table.servers if s is not None]
        return sum(c is not None for s in servers for c in s.clients)

    def peer_vanishes(self, n):
        self.puppets[n].vanish()

    def read_as(self, name, value):
        """Have the module play this reading of an open point from now on."""
        self.module.quirks = dataclasses.replace(self.module.quirks, **{name: value})

    def dns_is_silent(self, value):
        self.world.silent_dns = value

    def floods_end(self):
        """Have the servers that send without end close."""
        for flood in self.floods:
            flood.close()

    def mend(self):
        """Remove all faults."""
        self.module.faults.clear()

    def line_speed(self, baud):
        """Set how much time bytes take on the UART: baud, in bit/s."""
        self.module.timing.baud = baud

    def pass_time(self, ms):
        """Let time go on for the module while the host does something else."""
        clock = self.module.clock
        if hasattr(clock, "advance"):
            clock.advance(ms / 1000)
        else:
            time.sleep(ms / 1000)
            self.module.step()
