"""Nucleo-64 under MicroPython, the module on wires; or a shield that needs two of them.

MicroPython fixes the pins of a UART in a board's firmware. UART 2 is the one of the prompt. This
one is free:

                              (TX) -> module RX     (RX) <- module TX
    F401RE, F411RE, F446RE    PC6                   PC7                   UART 6
    G474RE                    PC4                   PC5                   UART 1
    L452RE                    PB6                   PB7                   UART 1
    G0B1RE, L152RE, L476RG    PA9                   PA10                  UART 1

PA8 (D7) -> RESET (open drain). On an X-NUCLEO-IDW04A1 the module's RX is D8, and its TX is D2.

Firmware of your own may have other pins: radio(uart=N). NUCLEO_F091RC and NUCLEO_L073RZ have less
RAM (32 and 20 KB) than the driver needs.
"""

import sys

from machine import UART, Pin

from spwf04 import SPWF04

_UARTS = {"F401RE": 6, "F411RE": 6, "F446RE": 6, "G474RE": 1, "L452RE": 1}
_UARTS.update({"G0B1RE": 1, "L152RE": 1, "L476RG": 1})


def radio(reset=True, uart=None):
    """Return a ready SPWF04. uart: number of the UART, None for the one above."""
    if uart is None:
        board = getattr(sys.implementation, "_machine", "This board").split(" with ")[0]
        uart = _UARTS.get(board[7:])
        if uart is None:
            raise ValueError("%s is not in the list: which UART is free? radio(uart=N)" % board)
    port = UART(uart, baudrate=115200, rxbuf=1024)
    return SPWF04(port, reset=Pin(Pin.cpu.A8, Pin.OPEN_DRAIN, value=1) if reset else None)
