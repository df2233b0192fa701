"""MicroPython's asyncio: the program gives up waiting for connections, and cannot close their
sockets. Argument: the terminal."""

import gc
import json
import sys

from shims.mp_slow import Clock
from shims.mp_uart import PtyUART

import spwf04
from spwf04 import SPWF04


class Ahead(Clock):
    """A slow clock that can be put forward."""

    ms = 0

    def ticks_ms(self):
        return Clock.ticks_ms() + self.ms


clock = Ahead()
radio = SPWF04(PtyUART(sys.argv[1], 256), clock=clock)
spwf04.install(radio, ("socket",))

import asyncio  # noqa: E402


def sim(name, *args):
    print("\x01" + json.dumps([name, args]))
    return json.loads(sys.stdin.readline())


async def hello(text):
    """Send text to echo.example; return what it sends back."""
    reader, writer = await asyncio.wait_for(asyncio.open_connection("echo.example", 7), 20)
    writer.write(text)
    await writer.drain()
    got = await reader.readexactly(len(text))
    writer.close()
    await writer.wait_closed()
    return got


async def closed():
    """Wait until no socket is open on the module; False if the driver has nothing more to do, and
    one is."""
    idle = 0
    while sim("open_sockets"):
        await asyncio.sleep_ms(20)
        radio.channel.poll()
        idle = idle + 1 if radio.channel.idle is None and not radio.channel.busy() else 0
        if idle > 500:
            return False
    return True


async def main():
    radio.connect("home", "correct horse")
    sim("slow_connections", 400)
    late = 0
    others = []
    for _ in range(14):
        try:
            await asyncio.wait_for(asyncio.open_connection("echo.example", 7), 0.15)
        except asyncio.TimeoutError:
            late += 1
        except OSError as e:
            others.append(e.errno)
        gc.collect()
    print("late", late, others)
    sim("slow_connections", 1)
    quiet = 0
    while quiet < 40:  # the module opens what it was still asked for, however long that takes
        await asyncio.sleep_ms(20)
        radio.channel.poll()
        quiet = 0 if radio.channel.busy() else quiet + 1
    clock.ms = 2500  # so long nobody has gone on with these connections
    gc.collect()
    print(await hello(b"now"))
    print(await asyncio.gather(*[hello(b"word %d" % n) for n in range(8)]))
    print("all closed", await closed())


asyncio.run(main())
