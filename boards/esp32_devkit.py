"""ESP32 under MicroPython (DevKit, WROOM, WROVER), the module on UART 1.

GPIO25 (TX) -> module RX     GPIO26 (RX) <- module TX     GPIO27 -> RESET (open drain)

GPIO16 and GPIO17, which many boards name RX2 and TX2, lead to the RAM of a WROVER. An ESP32-S2,
-S3 or -C3 has no GPIO25: esp32_s3.py is for these.
"""

from machine import UART, Pin

from spwf04 import SPWF04


def radio():
    """Return a ready SPWF04."""
    uart = UART(1, baudrate=115200, tx=Pin(25), rx=Pin(26), rxbuf=1024)
    return SPWF04(uart, reset=Pin(27, Pin.OPEN_DRAIN, value=1))
