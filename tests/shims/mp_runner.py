"""MicroPython's side of a scenario.

Arguments: file, function, terminal, and the face of CircuitPython that it puts on, if any (see
mp_circuitpython.py).
"""

import sys

from shims.bench import Bench
from shims.mp_clock import Clock, call

if sys.platform == "webassembly":
    from shims.mp_wasm import PtyUART
else:
    from shims.mp_uart import PtyUART


def main():
    file, name, port = sys.argv[1:4]
    clock = Clock()
    pin = None
    if len(sys.argv) > 4:
        from shims import mp_circuitpython

        mp_circuitpython.become(sys.argv[4], clock)
        uart = mp_circuitpython.UART(port, sys.argv[4] == "wifi")
        pin = mp_circuitpython.DigitalInOut
        from spwf04.at.uart import ticks_ms

        if ticks_ms is not mp_circuitpython.ticks_ms:
            raise AssertionError("the driver does not take supervisor's time")
    else:
        uart = PtyUART(port)
    module = __import__("scenarios." + file, None, None, (name,))
    bench = Bench(uart, clock, call, pin)
    getattr(module, name)(bench)
    print("passed")


main()
