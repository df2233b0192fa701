"""SimulatedModule: power, boot, restart, its clock, and when what happens. [a.4]

Its line to the host is in line.py, the command that runs in runner.py, what it says in
replies.py.
"""

import random
import select
import threading
from functools import wraps

from ..air.wifi import Wifi
from ..apps.connections import Connections
from ..apps.daemons import Daemons
from ..parts.flash import Flash
from ..parts.links import PeerLink
from ..parts.ota import contents
from ..parts.pins import Pins
from ..parts.power import Power
from ..parts.quirks import Quirks
from ..parts.sockets import Sockets
from ..parts.tables import COPYRIGHT, FIRMWARE
from ..parts.timing import Timing
from ..parts.tlslink import TlsClients
from ..parts.variables import DEFAULTS, usable
from ..texts import is_number
from ..world.clock import RealClock
from ..world.world import World
from . import firmware as builds
from .console import Console
from .faults import Faults
from .heap import Heap
from .line import Line
from .replies import Replies
from .runner import Runner
from .timers import Timers
from .uart import SimUART

# What STS=reset_reason shows. The numbers are a GUESS
_REASONS = {
    "power": 0,
    "watchdog": 1,
    "pin": 2,
    "reset": 2,
    "software": 3,
    "standby": 4,
    "update": 5,
    "hardfault": 6,
    "factory": 0,
}


def _numbers(version):
    """Return a version as a tuple of int; what is no number counts as 0."""
    return tuple(int(n) if is_number(n) else 0 for n in version.split("."))


def _locked(method):
    @wraps(method)
    def locked(self, *args, **kwargs):
        with self._lock:
            return method(self, *args, **kwargs)

    return locked


