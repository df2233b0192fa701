"""The module's WebSocket client, with the words of the `websockets` package. [j, j.2]

    with connect(radio, "ws://echo.example/chat") as ws:
        ws.send("hello")                    # str: a text message; bytes: a binary one
        print(ws.recv(decode=True))

The module does not tell a text from a binary message, so a message is bytes unless the caller wants
str. It answers pings itself. Each waiting method has a twin that returns steps for
spwf04.aio.take(): connecting(), sending(), receiving(), receiving_into(), closing().
"""

from ..arguments import argument, encoded, milliseconds
from ..arguments import host as check_host
from ..arguments import port as check_port
from ..at.exchange import TIMED_OUT, Exchange
from ..at.reading import announced
from ..at.task import Wait
from ..checks import flag, integer
from ..checks import radio as check_radio
from ..const import const
from ..errors import ModuleError, SPWF04Error, errno
from .links import close_websocket, links_of
from .secure import Opener

_MS = const(10000)
_LATE_MS = const(300)  # so late an indication may be
_GONE = (72, 76, 78, 79)
_KINDS = {"ws": 80, "wss": 443}
_CODES = {1000: b"0", 1001: b"1"}  # of a close, as WSOCKC has them [j]


class ConnectionClosed(SPWF04Error):
    """The WebSocket is closed: nothing more comes, and nothing can be sent.

    clean: False if the module restarted, or bytes were lost. reason: the module's number for it,
    or None.
    """

    clean = True
    reason: "int | None" = None


def connect(radio, url, **options) -> "WebSocket":
    """Open a WebSocket. The arguments are those of connecting()."""
    return radio.channel.take(connecting(radio, url, **options))


def connecting(
    radio,
    url,
    *,
    context=None,
    user=None,
    password=None,
    origin=None,
    subprotocols=None,
    timeout: "float | None" = 20,
    decode=False,
    max_size=65536,
    last=0,
):
    """connect() as steps; they return a WebSocket.

    url: "ws://host:port/path", or "wss://" for TLS. context: an SSLContext for wss; None: one with
    the CAs of the device. user, password: for a server that asks for them. origin: of the request.
    subprotocols: a str, or a list of them. timeout: seconds that recv() waits; None: for ever.
    decode: True: messages are str. max_size: most bytes of a message. last: the value with which
    the module is told that a piece is the last one of a message: 0, as ST's programs have it; see
    docs/unverified.md.

    ValueError, TypeError. CertificateError: TLS. ModuleError: code 44, not joined; 65, no such
    host; 74 or 111, no WebSocket server answers there. SPWF04Error: two connections are open.
    """
    links = links_of(check_radio(radio))
    kind, host, port, path = _parts(url)
    if kind == "ws":
        if context is not None:
            raise ValueError("a context goes with wss://")
    elif context is None:
        context = True
    ws = WebSocket(links, timeout, flag(decode, "decode"), max_size, last)
    if isinstance(subprotocols, (list, tuple)):
        subprotocols = ", ".join(subprotocols)
    opener = Opener(radio, (host.decode(), port), context)
    arguments = [host, b"%d" % port, path, opener.kind]
    for value, name in (
        (user, "user"),
        (password, "password"),
        (origin, "origin"),
        (subprotocols, "subprotocols"),
    ):
        arguments.append(b"" if value is None else argument(value, name, 200))
    arguments.append(b"")

    def refused(exchange, more):
        words = "no WebSocket server answers at %s:%d: AT-S.ERROR:%d:%s" % (
            host.decode(),
            port,
            exchange.code,
            exchange.text,
        )
        hint = "Check host, port and path" + ("; or TLS: " + more if more else "")
        number = errno.ECONNREFUSED
        return ModuleError(number, words, exchange.code, exchange.text, hint, "check_websocket")

    yield from links.opening(ws, opener, b"WSOCKON", arguments, refused)
    return ws


def _parts(url):
    """Return (kind, host, port, path) of a URL; ValueError, TypeError."""
    if not isinstance(url, str):
        raise TypeError("url must be a str, not " + type(url).__name__)
    kind, _, rest = url.partition("://")
    kind = kind.lower()
    if kind not in _KINDS:
        raise ValueError("url begins with ws:// or wss://")
    at = len(rest)
    for mark in "/?":
        found = rest.find(mark)
        if 0 <= found < at:
            at = found
    place, path = rest[:at], rest[at:]
    if "@" in place:
        raise ValueError("url has no user and password: give user= and password=")
    host, colon, port = place.partition(":")
    number = _KINDS[kind]
    if colon:
        if not port.isdigit() or len(port) > 5:
            raise ValueError("the port of url must be a number")
        number = int(port)
    path = argument(path.partition("#")[0], "path", 300)
    if b" " in path:
        raise ValueError("the path of url has no blanks")
    if path[:1] != b"/":
        path = b"/" + path
    return kind, check_host(host), check_port(number), path


