"""Metro RP2040 or Metro RP2350 under CircuitPython, the module on UART 1.

D4 (TX) -> module RX     D5 (RX) <- module TX     D3 -> RESET (open drain)

D0 and D1 are left alone: a switch on these boards decides which of them is TX.
"""

import board
import busio
import digitalio

from spwf04 import SPWF04


def radio():
    """Return a ready SPWF04."""
    uart = busio.UART(board.D4, board.D5, baudrate=115200, timeout=0, receiver_buffer_size=1024)
    reset = digitalio.DigitalInOut(board.D3)
    reset.switch_to_output(value=True, drive_mode=digitalio.DriveMode.OPEN_DRAIN)
    return SPWF04(uart, reset=reset)
