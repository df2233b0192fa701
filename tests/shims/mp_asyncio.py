"""MicroPython's asyncio streams over our sockets. Arguments: terminal, bundle, time."""

import json
import sys
import time

from shims.mp_slow import Clock
from shims.mp_uart import PtyUART

import spwf04
from spwf04 import SPWF04, Bundle

radio = SPWF04(PtyUART(sys.argv[1], 256), clock=Clock())
spwf04.install(radio, roots=Bundle(sys.argv[2]))

import asyncio  # noqa: E402

import spwf04.aio  # noqa: E402


def sim(name, *args):
    print("\x01" + json.dumps([name, args]))
    return json.loads(sys.stdin.readline())


seen = {"longest": 0, "turns": 0}


async def watch():
    """Note the longest time that the loop was held, and how often it went round."""
    before = time.ticks_us()
    while True:
        await asyncio.sleep_ms(0)
        now = time.ticks_us()
        seen["longest"] = max(seen["longest"], time.ticks_diff(now, before))
        before = now
        seen["turns"] += 1


async def get(host, port, ssl, path):
    reader, writer = await asyncio.open_connection(host, port, ssl=ssl)
    writer.write(b"GET %s HTTP/1.0\r\n" % path)
    writer.write(b"Host: %s\r\n\r\n" % host.encode())
    await writer.drain()
    status = await reader.readline()
    while await reader.readline() != b"\r\n":
        pass
    body = await reader.read()
    writer.close()
    await writer.wait_closed()
    return status.split(b" ")[1].decode(), len(body)


async def answer(reader, writer):
    line = await reader.readline()
    writer.write(b"you said " + line)
    await writer.drain()
    writer.close()
    await writer.wait_closed()


async def main():
    watcher = asyncio.create_task(watch())
    print(len(await spwf04.aio.scan(radio)) > 2)
    try:
        await spwf04.aio.connect(radio, "home", "wrong horse")
    except OSError as e:
        print(type(e).__name__)
    await spwf04.aio.connect(radio, "home", "correct horse")
    print("joined", radio.isconnected(), seen["turns"] > 100)
    radio.set_time(int(sys.argv[3]))
    sim("hold_connections")
    slow = asyncio.create_task(get("plain.example", 80, None, b"/"))
    seen["turns"] = 0
    while seen["turns"] < 300:
        await asyncio.sleep_ms(0)
    print("turns meanwhile", not slow.done())
    sim("let_connections")
    print("slow", *await slow)
    print("plain", *await get("plain.example", 80, None, b"/large"))
    await get("www.example.com", 443, True, b"/")  # the CA is found and installed
    seen["longest"] = 0
    both = await asyncio.gather(
        get("www.example.com", 443, True, b"/large"), get("plain.example", 80, None, b"/large")
    )
    print("both", *both)
    print("host", *await get("mixed.example", 443, True, b"/large"))
    try:
        await get("expired.example", 443, True, b"/")
    except OSError as e:
        print(type(e).__name__)
    server = await asyncio.start_server(answer, "0.0.0.0", 8080)
    sim("visit_text", 8080, "hello\n")
    while not sim("visitor_text"):
        await asyncio.sleep_ms(10)
    print(sim("visitor_text").strip())
    server.close()
    await server.wait_closed()
    watcher.cancel()
    await asyncio.sleep_ms(50)


asyncio.run(main())
print("turns", seen["turns"] > 100)
print("longest", seen["longest"])
