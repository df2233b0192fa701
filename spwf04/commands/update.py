"""Firmware over the air.

    radio.fetch_update("192.168.1.5", 8000, "/SPWF04S.ota")
    build, factory = radio.apply_update()

The module fetches the image by HTTP, puts it in place at its next boot, and resets itself again.
If the image is damaged or not made for it, it erases the image and starts the old firmware.
[c.4, T12] The host must not hold the RESET line high: open drain, or not connected.

Whether OK comes after the download or at its beginning is not known, and a restart would cut it
off. So the module is asked to fetch a page from itself: error 81 says that its HTTP client is
still loading. If OK came early and 81 never does, it may load without that client: then the call
waits a minute in which nothing comes.
"""

from ..arguments import argument, milliseconds
from ..arguments import host as checked
from ..arguments import port as check_port
from ..at.exchange import Exchange
from ..at.task import Wait
from ..const import const
from ..errors import ModuleError, NotFound, SPWF04Error, errno
from .config import asked
from .reset import reset
from .station import ready

_QUIET_MS = const(5000)  # after the download: nothing comes for so long
_LONG_MS = const(60000)  # the same, if it may not be over
# A firmware has about 960 KB. It cannot be in the module's flash before
_EARLY_MS = const(30000)
_AGAIN_MS = const(2000)  # from one question to the next
_BUSY = const(81)  # [e]
_OLD_MS = const(45000)  # if the old firmware has run for so long, the module did not change it


def fetch(radio, *arguments):
    """SPWF04.fetch_update(), as steps: see at/task.py."""
    return fetching(radio, b"FWUPDATE=e", *arguments)


def fetching(radio, command, host, port, path, user, password, timeout):
    """Steps: have the module fetch an image; return what it tells, a list of str.

    command: b"FWUPDATE=e", or FSUPDATE with its volume; see volumes.py.
    """
    host = checked(host)
    path = argument(path, "path", 200, True)
    login = argument(user, "user", 60, True) + b"," + argument(password, "password", 60, True)
    if path[:1] != b"/" or b" " in path:
        raise ValueError("path must begin with / and have no blanks")
    port = check_port(port)
    timeout_ms = milliseconds(timeout)
    channel = radio.channel
    said = []
    quiet = _QUIET_MS
    heard = channel.deadline(quiet)

    def on_line(parser):
        said.append(parser.text(5 if parser.starts(b"AT-S.") else 0))

    def on_boot_text(parser):  # 17: boot and firmware update messages [d]
        nonlocal heard
        said.append(parser.text(1))
        heard = channel.deadline(quiet)

    def silent():
        return channel.expired(heard)

    before = channel.on_indication.get(17)
    channel.on_indication[17] = on_boot_text
    try:
        end = channel.deadline(timeout_ms)
        # Files come in seconds, so an early OK says nothing of them
        early = channel.deadline(_EARLY_MS if command.startswith(b"FW") else 0)
        line = b"AT+S.%s,%s,%s,%d,0,%s\r" % (command, host, path, port, login)
        exchange = Exchange(on_line).prepare(line, None, timeout_ms)
        yield exchange
        if exchange.code == 111:
            raise _failed(host, port, said, exchange)
        channel.check(exchange)
        if not channel.expired(early) and not (yield from _until_loaded(channel, end, timeout)):
            quiet = _LONG_MS
        heard = channel.deadline(quiet)
        # A module that goes on to tell something cannot hold this call for ever
        last = channel.deadline(max(_QUIET_MS, channel.left(end)))
        while not channel.expired(heard) and not channel.expired(last):
            yield Wait(silent, _AGAIN_MS)
            if quiet == _LONG_MS and (yield from _until_loaded(channel, end, timeout)):
                quiet = _QUIET_MS
                heard = channel.deadline(quiet)
    finally:
        _put_back(channel, 17, before)
    return said


def _failed(host, port, said, exchange):
    """The exception for a download that failed; the module's words for it are its last ones."""
    words = "%s:%d did not give the file: %sAT-S.ERROR:111:%s"
    before = said[-1] + ", " if said else ""
    return ModuleError(
        errno.EIO,
        words % (host.decode(), port, before, exchange.text),
        111,
        exchange.text,
        "Check host, port and path, and for a firewall in between",
        "check_host",
    )


def _until_loaded(channel, end, timeout):
    """Wait while the module's HTTP client is loading, as steps; return whether it was."""
    was = False
    exchange = Exchange()
    while True:
        # Nobody listens there. The number of the error is what counts
        yield exchange.prepare(b"AT+S.HTTPGET=127.0.0.1,/,9,0,,,,\r", None, 15000)
        if exchange.code < 0:
            channel.check(exchange)
        if exchange.code != _BUSY:
            return was
        was = True
        if channel.expired(end):
            raise SPWF04Error(
                errno.ETIMEDOUT,
                "the module is still fetching its firmware after %g s" % timeout,
                hint="Do not restart it: wait some minutes, and call apply_update() then",
                remedy="wait_for_update",
            )
        yield Wait(lambda: False, _AGAIN_MS)


def apply(radio, timeout):
    """SPWF04.apply_update(), as steps."""
    timeout_ms = milliseconds(timeout)
    channel = radio.channel
    old = yield from asked(radio, b"build", b"STS")
    builds = []
    factory = []
    settled = [None]  # when the old firmware has run for _OLD_MS

    def on_boot(parser):  # +WIND:1:Poweron:<build>
        text = parser.text()
        builds.append(text[text.rfind(":") + 1 :])
        settled[0] = channel.deadline(_OLD_MS)

    def on_factory(parser):
        factory.append(1)

    def settled_down():
        if not builds or channel.booting:
            return False
        return builds[-1] != old or channel.expired(settled[0])

    before = channel.on_indication.get(1), channel.on_indication.get(65)
    channel.on_indication[1] = on_boot
    channel.on_indication[65] = on_factory
    end = channel.deadline(timeout_ms)
    try:
        try:
            yield from reset(radio, 16)
        except NotFound:
            pass  # it writes its flash, and tells nothing meanwhile
        yield Wait(settled_down, channel.left(end))
    finally:
        _put_back(channel, 1, before[0])
        _put_back(channel, 65, before[1])
    if not builds:
        raise NotFound(
            errno.ENODEV,
            "the module has not started within %d s after the reset for its update" % timeout,
            hint="It may still be writing its flash: wait ten minutes, then switch it off and on. "
            "If the host holds its RESET line high, release it",
            remedy="wait_for_update",
        )
    yield from ready(radio)
    return (yield from asked(radio, b"build", b"STS")), bool(factory)


def _put_back(channel, number, handler):
    if handler is None:
        channel.on_indication.pop(number, None)
    else:
        channel.on_indication[number] = handler
