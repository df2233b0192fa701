"""The UART of the MCU as if it were this computer's, for what needs the driver here: the shell.

A few lines on the MCU carry bytes to its UART and back. They go as Base64, a piece at a time, so
that the MCU needs little memory. The MCU's clock comes along: the time that a piece is on its way
from the MCU does not count as silence of the module.
"""

import binascii
import contextlib
import signal
import threading

from spwf04 import SPWF04

_PIECE = 512  # bytes to the module at a time
_QUIET_MS = 10  # nothing has come for so long: what there is goes to this computer

_CARRY = """
from binascii import a2b_base64 as _from64, b2a_base64 as _to64
def _carry(data, quiet):
    channel = _radio.channel
    uart = channel.uart
    data = _from64(data)
    at = 0
    end = channel.deadline(quiet)
    while at < len(data) or not channel.expired(end):
        if at < len(data):
            at += uart.write(data, at, min(at + 64, len(data)))
            end = channel.deadline(quiet)
        n = uart.any()
        if n:
            piece = bytearray(min(n, 192))
            n = uart.device.readinto(piece) or 0
            print("\\x03" + _to64(memoryview(piece)[:n]).decode().strip())
            end = channel.deadline(quiet)
        elif at == len(data):
            channel.clock.idle()
    _say("result", channel.clock.ticks_ms())
"""


class Wire:
    """The UART of an Mcu, with what the driver uses of serial.Serial; and its clock."""

    def __init__(self, mcu):
        self._mcu = mcu
        self._out = bytearray()
        self._in = bytearray()
        self._now = 0
        mcu.run(_CARRY)
        self._carry()

    def _carry(self):
        """Send a piece of what is to go, and take in what has come."""
        piece = bytes(self._out[:_PIECE])
        del self._out[:_PIECE]
        with _unbroken():
            self._now = self._mcu.ask(
                f"_carry({binascii.b2a_base64(piece, newline=False)!r}, {_QUIET_MS})", self._take
            )

    def _take(self, line):
        self._in += binascii.a2b_base64(line)

    def write(self, data):
        """Note bytes for the module. They go once they are many, or at the next look."""
        self._out += data
        while len(self._out) >= _PIECE:
            self._carry()
        return len(data)

    @property
    def in_waiting(self):
        """How many bytes have come."""
        if not self._in or self._out:
            self._carry()
        return len(self._in)

    def readinto(self, buffer):
        """Take bytes that have come; return how many."""
        n = min(len(buffer), len(self._in))
        buffer[:n] = self._in[:n]
        del self._in[:n]
        return n

    def ticks_ms(self):
        """The MCU's time when it was last asked."""
        return self._now

    def idle(self):
        """Do nothing: each look at the UART takes its time."""


def radio(mcu, debug=None):
    """A driver on this computer for the module of an Mcu. debug: as of SPWF04."""
    wire = Wire(mcu)
    return SPWF04(wire, clock=wire, debug=debug)


@contextlib.contextmanager
def _unbroken():
    """A block that Ctrl-C does not break off, for the MCU would be left in the middle of it. The
    exception comes at its end."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked = []
    before = signal.signal(signal.SIGINT, lambda *_: asked.append(True))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before or signal.default_int_handler)
    if asked:
        raise KeyboardInterrupt
