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
    for _ in range(40):
        await asyncio.sleep_ms(50)
        radio.channel.poll()
    clock.ms = 2500  # so long nobody has gone on with these connections
    gc.collect()
    print(await hello(b"now"))
    print(await asyncio.gather(*[hello(b"word %d" % n) for n in range(8)]))
    for _ in range(200):
        await asyncio.sleep_ms(20)
        radio.channel.poll()
        if not sim("open_sockets"):
            break
    print("open", sim("open_sockets"))


asyncio.run(main())
