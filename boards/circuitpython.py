"""A board with CircuitPython that has pins named TX and RX; RESET on D5.

TX -> module RX     RX <- module TX     D5 -> RESET (open drain)

Feather M4 Express, Feather M4 CAN, Feather RP2040, Feather RP2350, Metro M4 Express, Teensy 4.0,
Teensy 4.1. On a QT Py RP2040 too, whose D5 is the pin SCL of its I2C.

The receive buffer has 64 bytes by default; with 1024 bytes it holds one read of the module.
"""

import board
import busio
import digitalio

from spwf04 import SPWF04


def radio():
    """Return a ready SPWF04."""
    uart = busio.UART(board.TX, board.RX, baudrate=115200, timeout=0, receiver_buffer_size=1024)
    reset = digitalio.DigitalInOut(board.D5)
    reset.switch_to_output(value=True, drive_mode=digitalio.DriveMode.OPEN_DRAIN)
    return SPWF04(uart, reset=reset)
