"""trace: a log from a forum, and one that the driver has recorded."""

import pathlib

from spwf04 import SPWF04, SocketPool
from spwf04.at.trace import record
from spwf04_sim import Timing, VirtualClock
from tests.cli.transcripts import Desk, transcript
from tests.shims.controller import Controller

FORUM = """\
I copied Google's root to the module, and tried this:
AT+S.FSC=E4AF2B26711A2B4827852F52662CEFF08913713E.CA,1371<cr><data>
AT-S.OK
AT+S.TIME
AT-S.Date:00.01.01:6
AT-S.Time:00.02.10
AT-S.OK
AT+S.SOCKON=www.google.com,443,,www.google.com
AT-S.Certificate Error:23
AT-S.ERROR:74:Failed to open socket
Any suggestions?
"""


def recorded():
    """What the driver records of a request, and of a module that crashes."""
    clock = VirtualClock(longest=20)
    made = Controller(clock=clock, timing=Timing(baud=115200))
    radio = SPWF04(made.module.uart(), clock=clock)
    radio.connect("home", "correct horse")
    lines = []
    record(radio, lines.append)
    sock = SocketPool(radio).socket()
    sock.connect(("echo.example", 7))
    sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
    sock.recv_into(bytearray(18))
    clock.advance(3)
    made.module.restart("hardfault")
    clock.advance(2)
    try:
        sock.send(b"more")
    except OSError:
        pass
    return "".join(lines)


@transcript("trace-forum")
def forum():
    pathlib.Path("forum.txt").write_text(FORUM)
    yield Desk()


@transcript("trace-recording")
def recording():
    pathlib.Path("bug.txt").write_text(recorded())
    yield Desk()
