"""Runs the Python blocks of a page of docs/, one after the other, and looks at what they print."""

import contextlib
import io
import re
import time

from spwf04 import SPWF04
from spwf04_sim import Peer, Timing, VirtualClock
from tests.shims import fences
from tests.shims.controller import Controller


class _Page(Peer):
    """A web server with one page, which closes after it."""

    def on_data(self, data):
        self.send(b"HTTP/1.0 200 OK\r\n\r\nhello")
        self.close()


class Desk:
    """A module in a small world with a network, names, servers and NTP, and the driver."""

    def __init__(self):
        self.clock = VirtualClock()
        self.controller = Controller(clock=self.clock, timing=Timing.fast())
        world = self.controller.world
        world.access_points = [p for p in world.access_points if p.ssid == b"home"]
        world.ntp = int(time.time())
        world.route("www.example.com", 80, _Page)
        self.radio = SPWF04(self.controller.module.uart("machine"), clock=self.clock)

    def joined(self):
        self.radio.connect("home", "correct horse")
        return self


def run(page, names):
    """Run the blocks of a page with these names; return (promised, printed), lists of lines.

    Promised is what stands behind an arrow: `print(x)  # → 12`.
    """
    promised, out = [], io.StringIO()
    for line, block in fences.placed(fences.text(f"{page}.md"), "python"):
        promised += re.findall(r"  # → (.*)$", block, re.M)
        code = compile("\n" * (line - 1) + block, f"docs/{page}.md", "exec")
        with contextlib.redirect_stdout(out):
            exec(code, names)
    return promised, out.getvalue().splitlines()


def fits(promised, printed):
    """True if a line is what the page promises; "…" stands for what differs."""
    return re.fullmatch(re.escape(promised).replace("…", ".*"), printed) is not None
