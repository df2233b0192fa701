"""ESP32-S2, ESP32-S3 or ESP32-C3 under MicroPython, the module on UART 1.

GPIO5 (TX) -> module RX     GPIO4 (RX) <- module TX     GPIO6 -> RESET (open drain)

On an ESP32 without a letter GPIO6 leads to the flash: esp32_devkit.py is for that.
"""

from machine import UART, Pin

from spwf04 import SPWF04


def radio():
    """Return a ready SPWF04."""
    uart = UART(1, baudrate=115200, tx=Pin(5), rx=Pin(4), rxbuf=1024)
    return SPWF04(uart, reset=Pin(6, Pin.OPEN_DRAIN, value=1))
