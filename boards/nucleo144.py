"""Nucleo-144 under MicroPython, the module on wires.

MicroPython fixes the pins of a UART in a board's firmware. UART 3 is the one of the prompt. This
one is free:

                               (TX) -> module RX     (RX) <- module TX
    F412ZG, F413ZH, F429ZI,
    F439ZI, F722ZE, F746ZG,
    F756ZG, F767ZI, H723ZG,
    H743ZI, H743ZI2, H753ZI,
    H7A3ZI_Q                   PD5                   PD6                   UART 2
    H563ZI                     PB6 (D1)              PB7 (D0)              UART 1

PE13 (D3) -> RESET (open drain). PD5 and PD6 are the pins D53 and D52 on CN9.

Firmware of your own may have other pins: radio(uart=N).
"""

import sys

from machine import UART, Pin

from spwf04 import SPWF04

_UARTS = {"F412ZG": 2, "F413ZH": 2, "F429ZI": 2, "F439ZI": 2, "F722ZE": 2, "F746ZG": 2}
_UARTS.update({"F756ZG": 2, "F767ZI": 2, "H723ZG": 2, "H743ZI": 2, "H743ZI2": 2, "H753ZI": 2})
_UARTS.update({"H7A3ZI_Q": 2, "H563ZI": 1})


def radio(uart=None):
    """Return a ready SPWF04. uart: number of the UART, None for the one above."""
    if uart is None:
        board = getattr(sys.implementation, "_machine", "This board").split(" with ")[0]
        uart = _UARTS.get(board[7:])
        if uart is None:
            raise ValueError("%s is not in the list: which UART is free? radio(uart=N)" % board)
    port = UART(uart, baudrate=115200, rxbuf=1024)
    return SPWF04(port, reset=Pin(Pin.cpu.E13, Pin.OPEN_DRAIN, value=1))
