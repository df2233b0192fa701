"""Power: saving between the beacons, sleep with a wake-up by pin, standby with one by time. [c.7]

    radio.power_save("idle")         # or "off"
    radio.sleep(Pin(15, Pin.OUT))    # the pin is wired to the module's GPIO6
    radio.wake()
    radio.standby(3600)

What the module tells of it counts, WIND 66 to 70 and 32. An OK may come before that, after it, or
not at all. While it sleeps, its Power is the gate of the channel: a command wakes it by the pin,
or ends at once with the code ASLEEP.
"""

from ..arguments import argument, milliseconds
from ..at.exchange import ASLEEP, RUNNING, TIMED_OUT, Exchange
from ..at.task import Wait
from ..at.uart import has
from ..checks import integer
from ..const import const
from ..errors import SPWF04Error, errno
from .config import asked
from .reset import pull
from .station import ready

_TELLS_MS = const(3000)  # from PMS to its indication
_RADIO_MS = const(8000)  # the same for WIND 32: the radio restarts [b.3]
_OFF_MS = const(500)  # the same for a radio that is off: none comes
_FALL_MS = const(1000)  # from the fall of GPIO6 to WIND 69
_FALLEN_MS = const(20)  # after WIND 69: a rise of GPIO6 that comes earlier might wake nobody
_WAKE_MS = const(3000)  # from the rise of GPIO6 to WIND 70
_STAYS_MS = const(50)  # after WIND 70: it may fall asleep again at once [d.1]
_BOOT_MS = const(16000)  # from the end of standby until the module answers
_LONGEST = const(259200)  # s of standby: three days, half the period of the channel's clock

# {what: (number of PMS, its WIND, variables as ST's middleware sets them)}
_MODES = {
    "off": (0, 32, ("wifi_powersave,0", "sleep_enabled,0", "standby_enabled,0")),
    "idle": (
        1,
        66,
        (
            "wifi_powersave,1",
            "wifi_operational_mode,11",
            "wifi_beacon_wakeup,0",
            "wifi_listen_interval,0",
            "sleep_enabled,0",
            "standby_enabled,0",
        ),
    ),
    "sleep": (
        2,
        69,
        (
            "wifi_powersave,1",
            "wifi_operational_mode,12",
            "wifi_beacon_wakeup,10",
            "wifi_listen_interval,1",
            "sleep_enabled,1",
            "standby_enabled,0",
        ),
    ),
    "standby": (3, 67, ("sleep_enabled,0", "standby_enabled,1")),
}


def power(radio):
    """Return the Power of a radio."""
    if radio.power is None:
        radio.power = Power(radio)
    return radio.power


def wake_pin(value):
    """Return the pin or the function that sets GPIO6; TypeError."""
    if not callable(value) and not has(value, "value"):
        raise TypeError("wake must be a pin, a function, or None")
    return value


