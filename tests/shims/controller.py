"""The simulator's side of a scenario: one factory-fresh module in a small world.

Scenarios call its methods by name, with bench.sim(name, ...). Arguments and results are numbers,
strings, bytes, and lists of these.
"""

import socket
import threading
import time

from spwf04_sim import Quirks, RealClock, SimulatedModule, Timing, World
from tests import HANG
from tests.shims.air import Air
from tests.shims.browsing import Browsing
from tests.shims.collecting import Collecting
from tests.shims.credentials import Credentials
from tests.shims.images import Images
from tests.shims.links import Links
from tests.shims.logins import Logins
from tests.shims.miniap import MiniAp
from tests.shims.pinboard import PinBoard
from tests.shims.played import Played
from tests.shims.posts import Posts
from tests.shims.tls13 import Modern
from tests.shims.visits import Visits, route_usual
from tests.shims.webs import Webs


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
    Collecting,
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

    def listen_in(self):
        """Add all that goes to the module to self.heard."""
        receive = self.module.receive

        def heard(data):
            self.heard += data
            receive(data)

        self.module.receive = heard

    # the module
    def later(self, ms, function, *arguments):
        """Call a function after so many ms of the module's time."""
        self.module.after(ms, function, *arguments)

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

    def open_links(self):
        """How many WebSocket and MQTT connections the module has."""
        return len(self.module.connections.links)

    def links_taken(self):
        """How many places they take."""
        return len(self.module.connections.of_kind("w") + self.module.connections.of_kind("m"))

    def reset_pin(self, level):
        self.module.reset_pin(level)

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

    def module_file(self, volume, name):
        """A file on the module, b"" if there is none."""
        return bytes(self.module.flash.files.get((volume, name), b""))

    def tftp_upload(self, name, data):
        """Have somebody send a file of less than 512 bytes to the module's own TFTP server."""
        server = self.module.daemons.servers[69]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(HANG)
            for packet in (b"\0\2" + name.encode() + b"\0octet\0", b"\0\3\0\1" + data):
                sock.sendto(packet, server.address)
                server.poll()
                sock.recv(600)

    def route_datagrams(self, host, port, made):
        """Have a server of datagrams answer. made(): a Peer for each transfer."""
        self.world.route(host, port, made)

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
