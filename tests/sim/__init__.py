"""Tests of the simulator."""

import time

from tests import HANG


def asked(port, question, answer):
    """Return what a module sends on a serial.Serial until it has answered.

    What it said before the port was opened is lost, and what it is asked while it boots is not
    heard: it is asked again.
    """
    port.timeout = 1
    heard = b""
    end = time.monotonic() + HANG
    while answer not in heard:
        assert time.monotonic() < end, heard
        port.write(question)
        heard += port.read_until(answer)
    return heard
