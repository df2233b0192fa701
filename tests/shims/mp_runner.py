"""MicroPython's side of a scenario: arguments are file, function, terminal, speed of time, and
the face of CircuitPython that it puts on, if any (see mp_circuitpython.py).
"""

import binascii
import json
import sys
import time

from shims.bench import Bench

if sys.platform == "webassembly":
    from host import call as answer
    from shims.mp_wasm import PtyUART, idle
else:
    from shims.mp_uart import PtyUART

    def answer(text):
        print("\x01" + text)
        return sys.stdin.readline()

    def idle():
        time.sleep_us(200)


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
    return unpack(json.loads(answer(json.dumps([name, pack(args)]))))


class Clock:
    def __init__(self, speed):
        from spwf04.port import ticks_ms

        if sys.platform == "webassembly":  # see run.mjs
            from host import ticks_ms
        self._ticks_ms = ticks_ms  # else the driver's choice on this interpreter
        self._speed = speed

    def ticks_ms(self):
        return self._ticks_ms() * self._speed

    def idle(self):
        idle()


def main():
    file, name, port, speed = sys.argv[1:5]
    if len(sys.argv) > 5:
        from shims import mp_circuitpython

        mp_circuitpython.become(sys.argv[5])
        uart = mp_circuitpython.UART(port, sys.argv[5] == "wifi")
        pin = mp_circuitpython.DigitalInOut
    else:
        uart = PtyUART(port)
        pin = None
    module = __import__("scenarios." + file, None, None, (name,))
    bench = Bench(uart, Clock(int(speed)), call, pin)
    getattr(module, name)(bench)
    print("passed")


main()
