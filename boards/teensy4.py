"""Teensy 4.0 or Teensy 4.1 under MicroPython, the module on UART 1.

D1 (TX) -> module RX     D0 (RX) <- module TX     D2 -> RESET (open drain)

The board has the numbers of these pins without the D.
"""

from machine import UART, Pin

from spwf04 import SPWF04


def radio():
    """Return a ready SPWF04."""
    uart = UART(1, baudrate=115200, rxbuf=1024)
    return SPWF04(uart, reset=Pin("D2", Pin.OPEN_DRAIN, value=1))
