"""A network of the module's own: the examples of docs/accesspoint.md, as printed.

There is no real counterpart without a radio: the station is one of the simulated world. The page
is fetched by curl.
"""

import asyncio
import subprocess

import pytest

from spwf04 import aio
from tests.faults import exchanges
from tests.shims.daemons import need

from .stage import Stage, example, stage
from .table import cell

MAC = "02:00:00:00:00:01"
PAGE = b"<h1>The door is shut.</h1>"

__all__ = ["stage"]


def fetched(stage):
    """What curl gets from the module's web server."""
    host, port = stage.world.listening[80]
    command = [need("curl"), "-sS", f"http://{host}:{port}/"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as curl:
        while curl.poll() is None:
            stage.module.step()
        return curl.stdout.read()


def test_a_station_joins_and_gets_a_page(stage):
    stage.world.add_guest(MAC, "door", "correct horse")
    address, station = stage.run(example("accesspoint"))
    assert address == "192.168.0.50"
    assert station.split()[0] == "020000000001"
    assert stage.module.wifi.miniap.key == b"correct horse"
    assert fetched(stage) == PAGE
    cell("access point", "plain", stage.interpreter)


@pytest.fixture(autouse=True)
def pauses_take_no_time(monkeypatch):
    """As in tests/faults: time is virtual where asyncio is used."""
    monkeypatch.setattr(aio, "pause", lambda: asyncio.sleep(0))


def awaited(stage, call):
    """What a coroutine returns, in virtual time."""

    async def both():
        task = asyncio.ensure_future(call)
        while not task.done():
            stage.clock.idle()
            await asyncio.sleep(0)
        return await task

    return asyncio.run(both())


def test_with_asyncio():
    stage = exchanges.Stage()
    awaited(stage, aio.start_ap(stage.radio, "door", "correct horse"))
    stage.module.station_joins(MAC, password="correct horse")
    stage.clock.advance(1)
    found = awaited(stage, aio.stations(stage.radio))
    assert found == [(bytes.fromhex(MAC.replace(":", "")), "192.168.0.2")]
    awaited(stage, aio.stop_ap(stage.radio))
    assert not stage.module.wifi.miniap.running


def test_what_was_cancelled_is_ended_by_stop_ap():
    stage = exchanges.Stage()

    async def cancelled():
        task = asyncio.ensure_future(aio.start_ap(stage.radio, "door", "correct horse"))
        while "AT+S.WIFI=1" not in stage.module.log:
            stage.clock.idle()
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert stage.radio.ap is None
    stage.clock.advance(5)
    stage.radio.stop_ap()
    assert not stage.module.wifi.miniap.running


def test_the_names_of_other_libraries():
    stage = Stage()
    named = "from spwf04.compat.network import NetworkModule\n"
    shown = example("accesspoint", 1).replace(
        "import network\n", "network = NetworkModule(radio)\n"
    )
    assert stage.run(named + shown) == ["192.168.0.50", "[] False"]
    shown = example("accesspoint", 2).replace(
        "Radio(uart)", "Radio(radio.channel.uart.device, clock=radio.channel.clock)"
    )
    assert stage.run(shown) == ["True 192.168.0.50"]
