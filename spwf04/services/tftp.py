"""Files to and from a TFTP server, by the module's own client; and files that its own TFTP server
receives. [j, j.2]

    size = tftp_get(radio, "192.168.1.5", "config.json", "1:/config.json")
    tftp_put(radio, "192.168.1.5", "1:/log.txt")

Whether the module writes what it gets into a file, or prints it, is not known for certain. Printed
bytes go through the host's memory, twice, and the driver writes the file.
"""

from ..arguments import argument, milliseconds
from ..arguments import host as checked_host
from ..arguments import port as checked_port
from ..at.exchange import Exchange
from ..checks import callback, integer
from ..checks import radio as checked
from ..commands import filesystem as fs
from ..commands.files import Files
from ..commands.replace import append_all, find, parts, place, same
from ..const import const
from ..digest import sha256
from ..errors import ModuleError, SPWF04Error, errno
from .printed import printing

_NAME = const(190)  # most bytes of a name: the line has 512, and takes two
_FAILED = const(111)
_RECEIVED = const(90)  # the indication of a file at the module's own server [j.2]


def tftp_get(radio, host, name, to=None, *, port=69, timeout=60, limit=16384) -> int:
    """Get a file from a TFTP server into a file on the module; return its size in bytes. [j]

    radio: an SPWF04. host, port: the server's. name: of the file there. to: of the file on the
    module, "<volume>:/name"; None is "2:/" and the last part of name, on the RAM disk. What is in
    that file stays until the new one is complete. timeout: seconds for the transfer. limit: if
    this firmware prints the file, so many bytes of the host's memory are taken for it at most.

    ValueError, TypeError: nothing was sent. ModuleError: code 111, the server refused, has no such
    file, or did not answer; 50, the volume is full. SPWF04Error: the file is empty, or larger than
    limit. LinkLost.
    """
    steps = getting(radio, host, name, to, port=port, timeout=timeout, limit=limit)
    return checked(radio).channel.take(steps)


def getting(radio, host, name, to=None, *, port=69, timeout=60, limit=16384):
    """As tftp_get(), in steps, for aio.take(radio.channel, …)."""
    channel = checked(radio).channel
    where = _where(host, port)
    name = _remote(name)
    if to is None:
        to = _local(b"2:/" + name[name.rfind(b"/") + 1 :], "name")
    else:
        to = _local(to, "to")
        if "/" in parts(to.decode())[1]:  # lists would not show it under this name
            raise ValueError("to: a file to write has no folder: NAME or VOLUME:/NAME")
    timeout_ms = milliseconds(timeout)
    room = _Room(integer(limit, "limit", 1, None))
    line = b"AT+S.TFTPGET=%s,%s,%s.new\r" % (where, name, to)
    to = to.decode()
    new = to + ".new"
    if _entry(new, (yield from fs.listing(channel))) is not None:
        yield from fs.delete(channel, new, True)
    error = None
    try:
        exchange = yield from printing(radio, line, room.take, timeout_ms)
        _check(channel, exchange)
        size = yield from _complete(channel, new, room)
        if size is None:  # it was printed, without a frame: bytes may have been lost unnoticed
            again = _Digest()
            exchange = yield from printing(radio, line, again.take, timeout_ms)
            _check(channel, exchange)
            size = yield from _write(channel, new, room, again)
        yield from place(channel, to)
        entry = _entry(to, (yield from fs.listing(channel)))
        if entry is None or entry[1] != size:
            raise fs.damaged("the file is not in its place")
        return size
    except Exception as e:
        error = e
    yield from _remove(channel, new)
    raise error


def tftp_put(radio, host, name, *, port=69, timeout=60) -> None:
    """Send a file that is on the module to a TFTP server. [j]

    radio: an SPWF04. host, port: the server's. name: "<volume>:/name" of the file on the module;
    the server knows it by its name without the volume. timeout: seconds for the transfer.

    ValueError, TypeError: nothing was sent. ModuleError: code 111, the server refused, or did not
    answer; 51, there is no such file. LinkLost.
    """
    checked(radio).channel.take(putting(radio, host, name, port=port, timeout=timeout))


def putting(radio, host, name, *, port=69, timeout=60):
    """As tftp_put(), in steps, for aio.take(radio.channel, …)."""
    channel = checked(radio).channel
    line = b"AT+S.TFTPPUT=%s,%s\r" % (_where(host, port), _local(name, "name"))
    exchange = Exchange().prepare(line, None, milliseconds(timeout))
    yield exchange
    _check(channel, exchange)


