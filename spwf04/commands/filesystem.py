"""Commands of the module's file system, as steps: see at/task.py. Names are sent as they are.

What programs use, radio.files, is in files.py.
"""

from ..at.exchange import Exchange
from ..at.reading import fetch
from ..at.task import Wait
from ..const import const
from ..errors import LinkLost, SPWF04Error, errno

ANY = range(1, 256)  # any error of the module
_TRIES = const(3)
_MORE = const(16)  # bytes that are asked for beyond the end of a file


def ask(channel, command, payload=None, timeout_ms=5000, accept=()):
    """ATChannel.lines() as steps: (lines of the reply as str, the module's error number or 0)."""
    lines = []
    exchange = Exchange(lambda parser: lines.append(parser.text()))
    yield exchange.prepare(command, payload, timeout_ms)
    if exchange.code not in accept:
        channel.check(exchange)
    return lines, exchange.code


def _bare(name):
    """A file's name without its volume."""
    return name[name.find(":/") + 2 :].lstrip("/") if ":/" in name else name.lstrip("/")


def listing(channel):
    """Return [(name, size, volume's letter)] of all files. Other lines are passed over. [i]

    name: without volume; with its folder, if the module shows that.
    """
    lines, _ = yield from ask(channel, b"AT+S.FSL\r")
    found = []
    for line in lines:
        words = line[line.find(":") + 1 :].split("\t")
        if line.startswith("AT-S.File:") and len(words) == 3 and words[1].strip().isdigit():
            found.append((_bare(words[2].strip()), int(words[1]), words[0].strip()))
    return found


def read(channel, name, buffer, accept=(), plain=None):
    """Read a file into buffer, which is larger than the file: so its bytes are announced. [i]

    plain: a list if the file may be larger all the same. Returns how many came, or minus the
    module's error number if that is in `accept`.
    """
    line = _printing(name, 0, len(buffer))
    return (yield from fetch(channel, line, buffer, 8000, accept, plain=plain))


def read_piece(channel, name, offset, buffer, announces=False):
    """Read from byte `offset` of a file as many bytes as fit into buffer.

    If there are as many, they may come without an announcement. Then their beginning may be taken
    for lines of the module. If that may be so, they are read again together with all that follow
    in the file: so many are announced. [i] announces: this module announces them in any case.

    Returns (how many came, whether the module is known to announce them in any case).
    """
    line = _printing(name, offset, len(buffer))
    bare = []
    lost = None
    got = -1
    try:
        got = yield from fetch(channel, line, buffer, 8000, plain=bare)
    except LinkLost as e:
        lost = e
    if bare and not lost:
        return got, False
    if got > len(buffer) or (announces and got == len(buffer)):
        return got, announces
    shown = _bare(name), name[name.rfind("/") + 1 :]  # some may show no folder
    sizes = [size for n, size, _ in (yield from listing(channel)) if n in shown]
    if not sizes:
        raise lost or damaged("the module lists no such file")
    rest = max(0, max(sizes) - offset)
    if got == rest < len(buffer):
        return got, announces
    again = yield from read_rest(channel, name, offset, buffer, rest)
    return again, got == len(buffer) and bytes(buffer[:5]) != b"AT-S."


def read_rest(channel, name, offset, buffer, rest):
    """As read_piece(), for `rest` bytes that the file has from there on: they are announced, and
    the module sends all of them."""
    line = _printing(name, offset, rest + _MORE)
    got = yield from fetch(channel, line, buffer, 8000 + 2 * rest, asked=rest + _MORE)
    return min(got, len(buffer))


def _printing(name, offset, size):
    """The command that prints bytes of a file. No step."""
    return ("AT+S.FSP=%s,%d,%d\r" % (name, offset, size)).encode()


def append(channel, name, data, accept=()):
    """Add data (bytes, 1024 at most) to a file. Returns 0, or the module's error number if that is
    in `accept`."""
    line = "AT+S.FSC=%s,%d\r" % (name, len(data))
    _, code = yield from ask(channel, line.encode(), data, 15000, accept)
    return code


def delete(channel, name, there=False, accept=(51, 56)):
    """Delete a file if it is there. there: it is, so a failure is an error, after three tries.

    Returns 0, or the module's error number if that is in `accept`. 51 and 56: the file is not
    there, or the module's web server is reading it, which may take a moment. [T10]
    """
    line = ("AT+S.FSD=%s\r" % name).encode()
    tries = _TRIES if there else 1
    while True:
        tries -= 1
        last = there and not tries
        _, code = yield from ask(channel, line, None, 15000, () if last else accept)
        if not there or not code:
            return code
        yield Wait(lambda: False, 300)


def damaged(words):
    """Return the exception for content that did not arrive as it was sent; words: which."""
    return SPWF04Error(
        errno.EIO,
        words + ": bytes were lost on the UART",
        hint="Check flow control, then try again",
        remedy="check_line",
    )
