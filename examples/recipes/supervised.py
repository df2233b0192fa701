"""A program for months: the Supervisor keeps the network, the program does its work."""

import asyncio

import pico  # your board: boards/pico.py and others

from spwf04 import SocketPool
from spwf04.supervise import Supervisor

radio = pico.radio()
pool = SocketPool(radio)


def report(state, reason):
    print(state, reason or "")


keeper = Supervisor(radio, "network", "password", on_change=report)


def tell(text):
    """Say something to the server; raises OSError if that fails."""
    sock = pool.socket()
    try:
        sock.settimeout(20)
        sock.connect(("echo.example", 7))
        sock.send(text.encode())
        print("told,", sock.recv(100).decode())
    finally:
        sock.close()


async def work():
    while True:
        while not keeper.isconnected:
            await asyncio.sleep(0.5)
        try:
            tell("signal %d dBm" % radio.rssi)
        except OSError as e:
            print("later:", e)
        await asyncio.sleep(10)


async def main():
    await asyncio.gather(keeper.run(), work())


asyncio.run(main())
