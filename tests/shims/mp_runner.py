"""MicroPython's side of a scenario: arguments are file, function, terminal, speed of time."""

import binascii
import json
import sys
import time

from shims.bench import Bench
from shims.mp_uart import PtyUART


def pack(value):
    if isinstance(value, (bytes, bytearray)):
        return {"hex": binascii.hexlify(value).decode()}
    if isinstance(value, (list, tuple)):
        return [pack(v) for v in value]
    return value


def unpack(value):
    if isinstance(value, dict):
        return binascii.unhexlify(value["hex"])
    if isinstance(value, list):
        return [unpack(v) for v in value]
    return value


def call(name, *args):
    print("\x01" + json.dumps([name, pack(args)]))
    return unpack(json.loads(sys.stdin.readline()))


class Clock:
    def __init__(self, speed):
        self._speed = speed

    def ticks_ms(self):
        return time.ticks_ms() * self._speed

    def idle(self):
        time.sleep_us(200)


def main():
    file, name, port, speed = sys.argv[1:5]
    module = __import__("scenarios." + file, None, None, (name,))
    bench = Bench(PtyUART(port), Clock(int(speed)), call)
    getattr(module, name)(bench)
    print("passed")


main()
