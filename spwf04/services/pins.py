"""The pins of the module in the words of machine: Pin, ADC, DAC, PWM. [c.2, c.6]

    from spwf04.services.pins import ADC, Pin

    led = Pin(radio, 4, Pin.OUT)
    led.on()
    button = Pin(radio, 5, Pin.IN)
    button.irq(lambda pin: print("now", pin.last))
    print(ADC(radio).read_uv())

Each call is a command of some milliseconds. A restart of the module makes all its pins inputs
again, and ends interrupts, PWM and the DAC. What ends in -ing is the call before it as steps, see
at/task.py.
"""

import sys

from ..at.exchange import Exchange
from ..checks import callback, flag, integer
from ..checks import radio as checked
from ..const import const
from ..errors import ModuleError, SPWF04Error, errno

_MS = const(3000)
_WAITING = const(16)  # edges that wait for a poll; the oldest are dropped
_HIGH_MV = const(3300)
_NO_HZ = const(268435455)  # more than any PWM has
_MOST_HZ = const(40000000)


def _command(radio, line, numbers=(), most=_HIGH_MV * 2):
    """Steps: run a command; return those fields of the last line of its reply, ints up to `most`.

    The line's keyword is not known for certain, so it is not looked at. [l.16]
    """
    told = []

    def on_line(parser):
        told[:] = [parser.number(n) for n in numbers]

    exchange = Exchange(on_line).prepare(line, None, _MS)
    yield exchange
    radio.channel.check(exchange)
    if numbers and (not told or not 0 <= min(told) <= max(told) <= most):
        raise SPWF04Error(
            errno.EIO,
            "the module's reply to %s has no value" % line[5:].split(b"=")[0].strip().decode(),
            hint="Try again: bytes of it may have been lost on the UART",
            remedy="retry",
        )
    return told


class Pin:
    """A GPIO of the module, as machine.Pin.

    radio: SPWF04. n: its number, 0 to 20; 19 and 20 are there from firmware 1.1.0 on. mode: Pin.IN
    or Pin.OUT; -1: it is left as it is, and nothing is sent. The level of an output can be given
    as value, 0 or 1. TypeError, ValueError.

    The module keeps 7 for WPS. 3, 6 and 10 can be used while console_enabled is not 0,
    sleep_enabled is 0, and blink_led is 0. Else a ModuleError with code 21 to 24 says so.

    last: the level that came with the last interrupt, or None.
    """

    IN = 0
    OUT = 1
    IRQ_RISING = 1
    IRQ_FALLING = 2
    last: "int | None" = None

    def __init__(self, radio, n, mode=-1, *, value=None):
        self._radio = checked(radio)
        self.n = integer(n, "n", 0, 20)
        self._handler = None
        if integer(mode, "mode", -1, 1) >= 0 or value is not None:
            self.init(mode, value=value)

    def init(self, mode=-1, *, value=None) -> None:
        """Make it an input or an output, without interrupts. Arguments as for Pin()."""
        self._radio.channel.take(self.initializing(mode, value))

    def initializing(self, mode=-1, value=None):
        """As init(), in steps."""
        mode = integer(mode, "mode", -1, 1)
        if value is not None:
            value = flag(value, "value")
            if mode == self.IN:
                raise ValueError("value is the level of an output")
        if mode != -1:
            self._forget()
            way = b"out" if mode else b"in"
            yield from _command(self._radio, b"AT+S.GPIOC=%d,%s\r" % (self.n, way))
        if value is not None:
            yield from self.writing(value)

    def value(self, x=None) -> "int | None":
        """Return the level of the pin, 0 or 1; with x, 0 or 1, set that of an output."""
        return self._radio.channel.take(self.reading() if x is None else self.writing(x))

    def reading(self):
        """As value(), in steps."""
        return (yield from _command(self._radio, b"AT+S.GPIOR=%d\r" % self.n, (2, 3), 1))[0]

    def writing(self, x):
        """As value(), with x, in steps."""
        line = b"AT+S.GPIOW=%d,%d\r" % (self.n, flag(x, "x"))
        yield from _command(self._radio, line)

    def __call__(self, x=None):
        return self.value(x)

    def on(self) -> None:
        """Set an output to 1."""
        self.value(1)

    def off(self) -> None:
        """Set an output to 0."""
        self.value(0)

    def toggle(self) -> None:
        """Set an output to the other level."""
        self._radio.channel.take(self.toggling())

    def toggling(self):
        """As toggle(), in steps."""
        yield from self.writing(1 - (yield from self.reading()))

    def irq(self, handler=None, trigger=IRQ_RISING | IRQ_FALLING) -> None:
        """Make it an input, and have handler(pin) called at its edges; None: no more.

        trigger: Pin.IRQ_RISING, Pin.IRQ_FALLING, or both. The handler is called from a poll of
        radio.channel, and so from any call that waits for the module, between two commands. It may
        use the radio itself. Its exception is printed, and ends nothing. Up to sixteen edges wait
        for a poll. TypeError, ValueError.
        """
        self._radio.channel.take(self.watching(handler, trigger))

    def watching(self, handler, trigger=IRQ_RISING | IRQ_FALLING):
        """As irq(), in steps."""
        callback(handler, "handler")
        trigger = integer(trigger, "trigger", 1, 3)
        self._forget()
        line = b"AT+S.GPIOC=%d,in" % self.n
        if handler is None:
            yield from _command(self._radio, line + b"\r")
            return
        radio = self._radio
        if radio.pins is None:
            radio.pins = Edges(radio)
        self._handler = handler
        radio.pins.watched[self.n] = self
        try:
            yield from _command(radio, line + b",%c\r" % b"0rfb"[trigger])
        except BaseException as e:
            self._forget()
            raise e

    def _forget(self):
        pins = self._radio.pins
        if pins is not None and pins.watched.get(self.n) is self:
            pins.watched.pop(self.n)

    def edge(self, level):
        """The module has told of an edge."""
        self.last = level
        if self._handler is not None:
            self._handler(self)


