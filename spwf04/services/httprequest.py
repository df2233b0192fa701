"""A request of the module's HTTP client, carried out in steps. [j, j.1]"""

from ..arguments import milliseconds
from ..at.exchange import RESTARTED, TIMED_OUT, Exchange
from ..checks import flag
from ..checks import radio as checked
from ..commands import filesystem as fs
from ..commands.comma import around, joined
from ..commands.replace import append_all, find, place, same
from ..const import const
from ..errors import ModuleError, SPWF04Error, errno
from .httpbody import Filling, Incoming, head_of, unchunked
from .httpurl import credentials, new_file, parsed
from .leftovers import leftovers_of
from .printed import printing
from .secure import Opener

_LINE_MAX = const(512)
_HEAD = const(5)  # bytes that tell whether a file begins with a head: fewer than a line has
_STATUS = b"AT-S.Http Server Status Code:"

_CUT = "the module ended it with error 111: the server closed too early, or a file is full"


_BODIES = ("bin", "txt", "json")  # some firmware tells the type of a body by its file's name


def _own(n, end):
    """The name of a file that request number n keeps on the RAM disk. The first one has 04."""
    return "2:/spwf%s.%s" % (n or "04", end)


class Request:
    """A request that is being carried out."""

    def __init__(self, made, radio, url, auth, context, timeout, chunked, to, into):
        self._made = made
        self._radio = checked(radio)
        self._channel = radio.channel
        secure, where, number, self._path, login, self._url = parsed(url)
        self._login = credentials(login if auth is None else auth)
        if not secure and context is not None:
            raise ValueError("context is for https://")
        self._opener = Opener(radio, (where, number), (context or True) if secure else None)
        self._timeout = timeout
        self._ms = milliseconds(timeout)
        self._chunked = flag(chunked, "chunked")
        if to is not None and into is not None:
            raise ValueError("give one of to and into")
        self._to = None if to is None else new_file(to, "to")
        self._filling = None
        if into is not None and not callable(into):
            into = self._filling = Filling(into)
        self._incoming = None if into is None else Incoming(into, self._chunked)
        self._down = ""
        if into is None:
            self._down = _own(0, "get") if self._to is None else self._to + ".new"
        self._status = self._client_error = 0
        self.line(b"GET", "")  # the length of the command

    def line(self, method, up):
        """Return (the command, what separates its arguments)."""
        user, password = self._login
        words = [
            self._opener.address[0].encode(),
            self._path,
            b"%d" % self._opener.address[1],
            self._opener.kind,
            user,
            password,
            self._down.encode(),
            up.encode(),
        ]
        fields, delimiter = joined(words)
        line = b"AT+S.HTTP" + method + b"=" + fields + b"\r"
        if len(line) > _LINE_MAX:
            raise ValueError("the url is too long: the command has %d bytes at most" % _LINE_MAX)
        return line, delimiter

    def _on_line(self, parser):
        """A line before the body; True if that begins behind it."""
        if self._opener.take(parser):
            return False
        if parser.starts(_STATUS):
            self._status = max(0, parser.number(1))
            self._opener.answered = True
            if self._incoming is not None:
                self._incoming.status = self._status
            return True
        if parser.starts(b"AT-S.Http Client Error:"):
            self._client_error = max(0, parser.number(1))
        return False

    def run(self, method, up="", data: "bytes | bytearray" = b"", kind=""):
        """Steps: carry it out. up: the file with the body, or ""; data: a body instead, and its
        kind, one of _BODIES.

        Its own files have a number that no other request has, which may come in between: one of
        another task, or of a function that a pin has called.
        """
        busy = leftovers_of(self._radio).busy
        n = 0
        while n in busy:
            n += 1
        if data:
            up = _own(n, kind)
        if self._down and self._to is None:
            self._down = _own(n, "get")
        self.line(method, up)  # its length is checked before anything is sent
        busy.append(n)
        try:
            if data:
                steps = self._with_body(n, up, data)
                return (yield from leftovers_of(self._radio).holding(up, steps))
            return (yield from self._steps(method, up))
        finally:
            busy.remove(n)

    def _with_body(self, n, name, data):
        """Steps: write the body into the file `name`, and send the request."""
        channel = self._channel
        for kind in _BODIES:  # FSC appends [j], and a program that has ended may have left one
            yield from fs.delete(channel, _own(n, kind))
        try:
            yield from append_all(channel, name, data)
        except SPWF04Error as e:
            if e.code in (50, 54):
                words = "%d bytes to be sent do not fit on the RAM disk" % len(data)
                hint = "Remove a file, or put them into a file on another volume: file="
                raise _no_room(e, words, hint)
            raise
        if not (yield from same(channel, name, _sha256(data))):
            raise fs.damaged("the body is not what was to be sent")
        return (yield from self._steps(b"POST", name))

    def _steps(self, method, up):
        line, delimiter = self.line(method, up)
        if self._incoming is not None:
            return self._raw(line, delimiter)
        return leftovers_of(self._radio).holding(self._down, self._by_file(line, delimiter))

    def _raw(self, line, delimiter):
        """As _steps(), where the body comes raw."""
        sink = self._incoming.sink
        exchange = yield from printing(
            self._radio, line, sink, self._ms, self._on_line, self._opener, delimiter
        )
        self._check(exchange)
        if exchange.error is not None:
            raise exchange.error
        return self._streamed(exchange)

    def _by_file(self, line, delimiter):
        """As _steps(), where the body comes by a file."""
        channel = self._channel
        yield from fs.delete(channel, self._down)  # the answer may be appended to it
        exchange = Exchange(self._on_line).prepare(line, None, self._ms)
        yield from around(channel, delimiter, exchange, self._opener.steps(exchange))
        self._check(exchange)
        if self._to is None:
            return (yield from self._fetched(exchange))
        return (yield from self._stored(exchange))

    # what came -------------------------------------------------------------------------------
    def _check(self, exchange):
        """Raise the error of a request that has no answer."""
        code = exchange.code
        if code == 111 and not self._status:
            words = "%s:%d: " % self._opener.address
            words += "the request failed" if self._client_error != 1 else "nobody answers there"
            hint = "Check host and port, and for a firewall in between"
            if self._client_error:
                words += ", Http Client Error:%d" % self._client_error
            if self._client_error == 2:
                hint = "Does a web server answer there, of http or https as the url says?"
            number = errno.ECONNREFUSED if self._client_error == 1 else errno.EIO
            raise ModuleError(number, words, code, exchange.text, hint, "check_host")
        if code == TIMED_OUT and not exchange.damaged:
            raise SPWF04Error(
                errno.ETIMEDOUT,
                "%s:%d: no whole answer" % self._opener.address + " within %g s" % self._timeout,
                hint="Give it more time: timeout=. The module may be busy with it for a while",
                remedy="more_time",
            )
        if code == 50:
            hint = "Take it in pieces: into=, or name a larger volume: to="
            raise _no_room(exchange, "the page does not fit on the module's volume", hint)
        if code == RESTARTED or (code and not self._status):
            self._channel.check(exchange)
        if code and code != 111 and not (code == TIMED_OUT and self._incoming is not None):
            self._channel.check(exchange)
        if not self._status:
            raise fs.damaged("the module told no status")

    def _response(self, exchange):
        response = self._made(self._radio, self._status, self._url)
        if exchange.damaged:
            response.complete, response.why = False, "the end of the reply was damaged"
        elif exchange.code == 111 and self._status < 400:
            response.complete, response.why = False, _CUT
        return response

    def _streamed(self, exchange):
        response = self._response(exchange)
        incoming = self._incoming
        if incoming.chunks is not None:
            whole = incoming.chunks.flush()
            if response.complete is None:
                _judge_chunks(response, whole, incoming.chunks.broken())
        response.size = incoming.size
        if self._filling is not None:
            response.size = self._filling.size
            if self._filling.surplus:
                response.complete = False
                response.why = "%d bytes more than the buffer has came" % self._filling.surplus
        return response

    def _fetched(self, exchange):
        """The body in the Response."""
        response = self._response(exchange)
        data = yield from load(self._radio, self._down)
        response.keep(self._cleaned(response, data))
        return response

    def _cleaned(self, response, data):
        """Return the body in what the module wrote into a file, which may have the head, too."""
        response.headers, response.reason, at = head_of(data, self._status)
        fields = response.headers or {}
        if self._chunked or fields.get("transfer-encoding", "").lower() == "chunked":
            body, whole = unchunked(data, at)
            if response.complete is None:
                _judge_chunks(response, whole, not isinstance(body, bytearray))
            return bytes(body)
        body = data if not at else bytes(memoryview(data)[at:])
        length = fields.get("content-length", "")
        if response.complete is None and length.isdigit():
            response.complete = len(body) == int(length)
            response.why = "its length was told: %s" % length
        return body

    def _stored(self, exchange):
        """The body in a file of the module."""
        channel = self._channel
        response = self._response(exchange)
        entry = find(self._down, (yield from fs.listing(channel)))
        response.size = 0 if entry is None else entry[1]
        if entry is not None:
            if self._chunked or (yield from _has_head(self._radio, self._down, entry[1])):
                data = yield from load(self._radio, self._down)
                body = self._cleaned(response, data)
                if body is not data:
                    yield from fs.delete(channel, self._down, True)
                    yield from append_all(channel, self._down, body)
                    response.size = len(body)
        if entry is None or not response.size or response.complete is False or not response.ok:
            if response.complete is not False and response.ok:
                response.why = "the answer has no body"
            response.keep(b"")
            return response
        yield from place(channel, self._to)
        response.file = self._to
        return response


