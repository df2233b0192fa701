"""Pages of the module, for curl and Chromium: docs/webpages.md."""

import subprocess
import threading
import time

import pytest

from tests import HANG
from tests.shims import pages
from tests.shims.daemons import need

from .stage import Stage, example, stage
from .table import cell

__all__ = ["stage"]


class Visitor(threading.Thread):
    """Looks at the page with curl and Chromium, and sends a form. pages: what it has seen."""

    def __init__(self, module_world):
        super().__init__(daemon=True)
        self._world = module_world
        self._programs = need("curl"), need("chromium-headless-shell")
        self.pages = []
        self.start()

    def run(self):
        end = time.monotonic() + HANG
        while time.monotonic() < end and b"open" not in b"".join(self.pages):
            time.sleep(0.05)
            if 80 in self._world.listening:
                self.pages = [self._curl("door.fhtml")]
        url = self._url("door.fhtml")
        command = [self._programs[1], "--no-sandbox", "--dump-dom", url]
        done = subprocess.run(command, capture_output=True, timeout=HANG, check=False)
        self.pages.append(done.stdout)
        # The program ends then, and with it the module that would answer
        self._curl("", "--max-time", "2", "--data-urlencode", "Output=shut it!")

    def _url(self, path):
        return "http://{}:{}/{}".format(*self._world.listening[80], path)

    def _curl(self, path, *arguments):
        command = [self._programs[0], "-sS", "-m", str(HANG), *arguments, self._url(path)]
        return subprocess.run(command, capture_output=True, check=False).stdout


def test_the_example_of_the_page(stage):
    visitor = Visitor(stage.world)
    promised = "a visitor has sent: shut it!"
    assert stage.run(example("webpages")) == [promised]
    assert visitor.pages[0] == b"<p>The door is open.</p>"
    assert b"<p>The door is open.</p></body>" in visitor.pages[1]
    cell("web pages", "plain", stage.interpreter)


def test_the_servers_are_switched_off():
    assert Stage().run(example("webpages", 1)) == ["False"]


def test_tls_is_not_applicable():
    for interpreter in ("CPython", "MicroPython", "MicroPython 32", "CircuitPython's modules"):
        cell("web pages", "TLS", interpreter, "*n/a*: how it is switched on is not known")


PROGRAM = """
import asyncio
import spwf04.aio
from spwf04.services.template import mark
from spwf04.services.web import WebPages

pages = WebPages(radio)
heard = []
pages.outputs(heard.append)
pages.inputs(lambda: ["open"])

async def others():
    while not heard:
        ticks.append(1)
        await asyncio.sleep(0.01)

ticks = []

async def main():
    task = asyncio.create_task(others())
    await spwf04.aio.take(radio.channel, pages.uploading("door.fhtml", mark("input", 0)))
    while not heard:
        await spwf04.aio.take(radio.channel, pages.waiting(1))
    await task

asyncio.run(main())
print(heard[0], len(ticks) > 3)
"""


@pytest.mark.parametrize("interpreter", ["CPython", "MicroPython 32"])
def test_with_asyncio(interpreter):
    there = Stage(interpreter)
    Visitor(there.world)
    assert there.run(PROGRAM) == ["shut it! True"]


def test_a_page_is_kept_over_a_restart_and_an_icon_may_be_missing():
    desk = pages.Desk().joined()
    from spwf04.services.web import WebPages

    WebPages(desk.radio).upload("index.html", b"<p>still here")
    desk.radio.reset()
    desk.radio.connect("home", "correct horse")
    desk.controller.browse("/")
    got = []
    assert desk.radio.channel.wait(lambda: got.append(desk.controller.browsed()) or got[-1], 5000)
    assert got[-1] == b"<p>still here"
