"""asyncio: the radio's slow calls as coroutines.

    import spwf04.aio
    await spwf04.aio.connect(radio, "network", "password")

Sockets need nothing from here: after spwf04.install(), asyncio.open_connection() and
start_server() work on them. No call here holds the loop for longer than it takes to read what has
arrived.

Every method of the radio that asks the module something has its coroutine here. Properties do too:
status(radio, "rssi"), config(radio, "mac"), config(radio, "hostname"), ifconfig(radio)[0], and
get(radio, "fw_version", "STS"). The services have steps for take(): see their pages.
"""

import asyncio

from .at.channel import ATChannel
from .at.exchange import Exchange
from .at.task import Task
from .checks import radio as checked
from .commands import station
from .const import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from .commands.ping import Reply


async def pause() -> None:
    """Let other tasks run for 2 ms."""
    if hasattr(asyncio, "sleep_ms"):
        await asyncio.sleep_ms(2)  # pyright: ignore[reportAttributeAccessIssue]
    else:
        await asyncio.sleep(0.002)


def _check(channel):
    if not isinstance(channel, ATChannel):
        raise TypeError("channel must be an ATChannel: radio.channel")


async def drive(channel) -> None:
    """Poll radio.channel until nothing is left that was put off, such as the closing of
    sockets."""
    _check(channel)
    while channel.idle is not None:
        try:
            channel.poll()
        except:  # as in ATChannel.step()
            channel.interrupted()
            raise
        await pause()


async def take(channel, steps):
    """As ATChannel.take(). If it is cancelled, a command in flight goes on to its end."""
    task = Task(channel, steps)
    try:
        while not task.poll():
            await pause()
    finally:
        task.close()
    return task.result


async def connect(radio, ssid=None, password=None, *, key=None, timeout=None, **how) -> None:
    """As SPWF04.connect(): same arguments, same errors."""
    await take(checked(radio).channel, radio.joining(ssid, password, timeout, key, **how))


async def disconnect(radio) -> None:
    """As SPWF04.disconnect()."""
    await take(checked(radio).channel, station.disconnect(radio))


async def scan(radio, timeout: float = 8) -> "list[tuple[bytes, bytes, int, int, int, bool]]":
    """As SPWF04.scan()."""
    from .commands.scan import scan

    return await take(checked(radio).channel, scan(radio, timeout))


async def isconnected(radio) -> bool:
    """As SPWF04.isconnected()."""
    from .commands.config import joined

    return await take(checked(radio).channel, joined(radio))


async def status(radio, param=None) -> int:
    """As SPWF04.status()."""
    from .commands.status import status

    return await take(checked(radio).channel, status(radio, param))


async def ifconfig(radio, addresses=None) -> "tuple[str, str, str, str] | None":
    """As SPWF04.ifconfig()."""
    from .commands.status import ifconfig

    return await take(checked(radio).channel, ifconfig(radio, addresses))


async def ipv6_addresses(radio) -> "list[str]":
    """As SPWF04.ipv6_addresses()."""
    from .commands.addresses import ipv6_addresses

    return await take(checked(radio).channel, ipv6_addresses(radio))


async def config(radio, *names, **values) -> "str | bytes | int | None":
    """As SPWF04.config()."""
    from .commands.status import config

    return await take(checked(radio).channel, config(radio, *names, **values))


async def forget_enterprise(radio) -> None:
    """As SPWF04.forget_enterprise()."""
    from .commands.enterprise import forget_enterprise

    await take(checked(radio).channel, forget_enterprise(radio))


async def ping(radio, host, size=56, timeout: float = 10) -> "Reply":
    """As SPWF04.ping(). The time that other tasks' commands take counts in its ms."""
    from .commands.ping import ping

    return await take(checked(radio).channel, ping(radio, host, size, timeout))


async def random(radio, n) -> bytes:
    """As SPWF04.random()."""
    from .commands.random import random

    return await take(checked(radio).channel, random(radio, n))


async def start_ap(radio, ssid, password=None, channel=6, *, timeout: float = 20) -> None:
    """As SPWF04.start_ap(). If it is cancelled, stop_ap() ends what may have begun."""
    from .commands.accesspoint import start

    await take(checked(radio).channel, start(radio, ssid, password, channel, timeout))


async def stop_ap(radio) -> None:
    """As SPWF04.stop_ap()."""
    from .commands.accesspoint import stop

    await take(checked(radio).channel, stop(radio))


async def stations(radio) -> "list[tuple[bytes, str | None]]":
    """As SPWF04.stations()."""
    from .commands.accesspoint import stations

    return await take(checked(radio).channel, stations(radio))


async def get(radio, name, command="GCFG") -> str:
    """As SPWF04.get()."""
    from .commands.config import get

    return await take(checked(radio).channel, get(radio, name, command))