def on_received(radio, handler) -> None:
    """Have handler(name) called for each file that the module's own TFTP server has received.

    name: str, as the module tells it; "" if it tells none. handler: a function, which must not use
    the radio: it is called while the radio is in use. None: no more. TypeError. [d]

    The server runs while the module is joined, if the setting ip_use_tftpd was 1 when it joined.
    Everybody in the network can write to it.
    """
    handlers = checked(radio).channel.on_indication
    if callback(handler, "handler") is None:
        handlers.pop(_RECEIVED, None)
        return

    def received(parser):
        text = parser.text(9)  # behind +WIND:90:
        at = text.find(":") + 1
        handler(text[at:].strip() if at else "")

    handlers[_RECEIVED] = received


# what is passed ----------------------------------------------------------------------------------
def _where(host, port):
    return b"%s,%d" % (checked_host(host), checked_port(port))


def _remote(name):
    """Return the name of a file of the server as bytes."""
    name = argument(name, "name", _NAME, True)
    if not name or b":/" in name:
        raise ValueError("name must be that of a file on the server, without a volume")
    return name


def _local(name, what):
    """Return the name of a file on the module as bytes."""
    try:
        Files.split(name)
    except ValueError as e:
        raise ValueError("%s: %s" % (what, e))
    return argument(name, what, _NAME, True)


# what came ---------------------------------------------------------------------------------------
class _Room:
    """Bytes that the module prints. size: how many came; no more than `limit` are kept."""

    def __init__(self, limit):
        self.limit = limit
        self.data = bytearray()
        self.size = 0

    def take(self, view, n):
        """Take the first n bytes of a memoryview."""
        self.size += n
        if self.size <= self.limit:
            self.data += view[:n]
        else:
            self.data = bytearray()


class _Digest:
    """The digest of bytes that the module prints."""

    def __init__(self):
        self._sum = sha256()
        self.digest = self._sum.digest

    def take(self, view, n):
        """Take the first n bytes of a memoryview."""
        self._sum.update(bytes(view[:n]))


def _entry(name, there):
    """Return the entry of a file in a listing, or None. In one reading a file for the flash is on
    the RAM disk. [i.1]"""
    return find(name, there) or find(parts(name)[1], there)


def _complete(channel, new, room):
    """Steps: the transfer has ended well. Return the size of the file that the module has written;
    None if it printed it."""
    entry = _entry(new, (yield from fs.listing(channel)))
    if entry is None and 0 < room.size <= room.limit:
        return None
    if entry is None and room.size:
        raise SPWF04Error(
            errno.ENOMEM,
            "the module printed the file, and its %d bytes are more than %d"
            % (room.size, room.limit),
            hint="Call it with a larger limit",
            remedy="check_arguments",
        )
    if entry is None or not entry[1]:
        raise SPWF04Error(
            errno.EIO,
            "the file that came is empty, or the module has put it elsewhere",
            hint="radio.files.list() tells which files there are",
            remedy="list_files",
        )
    return entry[1]


def _write(channel, new, room, again):
    """Steps: write what was printed twice; return its size."""
    digest = sha256(room.data).digest()
    if again.digest() != digest:
        raise fs.damaged("the file came twice, and not the same")
    yield from append_all(channel, new, room.data)
    if not (yield from same(channel, new, digest)):
        raise fs.damaged("the file is not what came")
    return room.size


def _check(channel, exchange):
    """Raise the exception for a transfer that did not end with OK."""
    if exchange.code != _FAILED:
        channel.check(exchange)
        return
    raise ModuleError(
        errno.EIO,
        "the TFTP server has no such file, refused it, or stopped answering: AT-S.ERROR:111:%s; "
        "the module does not tell which" % (exchange.text or ""),
        _FAILED,
        exchange.text,
        "Check name, host and port, the server's permissions, and for a firewall in between; "
        "many servers write only to files that exist",
        "check_tftp",
    )


def _remove(channel, name):
    """Steps: remove what has come of a file, if that is possible."""
    try:
        yield from fs.delete(channel, name, False, fs.ANY)
    except OSError:
        pass  # the next tftp_get() of this file removes it
