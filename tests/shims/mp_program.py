"""Runs a program on MicroPython as tests/services/stage.py says.

Arguments: terminal, bundle, time, the program's file, and the face of CircuitPython that it puts
on, or "" (see mp_circuitpython.py).
"""

import sys
import time

from shims.mp_uart import PtyUART


class Clock:
    """The computer's milliseconds, divided by ten: the module lives in real time, and a busy
    computer may take seconds for an answer."""

    @staticmethod
    def ticks_ms():
        return _ticks_ms() // 10

    @staticmethod
    def idle():
        _sleep_us(200)


_ticks_ms, _sleep_us = time.ticks_ms, time.sleep_us


def main():
    port, roots, seconds, file, face = sys.argv[1:6]
    if face:
        from shims import mp_circuitpython

        mp_circuitpython.become(face, Clock)
        uart = mp_circuitpython.UART(port, True)
    else:
        uart = PtyUART(port, 256)
    from spwf04 import SPWF04

    radio = SPWF04(uart, clock=Clock)
    radio.connect("home", "correct horse")
    radio.set_time(int(seconds))
    with open(file) as f:
        program = f.read()
    exec(program, {"radio": radio, "roots": roots, "__name__": "__main__"})


main()
