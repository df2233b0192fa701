"""Raspberry Pi with the serial port of its header, RESET by Blinka.

GPIO14 (TXD) -> module RX     GPIO15 (RXD) <- module TX     GPIO17 -> RESET

Needs pyserial and adafruit-blinka. `sudo raspi-config`, "Serial Port": no login shell, hardware
enabled. radio(reset=False) needs neither Blinka nor a wire to RESET.
"""

import serial

from spwf04 import SPWF04


def radio(port="/dev/serial0", reset=True):
    """Return a ready SPWF04 on the serial port of the header."""
    uart = serial.Serial(port, 115200, timeout=0)
    if not reset:
        return SPWF04(uart)

    import board
    import digitalio

    pin = digitalio.DigitalInOut(board.D17)  # an input, until it pulls RESET low

    def level(high):
        """Blinka has no open drain on a Raspberry Pi: released is an input."""
        if high:
            pin.switch_to_input()
        else:
            pin.switch_to_output(value=False)

    return SPWF04(uart, reset=level)
