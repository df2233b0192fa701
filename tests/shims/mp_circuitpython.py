"""Makes a MicroPython look like a CircuitPython to what is imported next, and has its UART.

There are two faces. "small" is that of boards without Wi-Fi of their own: it has no io.IOBase, no
hashlib, no ssl. "wifi" has all of these, as CircuitPython has them; a real CircuitPython has its
own. Modules that are absent altogether come as files that raise ImportError, from
micropython.absent(). test_circuitpython.py also does without errno.
"""

import sys
import time as real

from shims.mp_uart import PtyUART


class Module:
    """Names that can be imported; others raise ImportError."""

    def __init__(self, **names):
        for name in names:
            setattr(self, name, names[name])


class _Time:
    clock = None  # its ticks_ms() and idle() make this interpreter's time


def ticks_ms():
    return _Time.clock.ticks_ms()


def monotonic_ns():
    return ticks_ms() * 1000000


def monotonic():
    return ticks_ms() / 1000


def sleep(seconds):
    """Sleep until something happens, even if that is earlier."""
    _Time.clock.idle()


class Hash:
    """Like hashlib.Hash: it has only these two methods."""

    def __init__(self, made):
        self._made = made

    def update(self, data):
        self._made.update(data)

    def digest(self):
        return self._made.digest()


def become(face, clock):
    """Make this a CircuitPython with that face, and with the time of this clock."""
    import io

    _Time.clock = clock
    sys.modules["time"] = Module(
        monotonic=monotonic,
        monotonic_ns=monotonic_ns,
        sleep=sleep,
        time=real.time,
        localtime=real.localtime,
        mktime=real.mktime,
    )
    sys.modules["supervisor"] = Module(ticks_ms=ticks_ms)
    names = {"open": io.open, "BytesIO": io.BytesIO, "StringIO": io.StringIO}
    if face == "wifi":
        names["IOBase"] = io.IOBase
    if face == "wifi" and sys.implementation.name != "circuitpython":
        import hashlib

        def new(name, data=b""):
            return Hash(getattr(hashlib, name)(data))

        from shims import mp_ssl

        sys.modules["hashlib"] = Module(new=new)
        sys.modules["ssl"] = Module(create_default_context=mp_ssl.SSLContext)
    sys.modules["io"] = Module(**names)
    sys.modules["tls"] = Module()


class UART:
    """Like busio.UART with timeout=0. new: like that of CircuitPython 10.3, of which readinto()
    takes a length as every stream does; before, it did not."""

    def __init__(self, path, new):
        self._port = PtyUART(path)
        self._new = new

    @property
    def in_waiting(self):
        return self._port.any()

    def readinto(self, buf, nbytes=-1):
        """Read at most len(buf) bytes; None if nothing is there."""
        if nbytes >= 0 and not self._new:
            raise TypeError("length argument not allowed for this type")
        return self._port.readinto(buf, nbytes)

    def write(self, buf, *part):
        return self._port.write(buf, *part)


class DigitalInOut:
    """Like digitalio.DigitalInOut: it has a value and cannot be called. set: takes the level."""

    def __init__(self, set):
        self._set = set
        self._value = True

    @property
    def value(self):
        return self._value

    @value.setter
    def value(self, level):
        self._value = level
        self._set(int(level))