class Edges:
    """Hands on the edges of which a radio's module tells by WIND 52. watched: {n: Pin}."""

    def __init__(self, radio):
        self.watched = {}
        self._channel = radio.channel
        self._waiting = []
        self._asked = False  # for a call of _deliver()
        radio.channel.on_indication[52] = self._on_edge

    def _on_edge(self, parser):
        # GPIO:<n>:<level>, and a firmware may leave out the word [d]
        words = parser.text().split(":")
        try:
            n, level = int(words[-2]), int(words[-1])
        except (ValueError, IndexError):
            return
        if n not in self.watched or level not in (0, 1):
            return
        if len(self._waiting) == _WAITING:
            self._waiting.pop(0)
        self._waiting.append((n, level))
        if not self._asked:
            self._asked = True
            self._channel.later(self._deliver)

    def _deliver(self):
        """Call the handlers. Edges that come meanwhile wait for the next poll."""
        try:
            for _ in range(len(self._waiting)):
                if not self._waiting:
                    break
                n, level = self._waiting.pop(0)
                pin = self.watched.get(n)
                if pin is not None:
                    try:
                        pin.edge(level)
                    except Exception as e:
                        _show(e)
        finally:
            self._asked = bool(self._waiting)
            if self._asked:
                self._channel.later(self._deliver)


def _show(error):
    """Print the exception of a handler, as MicroPython does with those of its own interrupts."""
    if hasattr(sys, "print_exception"):
        sys.print_exception(error)  # pyright: ignore[reportAttributeAccessIssue]
        return
    try:
        import traceback

        traceback.print_exception(type(error), error, error.__traceback__)
    except ImportError:  # on boards with little room
        print(repr(error))


