"""The simulator's side of a scenario: one factory-fresh module in a small world.

Its methods are what scenarios call by name with bench.sim(name, ...): arguments and results are
numbers, strings, bytes, lists of these.
"""

import functools
import time

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from spwf04_sim import EchoPeer, Peer, Quirks, RealClock, SimulatedModule, Timing, World
from tests.shims.servers import Servers, pattern


@functools.cache
def servers():
    """The servers of this test session."""
    return Servers()


class _Silent(Peer):
    pass


class _Talker(Peer):
    """Sends 2000 bytes at once, then closes."""

    def on_connect(self):
        self.send(pattern(2000))
        self.close()


class Controller:
    """A world and a module that has just been switched on."""

    def __init__(self, quirks=None, clock=None, timing=None):
        self.world = world = World()
        world.add_access_point("home", "correct horse")
        world.add_access_point("open", rssi=-71, channel=11)
        world.add_access_point("a,b|c", "pass,word;1", rssi=-60)
        world.add_access_point("it's", "correct horse", rssi=-80)
        world.add_access_point("nolease", "correct horse", lease=None)
        world.route("echo.example", 7, EchoPeer)
        world.route("silent.example", 9, _Silent)
        world.route("talker.example", 19, _Talker)
        for (host, port), target in servers().targets.items():
            world.route(host, port, target)
        self.module = SimulatedModule(
            world,
            quirks=quirks or Quirks(),
            clock=clock or RealClock(),
            timing=timing or Timing.fast(),
        )
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
        """The next n bytes of the next payload get lost."""
        module = self.module
        original = module.console._open

        def once(call, size):
            module.console._open = original
            original(call, size)
            module.console._missing += n  # as if they had never come

        module.console._open = once

    def unplug(self):
        self.module.unplug()

    def replug(self):
        self.module.replug()

    # the module
    def quirk(self, name):
        return getattr(self.module.quirks, name)

    def boots(self):
        return self.module.boots

    def restart(self, reason):
        self.module.restart(reason)

    def drop_link(self):
        self.module.drop_link()

    def open_sockets(self):
        return len([s for s in self.module.sockets if s is not None])

    def reset_pin(self, level):
        self.module.reset_pin(level)

    def now(self):
        return int(time.time())

    # certificates
    def ca_pem(self):
        return servers().ca.cert_pem.bytes().decode()

    def other_ca_pem(self):
        return servers().other_ca.cert_pem.bytes().decode()

    def leaf_pem(self):
        return servers().leaf.cert_chain_pems[0].bytes().decode()

    def ca_der(self):
        return self._ca().public_bytes(Encoding.DER)

    def ca_ski(self):
        return (
            self._ca()
            .extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
            .value.digest.hex()
        )

    def _ca(self):
        return x509.load_pem_x509_certificate(servers().ca.cert_pem.bytes())
