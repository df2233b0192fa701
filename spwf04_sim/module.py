"""SimulatedModule: power, boot, restart, output lines, time. Bytes in, bytes out.

A command is a function of commands/; one that takes time is a generator that yields how many
milliseconds to wait, or a function that says whether to go on. While it runs the console is
blocked, as on the hardware; indications may still fall between its lines. [a.4]
"""

import heapq
import itertools
import random
import select
import threading
from collections import deque
from functools import wraps

from spwf04.at import secret

from . import commands
from .clock import RealClock, Timing
from .commands.update import contents
from .console import Console
from .faults import Faults
from .flash import Flash
from .net import PeerLink
from .quirks import Quirks
from .sockets import Sockets
from .tables import COPYRIGHT, DEFAULTS, ERRORS, FIRMWARE
from .uart import SimUART
from .wifi import Wifi
from .world import World


def _locked(method):
    @wraps(method)
    def locked(self, *args, **kwargs):
        with self._lock:
            return method(self, *args, **kwargs)

    return locked


class SimulatedModule:
    """An SPWF04 in software. See README for a first use.

    world: what is around it. quirks: which reading of the open points it plays. clock: RealClock
    (default) or VirtualClock. timing: how long things take. flash: what it remembers from an
    earlier life. variant: "SA" or "SC". All methods may be called from any thread.
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
    ):
        self._lock = threading.RLock()
        self.world = world or World()
        self.quirks = quirks or Quirks()
        self.clock = clock or RealClock()
        self.clock.attach(self)
        self.timing = timing or Timing()
        self.flash = flash or Flash()
        self.variant = variant
        self.firmware = firmware
        self.version = FIRMWARE.get(firmware, "1.1.0")
        self.factory = dict(DEFAULTS, nv_model="SPWF04" + variant, **(variables or {}))
        self.log = []  # command lines received, secrets masked
        self.traffic = None  # a function (direction, bytes) that is shown all bytes
        self.bytes_in = self.bytes_out = self.commands = self.boots = 0
        self.plugged = True
        self.lose_from_host = 0  # so many bytes from the host get lost next
        self._chance = random.Random(4)
        self._behind = False  # the last that was said is a payload
        self._timers = []
        self._order = itertools.count()
        self._output = deque()  # (moment, bytes)
        self._line_free = 0.0  # when the line to the host is free again
        self._line_in_free = 0.0
        self._input = deque()
        self._epoch = 0  # timers of an earlier boot do nothing
        self.on = False
        self._held = False  # reset line low
        self.console = Console(self)
        self.wifi = Wifi(self)
        self.sockets_area = Sockets(self)
        self.variables = dict(self.factory)
        self._running = None
        self._resume = None
        self._held_winds = []
        self._wedged = False
        self.speed = 115200
        if self.timing.baud not in (None, 115200):  # as if saved before delivery
            self.speed = self.timing.baud
            self.flash.saved.setdefault("console_speed", str(self.speed))
        self._command = ""  # the name of the command that runs
        self.faults = Faults(self)
        self._set_at = 0.0
        self._set_to = 0
        self.tls_loaded = False
        self.apps = []  # open MQTT and WebSocket connections

    # power -----------------------------------------------------------------------------------
    @_locked
    def power_on(self):
        """Switch on; the boot begins."""
        if not self.on:
            self.on = True
            self._set_to = self.quirks.boot_clock
            self._set_at = self.clock.now()
            self._boot(None)

    @_locked
    def power_off(self):
        """Switch off; whatever is volatile is gone."""
        self.on = False
        self._stop()

    @_locked
    def wedge(self):
        """It answers nothing more until it is reset by its pin or switched off."""
        self._stop()
        self.booted = False
        self._wedged = True

    @_locked
    def restart(self, reason="reset"):
        """A restart that nobody asked for: "reset", "hardfault", "watchdog" or "factory"
        (its saved configuration is lost, WIND 65)."""
        if not self.on:
            return
        if reason == "hardfault":
            self.wind(8, "Hard Fault:r0 00000000, pc 0x08012345")
        elif reason == "watchdog":
            self.wind(6, "Watchdog Terminating")
        if reason == "factory":
            self.flash.saved = {}
            self.flash.radio_off = False
        self._stop()
        self._boot("factory" if reason == "factory" else None)

    @_locked
    def reset_pin(self, level):
        """The RESET line: 0 holds the module in reset, 1 releases it and it boots."""
        if not level:
            self._held = True
            self._stop()
            self._output.clear()
            self._line_free = self._line_in_free = 0.0
        elif self._held:
            self._held = False
            if self.on:
                self._boot(None)

    @_locked
    def unplug(self):
        """Cut both lines of the UART."""
        self.plugged = False
        self._output.clear()
        self._input.clear()

    @_locked
    def replug(self):
        """Mend them."""
        self.plugged = True

    def _stop(self):
        self._epoch += 1
        self._timers.clear()
        self._running = self._resume = None
        self._wedged = False
        self._held_winds.clear()
        self._input.clear()
        self.console.reset()
        self.sockets_area.drop_all()
        for link in self.apps:
            link.close()
        self.apps = []
        self.wifi.stop()

    def _boot(self, reason, software=False):
        if self.flash.image is not None:
            self._boot_to_update(reason, software)
            return
        self.boots += 1
        self.flash.restart()
        self.variables = dict(self.factory, **self.flash.saved)
        self.set_speed(int(self.variables["console_speed"]))
        self.tls_loaded = False
        self.booted = False
        t = self.timing
        if software and self.quirks.reset_wind2:
            self.after(t.reset_to_wind1 / 2, self.wind, 2, "Reset")
        self.after(t.reset_to_wind1, self._boot_text, reason)
        self.after(t.reset_to_wind1 + t.wind1_to_console, self._console_active)
        if not self.flash.radio_off:
            self.after(
                t.reset_to_wind1 + t.wind1_to_console + t.console_to_radio, self.wifi.hardware_up
            )

    def _boot_to_update(self, reason, software):
        """A firmware image waits: apply it, silently or beside the old firmware, and boot."""
        image, self.flash.image = self.flash.image, None
        self.booted = False
        if self.quirks.update_boots == "two":
            self._boot(reason, software)
        found = contents(image) if not self.faults.spoils_update() else None
        self.after(self.timing.update if found else self.timing.update / 3, self._updated, found)

    def _updated(self, found):
        self._stop()
        reason = None
        if found:
            self.firmware, self.version = found
            if self.quirks.update_settings == "factory":
                self.flash.saved = {}
                reason = "factory"
        self._boot(reason)

    def _boot_text(self, reason):
        self.wind(1, f"Poweron:{self.firmware}-SPWF04S")
        self.wind(13, f"{COPYRIGHT}:SPWF04{self.variant}")
        if reason == "factory":
            self.wind(65, "Factory Reset:1")
            if self.quirks.factory_wind73:
                self.wind(73, "System Configuration Updated")

    def _console_active(self):
        winds = {"0": (0, "Console active"), "3": (3, "Watchdog Running:20")}
        self.console.reset()  # what came during the boot was not heard
        self.booted = True
        for n in self.quirks.boot_order.split(","):
            self.wind(*winds[n])

    def software_reset(self):
        """AT+S.RESET."""
        if self.faults.blocks_reset():
            self.wedge()
            return
        self._stop()
        self._boot(None, software=True)

    def set_speed(self, rate):
        """The rate of its UART in bit/s from now on."""
        self.speed = rate
        if self.timing.baud:
            self.timing.baud = rate

    # time ------------------------------------------------------------------------------------
    @property
    def time(self):
        """The module's own clock, seconds since 1970."""
        return int(self._set_to + self.clock.now() - self._set_at)

    @_locked
    def set_clock(self, epoch):
        """Set the module's own clock."""
        self._set_to = epoch
        self._set_at = self.clock.now()

    def after(self, ms, function, *args):
        """Call a function in so many ms, unless the module restarts before."""
        entry = (self.clock.now() + ms / 1000, next(self._order), self._epoch, function, args)
        heapq.heappush(self._timers, entry)

    @_locked
    def next_due(self):
        """When something happens next, in the clock's seconds; None if nothing is planned."""
        due = [self._timers[0][0]] if self._timers else []
        if self._output:
            due.append(self._output[0][0])
        if self._input:
            due.append(self._input[0][0])
        return min(due) if due else None

    @_locked
    def step(self):
        """Do everything that is due."""
        for _ in range(100):
            now = self.clock.now()
            moved = False
            while self._input and self._input[0][0] <= now:
                self.console.feed(self._input.popleft()[1])
                moved = True
            while self._timers and self._timers[0][0] <= now:
                _, _, epoch, function, args = heapq.heappop(self._timers)
                if epoch == self._epoch:
                    function(*args)
                    moved = True
            if self._resume is not None and callable(self._resume) and self._resume():
                self._go_on()
                moved = True
            if self.on and not self._held:
                self.sockets_area.poll()
                if self.booted:
                    before = len(self.console.waiting)
                    self.console.run()
                    moved = moved or len(self.console.waiting) != before
            if not moved:
                return

    @_locked
    def _network(self):
        return self.sockets_area.filenos()

    def await_network(self, seconds):
        """Give real sockets a little real time; True if something came. For VirtualClock."""
        files = self._network()
        if not files:
            return False
        readable, _, _ = select.select(files, (), (), seconds)
        return bool(readable)

    # the line --------------------------------------------------------------------------------
    @_locked
    def receive(self, data):
        """Bytes from the host."""
        if not self.plugged:
            return
        if self.lose_from_host:
            lost = min(self.lose_from_host, len(data))
            self.lose_from_host -= lost
            data = data[lost:]
        self.bytes_in += len(data)
        self.clock.stir()
        if self.traffic is not None:
            self.traffic(">", bytes(data))
        if not self.on or self._held or not data:
            return
        data = self.faults.carry(">", data)
        if data and self.plugged and not self._wedged:
            self._queue_in(data)
            self.step()

    def _queue_in(self, data):
        moment = max(self.clock.now(), self._line_in_free)
        if self.timing.baud:
            moment += len(data) * 10 / self.timing.baud
            self._line_in_free = moment
        self._input.append((moment, bytes(data)))

    def hear(self, data):
        """Take in bytes from the host at once."""
        if data:
            self._queue_in(data)
            self.step()

    def put_off(self, way, data, ms):
        """Bytes on the line, and all that follow, arrive ms later."""
        later = self.clock.now() + ms / 1000
        if way == ">":
            self._line_in_free = max(self._line_in_free, later)
            self._queue_in(data)
        else:
            self._output.appendleft((later, data))

    def drop_output(self):
        """What has not reached the host yet never will."""
        self._output.clear()

    @_locked
    def transmit(self, limit=1 << 30):
        """Take the bytes that have reached the host by now, at most limit."""
        self.step()
        now = self.clock.now()
        data = bytearray()
        baud = self.timing.baud
        while self._output and len(data) < limit:
            moment, chunk = self._output[0]
            here = len(chunk)
            if baud and moment > now:
                here = len(chunk) - int((moment - now) * baud / 10 + 0.999999)
                if here <= 0:
                    break
            elif moment > now:
                break
            take = min(here, limit - len(data))
            data += chunk[:take]
            if take == len(chunk):
                self._output.popleft()
            else:
                self._output[0] = (moment, chunk[take:])
                break
        data = self.faults.carry("<", data)
        self.bytes_out += len(data)
        if data and self.traffic is not None:
            self.traffic("<", bytes(data))
        return bytes(data)

    def uart(self, face="machine", rx_size=4096, rts=False, rates=None):
        """A port in this process: "machine", "busio" or "pyserial"; see SimUART."""
        return SimUART(self, face, rx_size, rts, rates)

    def emit(self, data):
        """Put bytes on the line to the host."""
        if not self.plugged or not data:
            return
        moment = self.clock.now()
        if self.timing.baud:
            moment = max(moment, self._line_free) + len(data) * 10 / self.timing.baud
            self._line_free = moment
        self._output.append((moment, bytes(data)))

    def line(self, data):
        """A line of a reply (str or bytes, without its end); `AT-S.` lines and others."""
        if isinstance(data, str):
            data = data.encode("utf-8", "surrogateescape")
        self.boundary()
        self.emit(self._nuls() + data + b"\r\n")

    def boundary(self):
        """Between two lines of a reply: where indications may fall."""
        if self.quirks.winds == "everywhere":
            self.emit(b"+WIND:52:GPIO:4:1\r\n")
        for data in self.faults.boundary():
            self.emit(data)

    def payload(self, data):
        """The bytes that a reply brings; its OK follows at once, and is at no line's start."""
        self.emit(data)
        self._behind = True

    def _nuls(self):
        if self.quirks.nul_bytes and not self._behind and self._chance.random() < 0.3:
            return b"\0" * self._chance.randint(1, 3)
        return b""

    def wind(self, number, text):
        """An indication, unless it is masked; held back while a command runs if so quirked."""
        masks = ("low", "medium", "high")
        mask = int(self.variables["console_wind_off_" + masks[number // 32]], 16)
        if mask >> number % 32 & 1:
            return
        data = (
            self._nuls()
            + f"+WIND:{number}:".encode()
            + (text.encode() if isinstance(text, str) else text)
            + b"\r\n"
        )
        data = self.faults.wind(number, data)
        if data is None:
            return
        if self.quirks.winds == "held" and self.busy:
            self._held_winds.append(data)
        else:
            self.emit(data)

    # commands --------------------------------------------------------------------------------
    @property
    def echo(self):
        return self.variables["console_echo"] != "0"

    @property
    def busy(self):
        """True while a command runs."""
        return self._running is not None

    def note(self, line):
        """Log a command line without its secrets; of what is none, a payload that was refused
        perhaps, only the size."""
        self.commands += 1
        if line.lstrip(b"\0 ")[:2].upper() != b"AT":
            self.log.append(f"({len(line)} bytes that are no command)")
            return
        size = secret.shown(line, int(self.variables["console_delimiter"], 16))
        text = line[:size].decode("latin-1")
        self.log.append(text if size == len(line) else text + "********")

    def parse(self, line):
        """A commands.Call for the line, or None if it was answered already."""
        self.note(line)
        code = int(self.variables["console_delimiter"], 16)
        call, error = commands.parse(self, line, bytes((code,)))
        if error:
            self._answer_later(error)
            return None
        self._command = call.name
        fault = self.faults.answer(call.name)
        if fault == "hang":
            self._running = iter(())  # nothing ends it but a reset
            return None
        if fault is not None:
            if call.wants is None:
                self._answer_later(fault)
                return None
            call.refusal = fault
        return call

    def refuse(self, call):
        """Answer a data command whose line is refused."""
        self._answer_later(call.refusal)

    def _answer_later(self, error):
        self._running = iter(())
        self.after(self.timing.turnaround, self._end, error)

    def execute(self, call, data):
        """Run a command."""
        if call.refusal is not None and call.wants is not None:
            return  # its error has been told; these were its data
        self._running = commands.run(self, call, data)
        self.after(self.timing.turnaround, self._go_on)

    def _go_on(self):
        self._resume = None
        try:
            wait = next(self._running)  # pyright: ignore[reportArgumentType]
        except StopIteration as stop:
            self._end(stop.value)
            return
        if callable(wait):
            self._resume = wait
        else:
            self.after(wait, self._go_on)

    def _end(self, error):
        """The final line; error: None for OK, a number, or "none" for nothing at all."""
        late = self.faults.late(self._command)
        if late:
            self.after(late, self._end, error)
            return
        if error is None:
            self.ok()
        elif error == "reset":
            if self.quirks.reset_ok:
                self.ok()
            self._running = None
            self.software_reset()
            return
        else:
            self.error(error)
        self._running = None
        for data in self._held_winds:
            self.emit(data)
        self._held_winds.clear()

    def ok(self):
        """The final line of success."""
        heap, state = "20123", str(self.wifi.state)
        suffix = {"": "", ":": ":", ":heap": ":" + heap, ":heap:state": f":{heap}:{state}"}
        self.line("AT-S.OK" + suffix[self.quirks.ok_suffix])
        self._behind = False

    def error(self, number):
        """The final line of failure."""
        text = {"full": f":{number}:{ERRORS.get(number, '')}", "empty": f":{number}:"}
        self.line("AT-S.ERROR" + text.get(self.quirks.error_text, f":{number}"))

    # for tests -------------------------------------------------------------------------------
    @property
    def sockets(self):
        """The eight client slots: None or an open one."""
        return list(self.sockets_area.clients)

    @_locked
    def visit(self, port, peer, address=("192.168.1.7", 50000)):
        """A Peer connects to a server socket (plain TCP) of the module."""
        for server in self.sockets_area.servers:
            if server is not None and server.port == port:
                server._arriving.append((PeerLink(peer), address))
                return
        raise ConnectionRefusedError(f"the module does not listen on {port}")

    @_locked
    def drop_link(self, back_ms=50):
        """The network is lost (WIND 33) and joined again after a while. [k.13]"""
        self.wifi.drop(back_ms)

    @_locked
    def station_joins(self, mac, ip=None):
        """In MiniAP mode: a station joins, and gets an address if one is given. [d]"""
        self.wind(28, f"Station Associated:{mac}:0")
        if ip is not None:
            self.wind(29, f"DHCP Reply:{ip}:{mac}")
