"""A server with asyncio's streams: each client gets its line back."""

import asyncio

import pico  # your board: boards/pico.py and others

import spwf04
import spwf04.aio

radio = pico.radio()
spwf04.install(radio)


async def answer(reader, writer):
    line = await reader.readline()
    writer.write(b"you said " + line)
    await writer.drain()
    writer.close()
    await writer.wait_closed()


async def main():
    await spwf04.aio.connect(radio, "network", "password")
    server = await asyncio.start_server(answer, "0.0.0.0", 8080)
    print("port 8080 of", radio.ipv4_address)
    await server.wait_closed()


asyncio.run(main())
