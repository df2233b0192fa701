"""MicroPython's asyncio.start_server() with clients that come at once, then one after the other.

Of the latter, every second one leaves without a word. Arguments: terminal, how many.
"""

import json
import sys

from shims.mp_slow import Clock
from shims.mp_uart import PtyUART

import spwf04
from spwf04 import SPWF04

radio = SPWF04(PtyUART(sys.argv[1], 256), clock=Clock())
spwf04.install(radio, ("socket",))

import asyncio  # noqa: E402

COUNT = int(sys.argv[2])


def sim(name, *args):
    print("\x01" + json.dumps([name, args]))
    return json.loads(sys.stdin.readline())


async def answer(reader, writer):
    try:
        line = await reader.readline()
        if line:
            writer.write(b"you: " + line)
            await writer.drain()
    except OSError:
        pass  # the client has gone
    finally:
        writer.close()
        await writer.wait_closed()


async def served(numbers):
    """Wait until the module has closed all of these; return how many got their answer."""
    while [n for n in numbers if sim("peer_alive", n)]:
        await asyncio.sleep_ms(20)
    return sum([sim("guest_is_served", n) for n in numbers])


async def main():
    radio.connect("home", "correct horse")
    server = await asyncio.start_server(answer, "0.0.0.0", 8080)
    await asyncio.sleep_ms(50)
    print(await served([sim("guest_says", 8080, "hello %d\n" % n) for n in range(COUNT)]))
    good = 0
    for n in range(COUNT):
        rude = sim("guest_says", 8080, "half a requ")
        await asyncio.sleep_ms(20)
        sim("peer_leaves", rude)
        good += await served([sim("guest_says", 8080, "hello %d\n" % n)])
    print(good)
    while sim("places_taken"):
        await asyncio.sleep_ms(20)
    print("places taken", sim("places_taken"))
    server.close()
    await server.wait_closed()


asyncio.run(main())
