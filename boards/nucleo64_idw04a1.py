"""X-NUCLEO-IDW04A1 on a Nucleo-64 under MicroPython (NUCLEO_F401RE, F411RE, L476RG).

The shield has the host's TX on D8 (PA9) and RX on D2 (PA10), which is UART 1, and RESET on D7
(PA8). [field reports, section 6] On shields without the reset patch the line has no effect:
use radio(reset=False), and the module is restarted by command. [protocol k.10]
"""

from machine import UART, Pin

from spwf04 import SPWF04


def radio(reset=True):
    """Return a ready SPWF04."""
    uart = UART(1, baudrate=115200, rxbuf=1024)
    return SPWF04(uart, reset=Pin("A8", Pin.OPEN_DRAIN, value=1) if reset else None)