class SimulatedModule:
    """An SPWF04 in software. README shows a first use.

    world: what is around it. quirks: which reading of the open points it plays. clock: RealClock
    (default) or VirtualClock. timing: how long things take. flash: what it remembers from an
    earlier life. variant: "SA" or "SC". sd_card: whether there is an SD card (None: as `flash`
    says). Its parts: .world, .clock, .quirks, .flash, .faults (what goes wrong), .pins (what is
    wired to it), .power (its battery). All methods may be called from any thread.
    """

    def __init__(
        self,
        world=None,
        *,
        quirks=None,
        clock=None,
        timing=None,
        flash=None,
        variant="SA",
        firmware="171117-0328fe3",
        variables=None,
        sd_card=None,
    ):
        self._lock = threading.RLock()
        self.world = world or World()
        self.quirks = quirks or Quirks()
        self.clock = clock or RealClock()
        self.clock.attach(self)
        self.timing = timing or Timing()
        self.flash = flash or Flash()
        if sd_card is not None:
            self.flash.sd_card = sd_card
        self.variant = variant
        self.firmware = firmware
        self.version = FIRMWARE.get(firmware, "1.1.0")
        self._made = dict(DEFAULTS, nv_model="SPWF04" + variant, **(variables or {}))
        self.factory = builds.factory(self, self._made)
        self.variables = dict(self.factory)
        self.traffic = None  # a function (direction, bytes) that is shown all bytes
        self.boots = 0
        self.on = False
        self.booted = False  # the console listens
        self.wedged = False  # it answers nothing
        self._on_spi = False  # its console is not on the UART
        self._in_reset = False  # the reset line is low
        self.reset_reason = 0  # of the last boot: see _REASONS
        self._make_parts()

    def _make_parts(self):
        self._timers = Timers(self.clock)
        self._clock_set = 0.0, 0  # when, and to what
        self._booted_at = 0.0
        self._chance = random.Random(17)
        self.line = Line(self)
        self.runner = Runner(self)
        self.replies = Replies(self)
        self.console = Console(self)
        self.wifi = Wifi(self)
        self.socket_table = Sockets(self)
        self.tls = TlsClients()
        self.connections = Connections(self)
        self.daemons = Daemons(self)
        self.pins = Pins(self)
        self.power = Power(self)
        self.heap = Heap(self)
        self._networked = (self.socket_table, self.connections, self.daemons)
        self.faults = Faults(self)

    # power -----------------------------------------------------------------------------------
    @_locked
    def power_on(self):
        """Switch the module on; the boot begins. ValueError if flash.saved has a value that no
        module could have saved."""
        if not self.on:
            self.on = True
            self._clock_set = self.clock.now(), self.quirks.boot_clock
            self.flash.counts["power"] += 1
            if not self._in_reset:
                self._boot(None, "power")

    @_locked
    def power_off(self):
        """Switch the module off; what is volatile is lost."""
        self.on = self.booted = False
        self._stop()
        self.power.enter("off")

    @_locked
    def wedge(self):
        """Stop answering, until the reset pin or the power ends it."""
        self._stop()
        self.booted = False
        self.wedged = True

    @_locked
    def restart(self, reason="reset"):
        """Restart without a request. reason: "reset", "hardfault", "watchdog" or "factory" (the
        saved configuration is lost, WIND 65)."""
        if not self.on or self._in_reset:
            return
        if reason == "hardfault":
            self.wind(8, "Hard Fault:r0 00000000, pc 0x08012345")
        elif reason == "watchdog":
            self.flash.counts["watchdog"] += 1
            self.wind(6, "Watchdog Terminating")
        if reason == "factory":
            self.flash.saved = {}
            self.flash.radio_off = False
        self._stop()
        self._boot("1" if reason == "factory" else None, reason)

    @_locked
    def reset_pin(self, level):
        """The RESET line. level: 0 holds the module in reset, 1 releases it and it boots."""
        if not level:
            self._in_reset = True
            self.booted = False
            self._stop()
            self.line.reset()
        elif self._in_reset:
            self._in_reset = False
            if self.on:
                self._boot(None, "pin")

    @_locked
    def unplug(self, ms=None):
        """Cut both lines of the UART, for so many ms if that is given."""
        self.line.unplug(ms)

    @_locked
    def replug(self):
        """Connect both lines again."""
        self.line.replug()

    @property
    def listens(self):
        """True if bytes from the host reach the module: it has power and is not in reset."""
        return self.on and not self._in_reset and not self.power.in_standby

    @_locked
    def standby(self, seconds):
        """Switch nearly everything off; a boot follows in so many seconds. [c.7]"""
        self._stop()
        self.booted = False
        self.power.enter("standby")
        self.after(seconds * 1000, self._leave_standby)

    def _leave_standby(self):
        self.power.restart()
        self.wind(68, "Resuming from Standby")
        self._boot(None, "standby")

    def _stop(self):
        self._timers.clear()
        self.wedged = False
        self.runner.stop()
        self.line.drop_input()
        self.console.reset()
        for part in self._networked:
            part.drop_all()
        self.wifi.stop()

    def _boot(self, factory, reason, updated=False):
        """Boot. factory: why the saved configuration is lost (WIND 65), None if it is not.
        reason: one of _REASONS. updated: by a firmware that has more variables than before."""
        if self.flash.image is not None:
            self._boot_to_update(factory, reason)
            return
        self.pins.restart()
        self.pins.run(self.clock.now())
        if self.pins.level(0):  # GPIO0: back to the factory's configuration [b.2, d]
            factory = "0"
            self.flash.saved, self.flash.radio_off = {}, False
        self.boots += 1
        self.reset_reason = _REASONS[reason]
        self.flash.counts["reset"] += reason != "power"
        self._booted_at = self.clock.now()
        self.variables = dict(self.factory, **self._saved())
        self._mount()
        # 0 and 3 have no AT commands on the UART; GPIO9 asks for SPI too [a.1]
        self._on_spi = self.variables["console_enabled"] in "03" or self.pins.level(9) == 1
        self.line.set_speed(int(self.variables["console_speed"]))
        self.tls.loaded = False
        self.booted = False
        for part in (self.heap, self.power):
            part.restart()
        self._plan_boot(factory, reason == "software", updated)

    def _saved(self):
        return {k: usable(k, v) for k, v in self.flash.saved.items() if k in self.factory}

    def _plan_boot(self, factory, software, updated):
        t = self.timing
        if software and self.quirks.reset_wind2:
            self.after(t.reset_to_wind1 / 2, self.wind, 2, "Reset")
        self.after(t.reset_to_wind1, self._boot_text, factory, updated)
        self.after(t.reset_to_wind1 + t.wind1_to_console, self._console_active)
        self.wifi.wanted = not self.flash.radio_off
        if self.wifi.wanted:
            self.wifi.start_in(t.reset_to_wind1 + t.wind1_to_console + t.console_to_radio)

    def _mount(self):
        ram = self.variables.get("ramdisk_memsize", "16")  # 1.0.0 has no such variable
        size = int(ram) * 1024 if is_number(ram) else 0
        self.flash.restart(size, self.quirks.user_flash != "unmounted")

    def _boot_to_update(self, factory, reason):
        """Apply the firmware image that waits, and boot: silently, or beside the old firmware."""
        image, self.flash.image = self.flash.image, None
        self.booted = False
        if self.quirks.update_boots == "two":
            self._boot(factory, reason)
        key = dict(self.factory, **self.flash.saved)["aes128_key"]
        found = contents(image, key) if not self.faults.spoils_update() else None
        self.after(self.timing.update if found else self.timing.update / 3, self._updated, found)

    def _updated(self, found):
        self._stop()
        factory, old = None, self.factory
        if found:
            self.firmware, self.version = found
            self.factory = builds.factory(self, self._made)
            if self.quirks.update_settings == "factory":
                self.flash.saved = {}
                factory = "1"
        self._boot(factory, "update", len(self.factory) > len(old))

    def _boot_text(self, factory, updated):
        self.wind(1, f"Poweron:{self.firmware}-SPWF04S")
        self.wind(13, f"{COPYRIGHT}:SPWF04{self.variant}")
        if factory is not None:
            self.wind(65, "Factory Reset:" + factory)
        if updated or (factory is not None and self.quirks.factory_wind73):
            self.wind(73, "System Configuration Updated")

    def _console_active(self):
        winds = {"0": (0, "Console active"), "3": (3, "Watchdog Running:20")}
        self.console.reset()  # bytes that came during the boot are lost
        self.booted = True
        for n in self.quirks.boot_order.split(","):
            self.wind(*winds[n])

    def software_reset(self):
        """Restart as AT+S.RESET does."""
        if self.faults.blocks_reset():
            self.wedge()
            return
        self._stop()
        self._boot(None, "software")

    # time ------------------------------------------------------------------------------------
    @property
    def time(self):
        """The module's own clock, seconds since 1970."""
        when, seconds = self._clock_set
        return int(seconds + self.clock.now() - when)

    @_locked
    def set_clock(self, seconds):
        """Set the module's own clock, seconds since 1970."""
        self._clock_set = self.clock.now(), seconds

    @property
    def uptime(self):
        """Seconds since the last boot."""
        return int(self.clock.now() - self._booted_at)

    def random_number(self):
        """Return a number that is as random as a test can bear."""
        return self._chance.getrandbits(32)

    def is_since(self, version):
        """True if its firmware is this one, "1.1.0", or a later one."""
        return _numbers(self.version) >= _numbers(version)

    def lacks(self, command):
        """True if its firmware does not have the command."""
        return builds.lacks(self, command)

    def after(self, ms, function, *args):
        """Call function(*args) in so many ms, unless the module restarts before."""
        self._timers.after(ms, function, *args)

    @_locked
    def next_due(self):
        """When something happens next, in the clock's seconds; None if nothing is planned."""
        due = self._timers.due() + self.line.due() + self.pins.due()
        return min(due) if due else None

    @_locked
    def step(self):
        """Do everything that is due."""
        for _ in range(100):
            now = self.clock.now()
            moved = self.line.deliver(now)
            moved = self._timers.run(now) or moved
            moved = self.pins.run(now) or moved
            moved = self.runner.resume() or moved
            if self.listens and not self.power.asleep:
                self.wifi.poll()
                for part in self._networked:
                    part.poll()
                if self.booted and not self._on_spi:
                    moved = self.console.run() or moved
            if not moved:
                return

    @_locked
    def filenos(self):
        """File descriptors of the real connections that may bring something."""
        return [f for part in self._networked for f in part.filenos() if f >= 0]

    def network_up(self):
        """The module has an address: its servers start."""
        self.daemons.network_up()

    def network_gone(self):
        """The module has no address any more: its connections are dead."""
        for part in self._networked:
            part.network_gone()

    def await_network(self, seconds):
        """Give real sockets a little real time; True if something came. For VirtualClock."""
        files = self.filenos()
        if not files:
            return False
        readable, _, _ = select.select(files, (), (), seconds)
        return bool(readable)

    # the line --------------------------------------------------------------------------------
    @_locked
    def receive(self, data):
        """Take bytes from the host."""
        self.line.receive(data)

    @_locked
    def transmit(self, limit=1 << 30):
        """Return the bytes that have reached the host by now, at most limit."""
        self.step()
        return self.line.transmit(limit)

    def uart(self, face="machine", rx_size=4096, rts=False, rates=None):
        """A port in this process, a SimUART; arguments as SimUART() takes them."""
        return SimUART(self, face, rx_size, rts, rates)

    def emit(self, data):
        """Put bytes on the line to the host."""
        if not self._on_spi:
            self.line.emit(data)

    @property
    def speed(self):
        """The rate of its UART, bit/s."""
        return self.line.speed

    @property
    def bytes_in(self):
        """How many bytes the host has sent."""
        return self.line.bytes_in

    @property
    def bytes_out(self):
        """How many bytes have reached the host."""
        return self.line.bytes_out

    # commands and replies --------------------------------------------------------------------
    @property
    def busy(self):
        """True while a command runs."""
        return self.runner.busy

    @property
    def log(self):
        """The command lines that it got, a list of str; secrets are masked."""
        return self.runner.log

    @property
    def commands(self):
        """How many command lines it got."""
        return self.runner.count

    def reply(self, data):
        """Send a line of a reply (str or bytes, without its end)."""
        self.replies.line(data)

    def payload(self, data):
        """Send the bytes that a reply brings."""
        self.replies.payload(data)

    def wind(self, number, text):
        """Send an indication, unless it is masked."""
        self.replies.wind(number, text)

    # for tests -------------------------------------------------------------------------------
    @property
    def sockets(self):
        """The eight client slots: None or an open one."""
        return list(self.socket_table.clients)

    @_locked
    def visit(self, port, peer, address=("192.168.1.7", 50000)):
        """A Peer, peer, connects to a server socket (plain TCP) of the module, from `address`.

        port: where the module listens. ConnectionRefusedError if it does not.
        """
        for server in self.socket_table.servers:
            if server is not None and (server.port, server.kind) == (port, "t"):
                server.arrive(PeerLink(peer, self.quirks.segment), address)
                return
        raise ConnectionRefusedError(f"the module does not listen on {port}")

    @_locked
    def drop_link(self, back_ms=50):
        """Lose the network (WIND 33), and join it again after back_ms. [k.13]"""
        self.wifi.drop(back_ms)

    @_locked
    def station_joins(self, mac, ip=None, *, password=None, ssid=None, quiet=False, rssi=-50):
        """In MiniAP mode: a station joins. Returns the Station, None if it does not get in. [d]

        mac: of the station, "00:80:E1:BD:00:39". ip: the address that it wants; None: the first
        free one. password: the key that it knows, str or bytes. ssid: the name that it looks for,
        None for any. quiet: it sends nothing then. rssi: in dBm. ConnectionRefusedError if there
        is no such network.
        """
        password, ssid = (a.encode() if isinstance(a, str) else a for a in (password, ssid))
        return self.wifi.miniap.joins(mac, ip, password, ssid, quiet, rssi)

    @_locked
    def station_leaves(self, mac):
        """In MiniAP mode: the station with this mac leaves. ValueError if it is not there. [d]"""
        self.wifi.miniap.leaves(mac)
