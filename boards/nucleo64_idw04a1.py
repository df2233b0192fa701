"""X-NUCLEO-IDW04A1 on a Nucleo-64 under MicroPython.

The shield has the host's TX on D8 (PA9), RX on D2 (PA10), and RESET on D7 (PA8). [b.1]
MicroPython fixes the pins of a UART in a board's firmware. On these boards UART 1 is on D8 and D2,
so that the shield works as it is plugged in:

    NUCLEO_G0B1RE, NUCLEO_L152RE, NUCLEO_L476RG

On other boards two wires connect another UART with D8 and D2, see _WIRES: radio(uart=N) says that
they are in place. Use radio(uart=1) for firmware of your own too, built with MICROPY_HW_UART1_TX
(pin_A9) and MICROPY_HW_UART1_RX (pin_A10). NUCLEO_F091RC and NUCLEO_L073RZ have less RAM (32 and
20 KB) than the driver needs.

On shields without the reset patch the RESET line has no effect. Use radio(reset=False) there: the
driver then restarts the module by command. [k.10]
"""

import sys

from machine import UART, Pin

from spwf04 import SPWF04

_PLUGGED = "G0B1RE L152RE L476RG"
_WIRES = "F401RE 6 PC6 PC7 F411RE 6 PC6 PC7 F446RE 6 PC6 PC7 G474RE 1 PC4 PC5 L452RE 1 PB6 PB7"


def radio(reset=True, uart=None):
    """Return a ready SPWF04. uart: number of the UART, None for the one on D8 and D2."""
    if uart is None:
        board = getattr(sys.implementation, "_machine", "This board").split(" with ")[0]
        wires, known = _WIRES.split(" "), board[7:]
        if known in wires:
            n = wires.index(known)
            words = (board, wires[n + 2], wires[n + 3], wires[n + 1])
            raise ValueError("%s has no UART on D8, D2: wire %s to D8, %s to D2, uart=%s" % words)
        if known not in _PLUGGED.split(" "):
            raise ValueError("%s is not known: which UART is on D8 and D2? uart=N" % board)
    port = UART(1 if uart is None else uart, baudrate=115200, rxbuf=1024)
    return SPWF04(port, reset=Pin("A8", Pin.OPEN_DRAIN, value=1) if reset else None)
