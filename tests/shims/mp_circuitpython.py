"""Makes a MicroPython look like a CircuitPython to what is imported next, and has its UART.

Two faces. "small": as boards without Wi-Fi of their own: no io.IOBase, no hashlib, no ssl.
"wifi": all of these, as CircuitPython has them; on one, its own. Modules that are absent
altogether come as files that raise ImportError, from micropython.absent(). Without errno too:
test_circuitpython.py.
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
    clock = None  # whose ticks_ms() and idle() make this interpreter's time


def ticks_ms():
    return _Time.clock.ticks_ms()


def monotonic_ns():
    return ticks_ms() * 1000000


def monotonic():
    return ticks_ms() / 1000


def sleep(seconds):
    """As long as it takes for something to happen, if that is less."""
    _Time.clock.idle()


class Hash:
    """As hashlib.Hash: nothing but these two."""

    def __init__(self, made):
        self._made = made

    def update(self, data):
        self._made.update(data)

    def digest(self):
        return self._made.digest()


def become(face, clock):
    """From here on this is a CircuitPython with that face, where it is as late as by this
    clock."""
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
    """As busio.UART with timeout=0. new: as in CircuitPython 10.3, where readinto() takes a length
    as every stream does; before it did not."""

    def __init__(self, path, new):
        self._port = PtyUART(path)
        self._new = new

    @property
    def in_waiting(self):
        return self._port.any()

    def readinto(self, buf, nbytes=-1):
        """None if nothing is there; at most len(buf) bytes."""
        if nbytes >= 0 and not self._new:
            raise TypeError("length argument not allowed for this type")
        return self._port.readinto(buf, nbytes)

    def write(self, buf, *part):
        return self._port.write(buf, *part)


class DigitalInOut:
    """As digitalio.DigitalInOut: a value, no call. set: function of the level."""

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
