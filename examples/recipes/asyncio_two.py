"""Two servers at once with asyncio, while the LED blinks. A failure of one is no other's."""

import asyncio

import pico  # your board: boards/pico.py and others
from machine import Pin

import spwf04
import spwf04.aio
from spwf04 import Bundle

radio = pico.radio()
spwf04.install(radio, roots=Bundle("roots.bin"))


async def blink(led):
    while True:
        led.toggle()
        await asyncio.sleep(0.25)


async def page(host, path):
    reader, writer = await asyncio.open_connection(host, 443, ssl=True)
    try:
        writer.write("GET %s HTTP/1.0\r\nHost: %s\r\n\r\n" % (path, host))
        await writer.drain()
        answer = await reader.read(-1)
    finally:
        writer.close()
        await writer.wait_closed()
    return answer.split(b"\r\n\r\n", 1)[1]


async def main():
    await spwf04.aio.connect(radio, "network", "password")
    blinking = asyncio.create_task(blink(Pin("LED", Pin.OUT)))
    both = await asyncio.gather(
        asyncio.wait_for(page("www.example.com", "/weather.json"), 60),
        asyncio.wait_for(page("nobody.example", "/"), 60),
        return_exceptions=True,
    )
    for one in both:
        print(one)
    blinking.cancel()


asyncio.run(main())
