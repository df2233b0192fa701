"""Time is virtual in these tests: a task that pauses lets the others run, and takes no real time.

Else virtual time would run on for as long as the computer takes for two milliseconds.
"""

import asyncio

import pytest

from spwf04 import aio


@pytest.fixture(autouse=True)
def pauses_take_no_time(monkeypatch):
    monkeypatch.setattr(aio, "pause", lambda: asyncio.sleep(0))
