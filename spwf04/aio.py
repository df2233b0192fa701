"""asyncio: the radio's slow calls as coroutines.

    import spwf04.aio
    await spwf04.aio.connect(radio, "network", "password")

Sockets need nothing from here: after spwf04.install(), asyncio.open_connection() and
start_server() work on them. No call here holds the loop for longer than it takes to read what has
arrived.
"""

import asyncio

from .at.channel import ATChannel
from .at.exchange import Exchange
from .at.task import Task
from .checks import radio as checked
from .commands import station


async def pause() -> None:
    """Let other tasks run for 2 ms."""
    if hasattr(asyncio, "sleep_ms"):
        await asyncio.sleep_ms(2)  # pyright: ignore[reportAttributeAccessIssue]
    else:
        await asyncio.sleep(0.002)


def _check(channel):
    if not isinstance(channel, ATChannel):
        raise TypeError("channel must be an ATChannel: radio.channel")


async def drive(channel) -> None:
    """Poll radio.channel until nothing is left that was put off, such as the closing of
    sockets."""
    _check(channel)
    while channel.idle is not None:
        try:
            channel.poll()
        except:  # as in ATChannel.step()
            channel.interrupted()
            raise
        await pause()


async def take(channel, steps):
    """As ATChannel.take(). If it is cancelled, a command in flight goes on to its end."""
    task = Task(channel, steps)
    try:
        while not task.poll():
            await pause()
    finally:
        task.close()
    return task.result


async def connect(radio, ssid=None, password=None, *, key=None, timeout=None, **how) -> None:
    """As SPWF04.connect(): same arguments, same errors."""
    await take(checked(radio).channel, radio.joining(ssid, password, timeout, key, **how))


async def disconnect(radio) -> None:
    """As SPWF04.disconnect()."""
    await take(checked(radio).channel, station.disconnect(radio))


async def scan(radio, timeout: float = 8) -> "list[tuple[bytes, bytes, int, int, int, bool]]":
    """As SPWF04.scan()."""
    from .commands.scan import scan

    return await take(checked(radio).channel, scan(radio, timeout))


async def start_ap(radio, ssid, password=None, channel=6, *, timeout: float = 20) -> None:
    """As SPWF04.start_ap(). If it is cancelled, stop_ap() ends what may have begun."""
    from .commands.accesspoint import start

    await take(checked(radio).channel, start(radio, ssid, password, channel, timeout))


async def stop_ap(radio) -> None:
    """As SPWF04.stop_ap()."""
    from .commands.accesspoint import stop

    await take(checked(radio).channel, stop(radio))


async def stations(radio) -> "list[tuple[bytes, str | None]]":
    """As SPWF04.stations()."""
    from .commands.accesspoint import stations

    return await take(checked(radio).channel, stations(radio))


async def power_save(radio, mode, timeout: float = 30) -> None:
    """As SPWF04.power_save()."""
    from .commands.power import power_save

    await take(checked(radio).channel, power_save(radio, mode, timeout))


async def sleep(radio, wake=None) -> None:
    """As SPWF04.sleep()."""
    from .commands.power import sleep

    await take(checked(radio).channel, sleep(radio, wake))


async def standby(radio, seconds) -> None:
    """As SPWF04.standby()."""
    from .commands.power import standby

    await take(checked(radio).channel, standby(radio, seconds))


async def wake(radio, wake=None, timeout: float = 16) -> None:
    """As SPWF04.wake()."""
    from .commands.power import rouse

    await take(checked(radio).channel, rouse(radio, wake, timeout))


async def fetch_update(
    radio, host, port, path, user="", password="", timeout: float = 300
) -> list:
    """As SPWF04.fetch_update()."""
    from .commands.update import fetching

    arguments = host, port, path, user, password, timeout
    return await take(checked(radio).channel, fetching(radio, b"FWUPDATE=e", *arguments))


async def command(channel, line, payload=None, timeout_ms=5000, on_line=None) -> None:
    """As ATChannel.command()."""
    _check(channel)
    exchange = Exchange(on_line).prepare(line, payload, timeout_ms)
    await take(channel, _step(exchange))
    channel.check(exchange)


def _step(exchange):
    yield exchange
