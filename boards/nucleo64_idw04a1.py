"""X-NUCLEO-IDW04A1 plugged on a Nucleo-64 under MicroPython.

The shield has the host's TX on D8 (PA9), its RX on D2 (PA10), and RESET on D7 (PA8). [b.1] The
firmware of G0B1RE, L152RE and L476RG has UART 1 there.

Other boards have their UARTs on other pins. nucleo64.py names them; two wires lead from there to
D8 and D2.

On shields without the reset patch the RESET line has no effect. Use radio(reset=False) there: the
driver then restarts the module by command. [k.10]
"""

import sys

from machine import UART, Pin

from spwf04 import SPWF04


def radio(reset=True):
    """Return a ready SPWF04."""
    board = getattr(sys.implementation, "_machine", "This board").split(" with ")[0]
    if board[7:] not in ("G0B1RE", "L152RE", "L476RG"):
        raise ValueError("%s has no UART on D8 and D2: wire another one, see nucleo64.py" % board)
    uart = UART(1, baudrate=115200, rxbuf=1024)
    return SPWF04(uart, reset=Pin(Pin.cpu.A8, Pin.OPEN_DRAIN, value=1) if reset else None)
