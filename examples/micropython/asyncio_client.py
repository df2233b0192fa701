"""Two pages at once with asyncio's streams, over verified TLS."""

import asyncio

import pico  # your board: boards/pico.py and others

import spwf04
import spwf04.aio
from spwf04 import Bundle

radio = pico.radio()
spwf04.install(radio, roots=Bundle("roots.bin"))


async def get(host, path):
    reader, writer = await asyncio.open_connection(host, 443, ssl=True)
    writer.write("GET %s HTTP/1.0\r\nHost: %s\r\n\r\n" % (path, host))
    await writer.drain()
    answer = await reader.read(-1)
    writer.close()
    await writer.wait_closed()
    return len(answer.split(b"\r\n\r\n", 1)[1])


async def main():
    await spwf04.aio.connect(radio, "network", "password")
    print(await asyncio.gather(get("www.example.com", "/"), get("www.example.com", "/")))


asyncio.run(main())
