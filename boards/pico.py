"""Raspberry Pi Pico, Pico W, Pico 2 or Pico 2 W under MicroPython, the module on UART 1.

GP4 (TX) -> module RX     GP5 (RX) <- module TX     GP3 -> RESET (open drain)

A Pico W needs none of its own Wi-Fi for this.
"""

from machine import UART, Pin

from spwf04 import SPWF04


def radio():
    """Return a ready SPWF04."""
    uart = UART(1, baudrate=115200, tx=Pin(4), rx=Pin(5), rxbuf=1024)
    return SPWF04(uart, reset=Pin(3, Pin.OPEN_DRAIN, value=1))
