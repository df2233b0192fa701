"""docs/services.md: its examples run as they are printed, and print what the page says."""

import asyncio

from spwf04 import aio
from tests.shims import pages


def test_the_examples_run_and_print_what_the_page_says(monkeypatch):
    desk = pages.Desk().joined()

    async def pause():
        desk.clock.idle()  # time is the module's
        await asyncio.sleep(0)

    monkeypatch.setattr(aio, "pause", pause)
    desk.controller.offer("good")
    promised, printed = pages.run("services", {"radio": desk.radio})
    printed = [line for line in printed if line != "the saved settings are lost"]
    assert len(printed) == len(promised)
    for line, promise in zip(printed, promised):
        assert pages.fits(promise, line), (promise, line)
