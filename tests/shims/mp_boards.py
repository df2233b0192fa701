"""Runs files of boards/ on MicroPython, with a machine that leads to a module on a terminal.

Arguments: the terminal, the file with the time, the folder boards, and FILE:BOARD for each file
and the name that the board has for itself.
"""

import sys

from shims.mp_paced import Clock
from shims.mp_uart import PtyUART

import spwf04

path, time, folder = sys.argv[1:4]


class Pin:
    OPEN_DRAIN = 7

    class cpu:
        A8 = "A8"
        E13 = "E13"

    def __init__(self, name, mode=None, value=None):
        pass

    def __call__(self, level):
        raise AssertionError("nobody resets the module here")


def uart(number, baudrate, rxbuf, tx=None, rx=None):
    return PtyUART(path, rxbuf)


class Namespace:
    pass


machine = Namespace()
machine.UART = uart
machine.Pin = Pin
sys.modules["machine"] = machine


def radio_of(file, board):
    """What radio() of this file returns on this board, with the clock of the module's side."""
    with open(folder + "/" + file + ".py") as f:
        source = f.read()
    names = {}
    exec(source, names)
    made = Namespace()
    made.implementation = Namespace()
    made.implementation._machine = board + " with a processor"
    real = spwf04.SPWF04
    names["sys"] = made
    names["SPWF04"] = lambda port, reset: real(port, reset=reset, clock=Clock(time))
    return names["radio"]()


for one in sys.argv[4:]:
    file, board = one.split(":")
    print(file, radio_of(file, board).isconnected())