class ADC:
    """An input for voltages, as machine.ADC.

    radio: SPWF04. channel: 0 to 2. Channel 0 is GPIO1; no source tells the pins of the others, or
    whether the firmware reads them at all. TypeError, ValueError.
    """

    def __init__(self, radio, channel=0):
        self._radio = checked(radio)
        self.channel = integer(channel, "channel", 0, 2)

    def read_uv(self) -> int:
        """Return the voltage in microvolts, in steps of 1000."""
        return self._radio.channel.take(self.reading_uv())

    def reading_uv(self):
        """As read_uv(), in steps."""
        line = b"AT+S.ADC=%d\r" % self.channel if self.channel else b"AT+S.ADC\r"
        try:
            return 1000 * (yield from _command(self._radio, line, (1,)))[0]
        except ModuleError as e:
            if not self.channel or e.code not in (6, 7):
                raise
            raise _other(e, "this firmware reads channel 0 only", "Use channel 0") from None

    def read_u16(self) -> int:
        """Return the voltage as a number of 0 to 65535, which is 3.3 V."""
        return self._radio.channel.take(self.reading_u16())

    def reading_u16(self):
        """As read_u16(), in steps."""
        mv = (yield from self.reading_uv()) // 1000
        return min(mv * 65535 // _HIGH_MV, 65535)


def _other(error, meaning, hint):
    """A ModuleError that explains a number better than at/hints.py can."""
    said = error.args[1].split(" (")[0]
    return ModuleError(
        errno.EINVAL,
        "%s (%s)" % (said, meaning),
        error.code,
        error.text,
        hint,
        "check_arguments",
    )


class DAC:
    """The output for a voltage, GPIO15. radio: SPWF04. TypeError."""

    def __init__(self, radio):
        self._radio = checked(radio)

    def write(self, millivolts) -> None:
        """Put out a voltage. millivolts: 1 to 3300; 0 switches it off. TypeError, ValueError."""
        self._radio.channel.take(self.writing(millivolts))

    def writing(self, millivolts):
        """As write(), in steps."""
        millivolts = integer(millivolts, "millivolts", 0, _HIGH_MV)
        yield from _command(self._radio, b"AT+S.DAC=%d\r" % millivolts)

    def deinit(self) -> None:
        """Switch it off."""
        self.write(0)


class PWM:
    """Pulses of a constant frequency, as machine.PWM.

    radio: SPWF04. n: the pin, 2 or 4; firmware before 1.1.0 has 2 only. Given freq in Hz and
    duty_u16, the part of the time for which it is high as 0 to 65535, it starts. The module takes
    whole percents. Nothing is sent until both are known. TypeError, ValueError.

    The pin must not be set up as a GPIO since the module's last start: ModuleError with code 44.
    """

    _number = None  # what stands before the frequency, bytes; None: not known yet

    def __init__(self, radio, n=2, *, freq=None, duty_u16=None):
        self._radio = checked(radio)
        self.n = integer(n, "n", 0, None)
        if self.n not in (2, 4):
            raise ValueError("n must be 2 or 4, the pins that have PWM")
        self._freq = self._percent = None
        if freq is not None or duty_u16 is not None:
            self.init(freq=freq, duty_u16=duty_u16)

    def init(self, *, freq=None, duty_u16=None) -> None:
        """Set frequency, or duty, or both."""
        self._radio.channel.take(self.setting(freq, duty_u16))

    def setting(self, freq=None, duty_u16=None):
        """As init(), in steps."""
        if freq is None:
            freq = self._freq
        else:
            freq = integer(freq, "freq", 1, _MOST_HZ)
        percent = self._percent
        if duty_u16 is not None:
            percent = (integer(duty_u16, "duty_u16", 0, 65535) * 100 + 32767) // 65535
        if freq is not None and percent is not None:
            yield from self._send(freq, percent)
        self._freq, self._percent = freq, percent

    def freq(self, value=None) -> "int | None":
        """Return the frequency in Hz, None before it was set. value: the frequency to set."""
        if value is None:
            return self._freq
        return self.init(freq=value)

    def duty_u16(self, value=None) -> "int | None":
        """Return the duty as the module has it, 0 to 65535, None before it was set. value: the
        duty to set."""
        if value is not None:
            return self.init(duty_u16=value)
        return None if self._percent is None else (self._percent * 65535 + 50) // 100

    def deinit(self) -> None:
        """End it. It begins again when frequency or duty are set."""
        self._radio.channel.take(self.ending())

    def ending(self):
        """As deinit(), in steps."""
        try:
            yield from self._send(0, 0)
        except ModuleError as e:
            if e.code != 28:  # it does not run
                raise

    def _send(self, freq, percent):
        if self._number is None:
            self._number = yield from self._find_number()
        try:
            line = b"AT+S.PWM=%s%d,%d\r" % (self._number, freq, percent)
            yield from _command(self._radio, line)
        except ModuleError as e:
            if e.code != 44:
                raise
            hint = "Restart the module: radio.reset(). Then use the pin for PWM only"
            raise _other(e, "the pin is set up as a GPIO", hint) from None

    def _find_number(self):
        """Steps: find what stands before the frequency. Nothing does before 1.1.0. Then the number
        of the PWM: it is not certain whether these are 2 and 4, 1 and 2, or 0 and 1. [c.2]"""
        version = []
        exchange = Exchange(lambda parser: version.append(parser.text().split("=")[-1]))
        yield exchange.prepare(b"AT+S.STS=fw_version\r", None, _MS)
        self._radio.channel.check(exchange)
        if version and version[0][:3] == "1.0":
            if self.n != 2:
                raise SPWF04Error(
                    errno.EINVAL,
                    "this firmware has one PWM, at pin 2",
                    hint="Use pin 2, or update the firmware: radio.fetch_update()",
                    remedy="update_firmware",
                )
            return b""
        for first, second in ((2, 4), (0, 1)):
            number = second if first else first  # this one only they have
            yield exchange.prepare(b"AT+S.PWM=%d,%d,0\r" % (number, _NO_HZ), None, _MS)
            if exchange.code < 0:
                self._radio.channel.check(exchange)
            if exchange.code != 7:  # the frequency is refused, not the number
                break
        else:
            first, second = 1, 2
        return b"%d," % (first if self.n == 2 else second)