async def set(radio, name, value) -> None:
    """As SPWF04.set()."""
    from .commands.config import set_

    await take(checked(radio).channel, set_(radio, name, value))


async def save(radio) -> None:
    """As SPWF04.save()."""
    from .commands.config import save

    await take(checked(radio).channel, save(radio))


async def time(radio) -> int:
    """As SPWF04.time()."""
    from .commands.clock import asking

    return await take(checked(radio).channel, asking(radio.channel))


async def set_time(radio, seconds) -> None:
    """As SPWF04.set_time()."""
    from .commands.clock import set_time

    await take(checked(radio).channel, set_time(radio, seconds))


async def time_is_set(radio) -> bool:
    """As SPWF04.time_is_set()."""
    from .commands.clock import time_is_set

    return await take(checked(radio).channel, time_is_set(radio))


async def ntp(radio, timeout: float = 10) -> bool:
    """As SPWF04.ntp()."""
    from .commands.clock import ntp

    return await take(checked(radio).channel, ntp(radio, timeout))


async def reset(radio, timeout: float = 16) -> None:
    """As SPWF04.reset()."""
    from .commands.reset import reset

    await take(checked(radio).channel, reset(radio, timeout))


async def factory_reset(radio) -> None:
    """As SPWF04.factory_reset(). No other task may use the module meanwhile."""
    from .commands.factory import factory_reset

    await take(checked(radio).channel, factory_reset(radio))


async def power_save(radio, mode, timeout: float = 30) -> None:
    """As SPWF04.power_save()."""
    from .commands.power import power_save

    await take(checked(radio).channel, power_save(radio, mode, timeout))


async def sleep(radio, wake=None) -> None:
    """As SPWF04.sleep()."""
    from .commands.power import sleep

    await take(checked(radio).channel, sleep(radio, wake))


async def standby(radio, seconds) -> None:
    """As SPWF04.standby()."""
    from .commands.power import standby

    await take(checked(radio).channel, standby(radio, seconds))


async def wake(radio, wake=None, timeout: float = 16) -> None:
    """As SPWF04.wake()."""
    from .commands.power import rouse

    await take(checked(radio).channel, rouse(radio, wake, timeout))


async def fetch_update(
    radio, host, port, path, user="", password="", timeout: float = 300
) -> list:
    """As SPWF04.fetch_update()."""
    from .commands.update import fetch

    arguments = host, port, path, user, password, timeout
    return await take(checked(radio).channel, fetch(radio, *arguments))


async def apply_update(radio, timeout: float = 180) -> "tuple[str, bool]":
    """As SPWF04.apply_update()."""
    from .commands.update import apply

    return await take(checked(radio).channel, apply(radio, timeout))


async def volumes(radio) -> "list[tuple[int, str, bool | None, int, int | None]]":
    """As SPWF04.volumes()."""
    from .commands.volumes import volumes

    return await take(checked(radio).channel, volumes(radio))


async def mount(radio, volume) -> None:
    """As SPWF04.mount()."""
    from .commands.volumes import mount

    await take(checked(radio).channel, mount(radio, volume))


async def unmount(radio, volume, erase=False) -> None:
    """As SPWF04.unmount()."""
    from .commands.volumes import unmount

    await take(checked(radio).channel, unmount(radio, volume, erase))


async def fetch_files(
    radio, host, port, path, volume=1, erase=False, user="", password="", timeout: float = 300
) -> list:
    """As SPWF04.fetch_files()."""
    from .commands.volumes import fetch_files

    arguments = host, port, path, volume, erase, user, password, timeout
    return await take(checked(radio).channel, fetch_files(radio, *arguments))


async def set_baudrate(radio, rate, save=False) -> int:
    """As SPWF04.set_baudrate(). No other task may use the module meanwhile."""
    from .commands.baudrate import set_baudrate

    return await take(checked(radio).channel, set_baudrate(radio, rate, save))


async def find_baudrate(radio, rates=None) -> int:
    """As SPWF04.find_baudrate(). No other task may use the module meanwhile."""
    from .commands.baudrate import find_baudrate

    return await take(checked(radio).channel, find_baudrate(radio, rates))


async def set_flow_control(radio, on, save=False) -> None:
    """As SPWF04.set_flow_control()."""
    from .commands.baudrate import set_flow_control

    await take(checked(radio).channel, set_flow_control(radio, on, save))


async def command(channel, line, payload=None, timeout_ms=5000, on_line=None) -> None:
    """As ATChannel.command()."""
    _check(channel)
    exchange = Exchange(on_line).prepare(line, payload, timeout_ms)
    await take(channel, _step(exchange))
    channel.check(exchange)


def _step(exchange):
    yield exchange
