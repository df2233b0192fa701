"""MicroPython's side of tests/shims/lockstep.py: calls of the test's process, and its time."""

import binascii
import json
import sys

if sys.platform == "webassembly":
    from host import call as _answer
else:

    def _answer(text):
        print("\x01" + text)
        return sys.stdin.readline()


_WRAP = 1 << 29
_IDLE = '["idle", []]'
_START = _WRAP - 2000  # ticks wrap soon, as on CircuitPython: a wrong difference shows


def _pack(value):
    if isinstance(value, (bytes, bytearray)):
        return {"hex": binascii.hexlify(value).decode()}
    if isinstance(value, (list, tuple)):
        return [_pack(v) for v in value]
    return value


def _unpack(value):
    if isinstance(value, dict):
        return binascii.unhexlify(value["hex"])
    if isinstance(value, list):
        return [_unpack(v) for v in value]
    return value


def call(name, *args):
    """Call a method in the test's process."""
    return _unpack(json.loads(_answer(json.dumps([name, _pack(args)]))))


class Clock:
    """The driver's clock: the module's time, which goes on when the driver has nothing to do."""

    def __init__(self):
        self._begin = self._now = call("ticks_ms")

    def ticks_ms(self):
        """Milliseconds; they wrap two seconds after the start."""
        return (self._now - self._begin + _START) % _WRAP

    def idle(self):
        """Let time go on."""
        self._now = int(_answer(_IDLE))  # called often: it makes no JSON, and so no garbage
