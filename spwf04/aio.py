"""asyncio: the radio's slow calls as coroutines, and what goes on in the background.

    import spwf04.aio
    await spwf04.aio.connect(radio, "network", "password")

Sockets need nothing from here: asyncio.open_connection() and start_server() work on them after
compat.install(). Nothing here holds the loop for longer than it takes to read what has arrived.
"""

import asyncio

from .arguments import milliseconds
from .at.channel import ATChannel, Exchange
from .checks import radio as checked
from .const import const

_RUNNING = const(-1)


async def _pause():
    if hasattr(asyncio, "sleep_ms"):
        await asyncio.sleep_ms(2)
    else:
        await asyncio.sleep(0.002)


def _check(channel):
    if not isinstance(channel, ATChannel):
        raise TypeError("channel must be an ATChannel: radio.channel")


async def drive(channel):
    """Poll until nothing is left that was put off, closes for example."""
    _check(channel)
    while channel.idle is not None:
        channel.poll()
        await _pause()


async def connect(radio, ssid=None, password=None, *, key=None, timeout=30):
    """As SPWF04.connect(): same arguments, same errors."""
    from .commands.join import join

    password = key if password is None else password
    await _take(checked(radio).channel, join(radio, ssid, password, timeout))


async def disconnect(radio):
    """As SPWF04.disconnect()."""
    from .commands.join import disconnect

    await _take(checked(radio).channel, disconnect(radio))
    radio._key = None


async def scan(radio, timeout=8):
    """As SPWF04.scan()."""
    from .commands.scan import scan

    found = []
    timeout_ms = milliseconds(timeout)
    await _take(checked(radio).channel, scan(radio.channel, timeout_ms, found))
    return found


async def command(channel, line, payload=None, timeout_ms=5000, on_line=None):
    """As ATChannel.command()."""
    _check(channel)
    exchange = Exchange(on_line).prepare(line, payload, timeout_ms)
    await _take(channel, (exchange,))
    channel.check(exchange)


async def _take(channel, steps):
    for step in steps:
        if isinstance(step, tuple):
            end = channel.deadline(step[1])
            while not step[0]() and not channel.expired(end):
                channel.poll()
                await _pause()
        else:
            while not channel.start(step):
                channel.poll()
                await _pause()
            while step.code == _RUNNING:
                channel.poll()
                await _pause()