class Power:
    """What is known of a module's power.

    mode: "off", "idle", "sleep" or "standby", as it was set last; None: not known. state: the same
    while it sleeps, "sleep" or "standby", else None. line: what sets GPIO6, or None.
    """

    mode: "str | None" = None
    state: "str | None" = None
    line: "object" = None
    until = None  # when standby is over
    seconds = 10  # of the next standby: what the factory has set
    _late = None  # when it should have told long ago that it is awake
    _waking = False  # a command has raised GPIO6

    def __init__(self, radio):
        self._radio = radio
        self._channel = channel = radio.channel
        for n, handler in ((67, self._on_standby), (69, self._on_sleep), (70, self._on_wake)):
            channel.on_indication[n] = handler
        channel.on_restart.append(self._on_restart)

    # what the module tells -------------------------------------------------------------------
    def asleep(self, state):
        """It sleeps."""
        self.mode = self.state = state
        self._waking = False
        self._channel.gate = self.may_begin

    def awake(self):
        """It is awake, as far as is known."""
        self.state = self._channel.gate = None

    def _on_sleep(self, parser):
        self.asleep("sleep")

    def _on_standby(self, parser):
        if self.state == "standby":
            return
        channel = self._channel
        channel.generation += 1  # its sockets are gone, and so is all that was not saved
        for handler in channel.on_restart:
            handler()
        self.until = channel.deadline(self.seconds * 1000)
        self._late = channel.deadline(self.seconds * 1000 + _BOOT_MS)
        self.asleep("standby")

    def _on_wake(self, parser):
        if self.state == "sleep":
            self.awake()

    def _on_restart(self):
        self.mode = None
        self.awake()

    # commands while it sleeps ----------------------------------------------------------------
    def may_begin(self, exchange):
        """ATChannel.gate: whether a command may be sent now."""
        channel = self._channel
        if exchange.code == ASLEEP:
            exchange.code = RUNNING
        if self.state == "sleep" and self.line is None:
            if channel.exchange is None:
                channel.poll()  # it may have told that it is awake
            if self.state is None:
                return True
            exchange.text = "the module sleeps"
            exchange.code = ASLEEP
            return False
        if self.state == "sleep" and not self._waking:
            self._waking = True
            self._late = channel.deadline(_WAKE_MS)
            self.pull(1)
        elif self.state == "standby" and not channel.expired(self.until):
            left = channel.left(self.until)
            exchange.text = "the module is in standby for %d s more" % (left // 1000 + 1)
            exchange.code = ASLEEP
        if not channel.expired(self._late):
            return False
        self.awake()  # the channel looks for it
        channel.lose()
        return True

    def pull(self, level):
        """Set GPIO6, if it is known how."""
        if self.line is not None:
            pull(self.line, level)

    # steps -----------------------------------------------------------------------------------
    def enter(self, mode, more=(), ms=_TELLS_MS, also=None):
        """Steps: set the variables of a mode and begin it; True if the module has told of it.

        more: settings beside those of the mode. also: called when the module tells it.
        """
        channel = self._channel
        number, wind, settings = _MODES[mode]
        exchange = Exchange()
        for setting in settings + more:
            yield exchange.prepare(b"AT+S.SCFG=%s\r" % setting.encode(), None, 3000)
            if exchange.code != 4:  # 4: a firmware that does not have it
                channel.check(exchange)
        told = []
        before = channel.on_indication.get(wind)

        def on_indication(parser):
            told.append(1)
            (before or channel.on_other_indication)(parser)
            if also is not None:
                also()
            channel.told(exchange)

        if mode == "sleep":
            self.pull(0)
        channel.on_indication[wind] = on_indication
        try:
            yield exchange.prepare(b"AT+S.PMS=%d\r" % number, None, ms)
            if exchange.code == 0:
                yield Wait(lambda: told, ms)
        except:  # it was broken off, and may sleep by now: the next command wakes it
            if mode == "sleep" and self.line is not None:
                self.asleep(mode)
            raise
        finally:
            if before is None:
                channel.on_indication.pop(wind)
            else:
                channel.on_indication[wind] = before
        if not told:
            if exchange.code == TIMED_OUT:
                yield exchange.prepare(b"AT\r", None, 2000)
            channel.check(exchange)
        self.mode = mode
        return bool(told)


def power_save(radio, mode, timeout):
    """SPWF04.power_save(), as steps."""
    mode = argument(mode, "mode").decode()
    if mode not in ("off", "idle"):
        raise ValueError('mode must be "off" or "idle"')
    timeout_ms = milliseconds(timeout)
    own = power(radio)
    yield from ready(radio)
    if mode == "idle":
        if not (yield from own.enter(mode)):
            raise _untold("that it saves power")
        return
    if radio.ap is not None or (yield from asked(radio, b"wifi_mode")) == "3":
        raise SPWF04Error(
            errno.EOPNOTSUPP,
            "the module makes a network of its own: its radio would start again, and the network "
            "might come back without its password",
            hint='Call radio.stop_ap() first, then power_save("off"), then start_ap() anew',
            remedy="one_at_a_time",
        )
    told = []
    exchange = Exchange(lambda parser: told.append(parser.text()))
    yield exchange.prepare(b"AT+S.STS=wifi_state\r", None, 3000)
    joined = radio.ip
    end = radio.channel.deadline(timeout_ms)
    ms = _OFF_MS if told == ["AT-S.Var:wifi_state=2"] else _RADIO_MS
    known = yield from own.enter(mode, (), ms, lambda: _lose_network(radio))
    if joined:
        if not known:
            raise _untold("that its radio starts again")
        yield Wait(lambda: radio.ip, radio.channel.left(end))


def _lose_network(radio):
    """The radio starts again: its connections are gone. It joins by itself."""
    radio.told_down()
    if radio.pool is not None:
        radio.pool.network_lost()


def sleep(radio, wake):
    """SPWF04.sleep(), as steps."""
    own = power(radio)
    own.line = own.line if wake is None else wake_pin(wake)
    if own.state == "sleep":
        return
    if own.mode == "sleep" and own.line is not None:  # it sleeps whenever the pin is low
        own.pull(0)
        yield Wait(lambda: own.state, _FALL_MS)
        if own.state is not None:
            yield Wait(lambda: False, _FALLEN_MS)
            return
    own.pull(1)  # as ST's middleware does, while it sets the variables
    yield from ready(radio)
    told = False
    try:
        told = yield from own.enter("sleep")
    finally:
        if not told and own.state is None:
            own.pull(1)
    yield Wait(lambda: False, _FALLEN_MS)
    if not told:
        raise SPWF04Error(
            errno.EIO,
            "the module has not told that it sleeps",
            hint="GPIO6 must be low: wire it to a pin, and give that to radio.sleep(pin)",
            remedy="wire_wake",
        )


def standby(radio, seconds):
    """SPWF04.standby(), as steps."""
    seconds = integer(seconds, "seconds", 1, _LONGEST)
    own = power(radio)
    yield from ready(radio)
    own.seconds = seconds
    if not (yield from own.enter("standby", ("standby_time,%d" % seconds,))):
        raise _untold("that it is in standby")


def rouse(radio, wake, timeout):
    """SPWF04.wake(), as steps."""
    timeout_ms = milliseconds(timeout)
    own = power(radio)
    own.line = own.line if wake is None else wake_pin(wake)
    channel = radio.channel
    state = own.state
    if state == "standby":
        yield Wait(lambda: own.state is None, channel.left(own.until) + timeout_ms)
    else:
        own.pull(1)
        ms = timeout_ms if own.line is None else min(timeout_ms, _WAKE_MS)
        for _ in range(2 if state else 0):
            yield Wait(lambda: own.state is None, ms)
            yield Wait(lambda: own.state is not None, _STAYS_MS)
            if own.state is None or own.line is None:
                break
            own.pull(0)  # it has missed the rise, or fell asleep again: another one
            yield Wait(lambda: False, _FALLEN_MS)
            own.pull(1)
    lost = own.state
    if lost is not None:  # it has not told that it is awake
        own.awake()
        channel.lose()
    exchange = Exchange()
    yield exchange.prepare(b"AT\r", None, 2000)
    if exchange.code and lost == "sleep":
        own.asleep(lost)
        raise SPWF04Error(
            errno.EIO,
            "the module has not woken up",
            hint="Its GPIO6 must become high: wire it to a pin, and give that to radio.wake(pin)",
            remedy="wire_wake",
        )
    channel.check(exchange)
    yield from ready(radio)


def _untold(what):
    return SPWF04Error(
        errno.EIO,
        "the module has not told " + what,
        hint="Try again; if it stays so, restart the module: radio.reset()",
        remedy="reset",
    )
