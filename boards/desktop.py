"""A PC with a USB serial adapter: TX to the module's RX, RX to its TX, ground to ground.

Needs pyserial. The adapter's RTS may drive RESET through a transistor or a diode:
radio(port, reset_on_rts=True).
"""

import serial

from spwf04 import SPWF04


def radio(port="/dev/ttyUSB0", reset_on_rts=False):
    """Return a ready SPWF04 on this serial port."""
    uart = serial.Serial(port, 115200, timeout=0)

    def reset(level):
        uart.rts = not level  # RTS is active low on the wire

    return SPWF04(uart, reset=reset if reset_on_rts else None)
