"""Raspberry Pi Pico, Pico W, Pico 2 or Pico 2 W under CircuitPython, the module on UART 1.

GP4 (TX) -> module RX     GP5 (RX) <- module TX     GP3 -> RESET (open drain)

It is wired as pico.py has it. A Pico W needs none of its own Wi-Fi for this.
"""

import board
import busio
import digitalio

from spwf04 import SPWF04


def radio():
    """Return a ready SPWF04."""
    uart = busio.UART(board.GP4, board.GP5, baudrate=115200, timeout=0, receiver_buffer_size=1024)
    reset = digitalio.DigitalInOut(board.GP3)
    reset.switch_to_output(value=True, drive_mode=digitalio.DriveMode.OPEN_DRAIN)
    return SPWF04(uart, reset=reset)
