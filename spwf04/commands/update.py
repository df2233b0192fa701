"""Firmware over the air.

    radio.fetch_update("192.168.1.5", 8000, "/SPWF04S.ota")
    build, factory = radio.apply_update()

The module fetches the image by HTTP, puts it in place at its next boot, and resets itself again.
If the image is damaged or not made for it, it erases the image and starts the old firmware.
[c.4, T12] The host must not hold the RESET line high: open drain, or not connected.
"""

from ..arguments import argument, milliseconds
from ..arguments import host as checked
from ..arguments import port as check_port
from ..at.exchange import Exchange
from ..at.task import Wait
from ..const import const
from ..errors import NotFound, errno
from .station import ready

# OK may come before the end of the download, so it waits until nothing comes for so long
_QUIET_MS = const(5000)
_OLD_MS = const(45000)  # if the old firmware has run for so long, the module did not change it


def fetch(radio, host, port, path, user, password, timeout):
    """SPWF04.fetch_update()"""
    arguments = host, port, path, user, password, timeout
    return radio.channel.take(fetching(radio, b"FWUPDATE=e", *arguments))


def fetching(radio, command, host, port, path, user, password, timeout):
    """Steps: have the module fetch an image; return what it tells, a list of str.

    command: b"FWUPDATE=e", or FSUPDATE with its volume; see volumes.py.
    """
    host = checked(host)
    path = argument(path, "path", 200, True)
    login = argument(user, "user", 60, True) + b"," + argument(password, "password", 60, True)
    if path[:1] != b"/" or b" " in path:
        raise ValueError("path begins with /, and has no blanks")
    port = check_port(port)
    timeout_ms = milliseconds(timeout)
    channel = radio.channel
    said = []
    heard = [channel.deadline(_QUIET_MS)]

    def on_line(parser):
        said.append(parser.text(5 if parser.starts(b"AT-S.") else 0))

    def on_boot_text(parser):  # 17: boot and firmware update messages [d]
        said.append(parser.text(1))
        heard[0] = channel.deadline(_QUIET_MS)

    before = channel.on_indication.get(17)
    channel.on_indication[17] = on_boot_text
    try:
        end = channel.deadline(timeout_ms)
        line = b"AT+S.%s,%s,%s,%d,0,%s\r" % (command, host, path, port, login)
        exchange = Exchange(on_line).prepare(line, None, timeout_ms)
        yield exchange
        channel.check(exchange)
        heard[0] = channel.deadline(_QUIET_MS)
        # A module that goes on to tell something cannot hold this call for ever
        yield Wait(lambda: channel.expired(heard[0]), max(_QUIET_MS, channel.left(end)))
    finally:
        _restore(channel, 17, before)
    return said


def apply(radio, timeout):
    """SPWF04.apply_update()"""
    timeout_ms = milliseconds(timeout)
    channel = radio.channel
    old = radio.get("build", "STS")
    builds = []
    factory = []
    settled = [None]  # when the old firmware has run for _OLD_MS

    def on_boot(parser):  # +WIND:1:Poweron:<build>
        text = parser.text()
        builds.append(text[text.rfind(":") + 1 :])
        settled[0] = channel.deadline(_OLD_MS)

    def on_factory(parser):
        factory.append(1)

    before = channel.on_indication.get(1), channel.on_indication.get(65)
    channel.on_indication[1] = on_boot
    channel.on_indication[65] = on_factory
    end = channel.deadline(timeout_ms)
    try:
        try:
            radio.reset()
        except NotFound:
            pass  # it writes its flash, and tells nothing meanwhile
        while not channel.expired(end):
            if builds and not channel.booting:
                if builds[-1] != old or channel.expired(settled[0]):
                    break
            channel.step()
    finally:
        _restore(channel, 1, before[0])
        _restore(channel, 65, before[1])
    if not builds:
        raise NotFound(
            errno.ENODEV,
            "the module has not started within %d s after the reset for its update" % timeout,
            hint="It may still be writing its flash: wait ten minutes, then switch it off and on. "
            "If the host holds its RESET line high, release it",
            remedy="wait_for_update",
        )
    channel.take(ready(radio))
    return radio.get("build", "STS"), bool(factory)


def _restore(channel, number, handler):
    if handler is None:
        channel.on_indication.pop(number, None)
    else:
        channel.on_indication[number] = handler
