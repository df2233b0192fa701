"""A web page that shows a sensor, from the board itself."""

import asyncio

import pico  # your board: boards/pico.py and others
from machine import ADC

import spwf04
import spwf04.aio

radio = pico.radio()
spwf04.install(radio)
sensor = ADC(4)  # the Pico's own

PAGE = """HTTP/1.0 200 OK\r
Content-Type: text/html; charset=utf-8\r
\r
<!doctype html><meta name=viewport content="width=device-width">
<meta http-equiv=refresh content=10><title>Pico</title><h1>%.1f &deg;C</h1>
"""


def temperature():
    return 27 - (sensor.read_u16() * 3.3 / 65535 - 0.706) / 0.001721


async def answer(reader, writer):
    try:
        while await reader.readline() not in (b"\r\n", b""):
            pass  # the request and its headers; there is one page
        writer.write(PAGE % temperature())
        await writer.drain()
    except OSError:
        pass  # the browser has gone
    finally:
        writer.close()
        await writer.wait_closed()


async def main():
    await spwf04.aio.connect(radio, "network", "password")
    server = await asyncio.start_server(answer, "0.0.0.0", 8080)
    print("http://%s:8080/" % radio.ipv4_address)
    await server.wait_closed()


asyncio.run(main())