class WebSocket:
    """A WebSocket that connect() has opened. It is an iterator over messages, and closes at the end
    of a `with`.

    ended: the last recv_into() has reached the end of a message. guessed: count of messages whose
    end no indication has told, so that it was guessed from silence.
    """

    kind = b"w"
    id = -1
    wild = False
    ended = False
    guessed = 0
    _over = None  # why nothing can be sent any more
    _clean = True
    _reason = None
    _within = False  # a part of a message was sent
    _told = 0  # bytes that indications have told of, less those that were returned
    _owed = 0  # of those that were guessed, the ones of which an indication may still come
    _guess_at = 0  # _heard at that time
    _extra = -1  # bytes that waited at the last question, though nothing told of them
    _heard = 0  # count of indications
    _ask_at = None
    _got = -1
    _spill = None

    def __init__(self, links, timeout, decode, max_size, last):
        self._links = links
        self._channel = links.channel
        self.timeout = None if timeout is None else milliseconds(timeout) / 1000
        self._decode = decode
        self._max = integer(max_size, "max_size", 1, None)
        self._last = b"%d" % integer(last, "last", 0, 1)
        self._more = b"1" if self._last == b"0" else b"0"
        self._ends = []  # of messages: how many of the bytes told of, up to there
        self._ahead = b""  # bytes that the module gave beyond those asked for
        self._parts = bytearray()  # of a message that is not complete
        self._scratch = None

    # sending ---------------------------------------------------------------------------------
    def send(self, message) -> None:
        """Send a message: str as text, bytes-like as binary. An iterable of these is sent in
        fragments, one each.

        OSError (ECONNRESET): the connection is lost. What could not be sent is not sent again.
        """
        self._channel.take(self.sending(message))

    def sending(self, message):
        """send() as steps."""
        from ..payload import payload

        if isinstance(message, (str, bytes, bytearray, memoryview)):
            message = (message,)
        elif isinstance(message, dict):
            raise TypeError("message must be str, bytes-like, or an iterable of these")
        part = None
        for after in message:
            after = _bytes(after, payload), not isinstance(after, str)
            if part is not None:
                yield from self._fragment(part, False)
            part = after
        if part is None:
            raise ValueError("a message has one fragment at least")
        yield from self._fragment(part, True)

    def _fragment(self, part, last):
        """Steps: send a fragment, in pieces that the module takes. [k.1]"""
        data, binary = part
        pool = self._links.radio.pool
        if not data:
            raise ValueError("the module sends no message and no fragment without a byte")
        at = 0
        while at < len(data):
            if self._over:
                raise self._closed()
            end = min(len(data), at + pool.chunk)
            mark = self._last if last and end == len(data) else self._more
            line = b"AT+S.WSOCKW=%d,%s,%s,%d,%d\r" % (self.id, mark, mark, binary, end - at)
            exchange = Exchange().prepare(line, data, _MS, end)
            exchange.at = at
            pool.last_writer = self
            try:
                yield exchange
            except:
                self.die("a write was broken off")
                raise
            if exchange.code:
                self._write_failed(exchange)
            at = end

    def _write_failed(self, exchange):
        code = exchange.code
        if code in _GONE:
            self._over = self._over or "the other side has closed it"
            raise self._closed()
        self.die("a write failed")
        self._channel.check(exchange)

    # receiving -------------------------------------------------------------------------------
    def recv(self, timeout=-1, decode=None) -> "str | bytes":
        """Return the next message.

        timeout: seconds, then OSError (ETIMEDOUT), 0: OSError (EAGAIN) if nothing has come, None:
        for ever; -1: the one of connect(). What has come of a message is kept then. decode: True:
        a str; False: bytes; None: as connect() was told. ConnectionClosed: nothing more comes.
        OSError (EIO): no UTF-8, or longer than max_size.
        """
        return self._channel.take(self.receiving(timeout, decode))

    def receiving(self, timeout=-1, decode=None):
        """recv() as steps."""
        until = self._until(timeout)
        decode = self._decode if decode is None else flag(decode, "decode")
        if self._scratch is None:
            self._scratch = bytearray(self._links.radio.pool.chunk)
        parts = self._parts
        while True:
            n = yield from self._part(self._scratch, len(self._scratch), until)
            parts += memoryview(self._scratch)[:n]
            if len(parts) > self._max:
                self.die("a message was longer than max_size")
                raise OSError(errno.EIO, "the message is longer than %d bytes" % self._max)
            if self.ended:
                break
        self._parts = bytearray()
        if not decode:
            return bytes(parts)
        try:
            return parts.decode()
        except ValueError:
            pass
        raise OSError(errno.EIO, "the message is not text: it is not UTF-8")

    def recv_into(self, buffer, nbytes=0, timeout=-1) -> int:
        """Receive a part of a message into buffer; return how many bytes, 0 for an empty message.

        `ended` is True then if it was the last part. nbytes: at most so many; 0: as many as fit.
        The bytes go straight into buffer. timeout and errors: as recv().
        """
        return self._channel.take(self.receiving_into(buffer, nbytes, timeout))

    def receiving_into(self, buffer, nbytes=0, timeout=-1):
        """recv_into() as steps."""
        from ..payload import writable

        view = writable(buffer)
        if view is None or not len(view):
            raise ValueError("buffer must have bytes, at least one")
        n = integer(nbytes, "nbytes", 0, None)
        until = self._until(timeout)
        return (yield from self._part(view, min(n or len(view), len(view)), until))

    def readable(self) -> bool:
        """True if a part of a message has been announced, or the end. Never waits."""
        self._channel.poll()
        return bool(self._ends or self._told > 0 or self._over)

    def __iter__(self):
        return self

    def __next__(self):
        try:
            return self.recv(None)
        except ConnectionClosed as e:
            if not e.clean:
                raise
        raise StopIteration

    def _until(self, timeout):
        if timeout == -1:
            timeout = self.timeout
        return None if timeout is None else self._channel.deadline(milliseconds(timeout))

    def _part(self, buffer, size, until):
        """Steps: receive up to `size` bytes of one message into buffer; return how many."""
        channel = self._channel
        channel.poll()
        waited = False
        self.ended = False
        while True:
            if self._ends and not self._ends[0]:
                self._ends.pop(0)
                self.ended = True
                return 0
            if self._owed and self._heard != self._guess_at:
                yield from self._settle()
            n = self._ends[0] if self._ends else self._told
            if n > 0:
                n = yield from self._fetch(buffer, min(n, size))
                if n > 0:
                    return self._count(n)
                continue
            if self._over:
                yield from self._at_end()
                continue
            if channel.expired(until):
                if waited or until is None:
                    raise OSError(errno.ETIMEDOUT, "no message came in time")
                raise OSError(errno.EAGAIN, "nothing has arrived yet")
            waited = waited or channel.left(until) > 0
            yield from self._silence(until)

    def _count(self, n):
        """n bytes were returned."""
        self._told -= n
        for i in range(len(self._ends)):
            self._ends[i] -= n
        if self._ends and not self._ends[0]:
            self._ends.pop(0)
            self.ended = True
        return n

    def _silence(self, until):
        """Steps: wait for an indication. After pool.quiet_ms ask the module, because indications
        can be missing. [g.7, decision 2]"""
        channel = self._channel
        quiet = self._links.radio.pool.quiet_ms
        if self._ask_at is None:
            self._ask_at = channel.deadline(quiet)
        heard = self._heard
        ms = channel.left(self._ask_at)
        if until is not None:
            ms = min(ms, channel.left(until))
        yield Wait(lambda: self._heard != heard or self._over is not None, ms)
        if self._heard == heard and not self._over and channel.expired(self._ask_at):
            self._ask_at = None
            yield from self._ask(True)

    def _at_end(self):
        """Steps: nothing more is told of. ConnectionClosed, unless bytes wait all the same."""
        if self._clean and self.id >= 0:
            yield from self._ask(True, True)
            if self._told > 0:
                return
        raise self._closed()

    def _settle(self):
        """Steps: bytes were guessed. Was the indication that has come theirs, but late?"""
        while self._told > 0 and self._owed and not self._over:
            heard = self._heard
            more = yield from self._ask()
            if more is not None and more > 0:  # one more is on its way
                yield Wait(lambda: self._heard != heard or self._over, _LATE_MS)
                if self._heard == heard:
                    self._owed = 0

    def _ask(self, guess=False, last=False):
        """Steps: ask how many bytes wait; return how many more than were told of, None: unknown.

        With `guess`, more than was told of are a message if they are as many the second time; with
        `last`, at once.
        """
        found = []
        heard = self._heard

        def on_line(parser):
            if parser.starts(b"AT-S.Query:"):
                found.append(parser.number(1))

        exchange = Exchange(on_line).prepare(b"AT+S.WSOCKQ=%d\r" % self.id, None, _MS)
        yield exchange
        if exchange.code in _GONE:
            self._over = self._over or "the other side has closed it"
            self._told = len(self._ahead)
            self._ends = [n for n in self._ends if n <= self._told]
            return None
        if exchange.code < 0:
            self.die("the module did not answer")
        self._channel.check(exchange)
        if heard != self._heard or not found or found[0] < 0:
            return None
        more = found[0] + len(self._ahead) - self._told
        self._compare(more, guess, last)
        return more

    def _compare(self, more, guess, last):
        if more < 0:
            self._forget(-more)
        elif more and guess:
            if more != self._extra and not last:
                self._extra = more
                return
            self._told += more
            self._owed += more
            self._guess_at = self._heard
            self._ends.append(self._told)
            self.guessed += 1
        elif not more and self._heard != self._guess_at:
            self._owed = 0
        self._extra = -1

    def _forget(self, n):
        """n bytes that were told of are not there: they came before an indication that was late,
        or one was told twice."""
        late = min(n, self._owed)
        self._owed -= late
        self._told -= late
        ends = [end - late for end in self._ends if end > late]
        self._told -= n - late
        self._ends = [end for end in ends if end <= self._told]
        if len(self._ends) < len(ends) and self._told and self._told not in self._ends:
            self._ends.append(self._told)

    def _fetch(self, buffer, n):
        """Steps: move up to n bytes into buffer; return how many, 0: there were none."""
        if self._ahead:
            n = min(n, len(self._ahead))
            buffer[:n] = self._ahead[:n]
            self._ahead = self._ahead[n:]
            return n
        if self.id < 0 or not self._clean:
            raise self._closed()
        n = min(n, self._links.radio.pool.chunk)
        channel = self._channel
        self._got = -1
        self._spill = None

        def on_line(parser):
            got = announced(channel, parser, n)
            if got < 0:
                return
            self._got = got
            if got > n:
                self._spill = bytearray(got - n)
            parser.expect_data(got, buffer, min(n, got), self._spill)
            channel.announced(got >= n, self)

        exchange = Exchange(on_line).prepare(b"AT+S.WSOCKR=%d,%d\r" % (self.id, n), None, _MS)
        exchange.awaits_payload = True
        try:
            yield exchange
        except:
            self.die("a read was broken off")
            raise
        return (yield from self._fetched(exchange, n))

    def _fetched(self, exchange, n):
        """Steps: what became of a read."""
        code = exchange.code
        got = self._got
        if not code and got >= 0 and self._clean:
            if self._spill is not None:
                self._ahead = bytes(self._spill)
            if not got:
                yield from self._ask()
            return min(got, n)
        if not code or (code > 0 and got >= 0):
            self._channel.lose()  # there was no header, or an error after one
            exchange.damaged = True
            exchange.code = code = TIMED_OUT
        if code < 0 or code == 1:
            self.die("bytes were lost")
            self._channel.check(exchange)
        before = self._told
        yield from self._ask()  # the number may have been an old one
        if self._told == before and not self._over:
            self._channel.check(exchange)
        return 0

    # the end ---------------------------------------------------------------------------------
    def close(self, code=1000) -> None:
        """Close it: the module tells the server, and what has not been read is thrown away.

        code: 1000, or 1001, going away; the module knows no others. Closing twice does nothing.
        """
        if self._channel.exchange is None or self.id >= 0:
            self._channel.take(self.closing(code))

    def closing(self, code=1000):
        """close() as steps."""
        if code not in _CODES:
            raise ValueError("code must be 1000 or 1001")
        self._status = _CODES[code]
        self._over = self._over or "it was closed here"
        yield from self._links.closing(self)

    _status = b"0"

    def freeing(self):
        """Steps: free its id."""
        yield from close_websocket(self._links.radio, self.id, self._status)

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.close()

    def _closed(self):
        words = "the WebSocket is closed: " + (self._over or "")
        remedy = "reconnect"
        e = ConnectionClosed(errno.ECONNRESET, words, hint="Connect again", remedy=remedy)
        e.clean = self._clean
        e.reason = self._reason
        return e

    # what links.py and others call -----------------------------------------------------------
    def told(self, parser):
        """+WIND:88:WebSocket Data:<id>:<last frame>:<last part>:<received>:<cumulated>"""
        n = parser.number(6)
        if n < 0:
            return
        self._heard += 1
        self._ask_at = None
        self._extra = -1
        self._told += n
        if parser.number(4) == 1 and parser.number(5) == 1:
            self._ends.append(self._told)

    def ended_by_peer(self, reason):
        """+WIND:89. What has come can still be read."""
        self._over = self._over or "the other side or the network has ended it"
        if reason >= 0:
            self._reason = reason

    def die(self, words="bytes were lost"):
        """Bytes of it were lost, or the module restarted: nothing can be read or sent any more."""
        self._over = words
        self._clean = False
        self._told = 0
        self._ends = []
        self._ahead = b""

    def spent(self):
        """True if it is over, and has nothing unread."""
        return self._over is not None and not self._told and not self._ends


def _bytes(part, payload):
    if isinstance(part, str):
        return encoded(part, "message")
    return payload(part, "message")
