"""The bench of a scenario on a real module, and its rehearsal on a simulated one.

Before a scenario runs on a module it is rehearsed on a simulated one that has no more than a real
module has: another network, another address, other numbers, and the hooks of hooks.py alone. So
nothing is done to the module by a scenario that cannot end there.
"""

import re

from spwf04 import SPWF04
from spwf04_sim import Quirks, VirtualClock
from tests.hardware import hooks
from tests.hardware.needs import NeedsSimulation, Watch
from tests.shims.bench import Bench
from tests.shims.controller import Controller

# The network of a rehearsal
SSID, PASSWORD = "rehearsal", "for the rehearsal"
_FACTS = {"nv_serial": "4711", "nv_wifi_macaddr": "02:00:00:00:47:11"}


# Where a command names a server: which arguments are its name and its port, and which says that
# TLS checks this name. A name in the first place ends at whatever separates the arguments then
_SERVERS = {
    "SOCKON": (0, 1, None),
    "PING": (2, None, None),
    "HTTPGET": (0, 2, 3),
    "HTTPPOST": (0, 2, 3),
    "MQTTCONN": (0, 1, 3),
    "WSOCKON": (0, 1, 3),
    "SMTP": (0, 1, 2),
    "TFTPGET": (0, 1, None),
    "TFTPPUT": (0, 1, None),
}
_COMMAND = re.compile(rb"AT\+S\.([A-Z]+)=([\w.-]*)(.)")


class Counted:
    """Hands everything on to a serial port, and counts the bytes that are sent. heard: a bytearray
    that gets them too, or None."""

    def __init__(self, device):
        self._device = device
        self.sent = 0
        self.heard = None

    def __getattr__(self, name):
        return getattr(self._device, name)

    def write(self, data, *part):
        """As the port's."""
        n = self._device.write(data, *part)
        self.sent += n or 0
        if self.heard is not None:
            self.heard += bytes(data)[:n]
        return n


class ModuleBench(Bench):
    """As tests.shims.bench.Bench, with what a real module has.

    device: a serial port. clock: as of SPWF04. call: sim(). network: (SSID, password). may_write:
    scenarios may write files and certificates. hosts: a world.Hosts; None: names are as they are.
    written: a scenario did. said: the commands so far, secrets masked.
    """

    def __init__(self, device, clock, call, network, may_write=True, hosts=None):
        self.device = Counted(device)
        self.ssid, self.password = network
        self.may_write = may_write
        self.written = False
        self.said = []
        self._hosts = hosts
        self._channels = []
        self._aside = False
        self._not_counted = {"commands": 0, "sent": 0}
        super().__init__(self.device, clock, call)
        self._clock = self.radio.channel.clock  # the one that a driver takes if none is given

    def another_radio(self, reset=True, kind=SPWF04):
        """As of the base class. There is no RESET line: the driver resets by command."""
        radio = kind(self.device, clock=self._clock)
        self._channels.append(radio.channel)
        Watch(radio.channel, self)
        return radio

    @property
    def channels(self):
        """Of all drivers so far."""
        return self._channels

    def note(self, command):
        """Take note of a command that was begun."""
        if not self._aside:
            self.said.append(command)

    def addressed(self, command):
        """A command with the address of this computer in the place of a scenario's name."""
        found = _COMMAND.match(command)
        if found is None or self._hosts is None or found[1].decode() not in _SERVERS:
            return command
        name, port, tls = _SERVERS[found[1].decode()]
        delimiter = found[3] if name == 0 else b","
        begin, equals, rest = command.partition(b"=")
        words = rest.rstrip(b"\r").split(delimiter)
        given = words[port] if port is not None else b"7"
        there = self._hosts.where(words[name].decode(), int(given) if given.isdigit() else 0)
        if there is None:
            return command
        if tls is not None and words[tls] not in (b"", b"0"):
            raise NeedsSimulation("a name of this computer, for a service that checks it by TLS")
        words[name] = there[0].encode()
        if port is not None:
            words[port] = b"%d" % there[1]
        return begin + equals + delimiter.join(words) + b"\r"

    def counted(self, what):
        """How many commands, or bytes, the scenario has sent so far."""
        now = self._now(what)
        return now - self._not_counted[what]

    def _now(self, what):
        return self.device.sent if what == "sent" else sum(c.commands for c in self._channels)

    def aside(self, ask):
        """ask(radio) for a hook: its commands do not count, and may write."""
        before = {what: self._now(what) for what in self._not_counted}
        allowed = self.may_write
        self._aside = True
        try:
            return ask(self.radio)
        finally:
            self._aside = False
            self.may_write = allowed
            for what, n in before.items():
                self._not_counted[what] += self._now(what) - n


def rehearse(function, readings=None, may_write=True):
    """(what a scenario needs that a real module lacks, or None; True if it writes to the module).

    Raises what the scenario raises.
    """
    readings = readings or {}
    clock = VirtualClock(longest=20)
    controller = Controller(Quirks(**readings), clock, rehearsal=(SSID, PASSWORD, _FACTS))
    known = hooks.names()

    def call(name, *arguments):
        if name not in known:
            raise NeedsSimulation(name)
        if name == "quirk" and arguments[0] not in readings:
            raise NeedsSimulation(f"the reading of {arguments[0]}: --reading {arguments[0]}=…")
        if name == "put_file" and "/" in arguments[0]:
            raise NeedsSimulation("a file that no driver can write, with a slash in its name")
        return getattr(controller, name)(*arguments)

    bench = ModuleBench(
        controller.module.uart(), clock, call, (SSID, PASSWORD), may_write, _Deaf(controller.world)
    )
    try:
        function(bench)
    except NeedsSimulation as e:
        return str(e), bench.written
    return None, bench.written


class _Deaf:
    """Hosts of a rehearsal: all names are the simulation's own."""

    def __init__(self, world):
        self._world = world

    def where(self, host, port):
        from spwf04_sim import SilentPeer

        ip = self._world.resolve(host)
        if ip is not None and self._world.target(ip, port) is SilentPeer:
            raise NeedsSimulation("a host that answers nothing")
        return None if ip is None else (host, port)
