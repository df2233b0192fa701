"""Any CircuitPython board with TX and RX pins (Feather, Metro, QT Py), RESET on D5.

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