def _judge_chunks(response, whole, broken):
    response.complete = whole and not broken
    response.why = "the last chunk came" if response.complete else "the last chunk did not come"
    if broken:
        response.why = "these are no chunks"


def _no_room(e, words, hint):
    return ModuleError(errno.ENOMEM, words, e.code, e.text, hint=hint, remedy="free_room")


# files -----------------------------------------------------------------------------------------
def load(radio, name):
    """Steps: return the content of a file of the module, in one piece: so its bytes have a frame
    on each firmware. They are a stranger's. [i]"""
    channel = radio.channel
    entry = find(name, (yield from fs.listing(channel)))
    if entry is None or not entry[1]:
        return b""
    data = bytearray(entry[1])
    got = yield from fs.read_rest(channel, name, 0, data, len(data))
    if got != len(data) or not (yield from same(channel, name, _sha256(data))):
        raise fs.damaged("the file is not what the module has")
    return data


def _has_head(radio, name, size):
    """Steps: True if a file begins as the head of an answer does."""
    start = bytearray(_HEAD)
    if size < 17:
        return False
    got, radio.announces = yield from fs.read_piece(radio.channel, name, 0, start, radio.announces)
    return got >= _HEAD and bytes(start) == b"HTTP/"


def _sha256(data):
    from ..digest import sha256

    return sha256(data).digest()
