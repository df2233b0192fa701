"""The module's WebSocket client, with the words of the `websockets` package. [j, j.2]

    with connect(radio, "ws://echo.example/chat") as ws:
        ws.send("hello")                    # str: a text message; bytes: a binary one
        print(ws.recv(decode=True))

The module does not tell a text from a binary message, so a message is bytes unless the caller
wants str. It answers pings itself. Each waiting method has a twin that returns steps for
spwf04.aio.take(): connecting(), sending(), receiving(), receiving_into(), closing().
"""

from ..arguments import argument, encoded, milliseconds
from ..arguments import host as check_host
from ..arguments import port as check_port
from ..at.exchange import ASLEEP, Exchange
from ..at.task import Wait
from ..checks import flag, integer
from ..checks import radio as check_radio
from ..const import const
from ..errors import ModuleError, errno
from .incoming import GONE, ConnectionClosed, Incoming
from .links import close_websocket, links_of
from .secure import Opener

_MS = const(10000)
_TURN_MS = const(60000)  # for the message of another task
_KINDS = {"ws": 80, "wss": 443}
_CODES = {1000: b"0", 1001: b"1"}  # of a close, as WSOCKC has them [j]


def connect(radio, url, **options) -> "WebSocket":
    """Open a WebSocket.

    radio: an SPWF04. url: "ws://host:port/path", or "wss://" for TLS. The options have names.
    context: an SSLContext for wss; None: one with the CAs of the device. user, password: for a
    server that asks for them. origin: of the request. subprotocols: a str, or a list of them.
    timeout: seconds that recv() waits, by default 20; None: for ever. decode: True: messages are
    str. max_size: most bytes of a message, by default 65536. last: the value with which the module
    is told that a piece is the last one of a message: 0, as ST's programs have it; see
    docs/unverified.md.

    ValueError, TypeError. CertificateError: TLS. ModuleError: code 44, not joined; 65, no such
    host; 74 or 111, no WebSocket server answers there. SPWF04Error: two connections are open.
    """
    return check_radio(radio).channel.take(connecting(radio, url, **options))


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
    """As connect(), in steps; they return a WebSocket."""
    links = links_of(check_radio(radio))
    kind, host, port, path = _parts(url)
    if kind == "wss":
        context = True if context is None else context
    elif context is not None:
        raise ValueError("a context is for wss:// only")
    ws = WebSocket(links, timeout, flag(decode, "decode"), max_size, last)
    opener = Opener(radio, (host.decode(), port), context)
    arguments = [host, b"%d" % port, path, opener.kind]
    if isinstance(subprotocols, (list, tuple)):
        subprotocols = ", ".join(subprotocols)
    if user is None and password is not None:
        raise ValueError("password goes with user")
    if user is not None and b":" in argument(user, "user"):  # the rest would be the password
        raise ValueError("user must not contain a colon")
    names = "user", "password", "origin", "subprotocols"
    for name, value in zip(names, (user, password, origin, subprotocols)):
        arguments.append(b"" if value is None else argument(value, name, 200))
    arguments.append(b"")
    yield from links.opening(ws, opener, b"WSOCKON", arguments, _refused)
    return ws


def _refused(opener, exchange, more):
    words = "no WebSocket server answers at %s:%d: AT-S.ERROR:%d:%s"
    words %= opener.address + (exchange.code, exchange.text)
    hint = "Check host, port and path" + (". Or TLS is the reason: " + more if more else "")
    remedy = "check_websocket"
    return ModuleError(errno.ECONNREFUSED, words, exchange.code, exchange.text, hint, remedy)


def _parts(url):
    """Return (kind, host, port, path) of a URL; ValueError, TypeError."""
    if not isinstance(url, str):
        raise TypeError("url must be a str, not " + type(url).__name__)
    kind, _, rest = url.partition("://")
    kind = kind.lower()
    if kind not in _KINDS:
        raise ValueError("url must begin with ws:// or wss://")
    at = len(rest)
    for mark in "/?":
        found = rest.find(mark)
        if 0 <= found < at:
            at = found
    place, path = rest[:at], rest[at:]
    if "@" in place:
        raise ValueError("url must not have user and password: give user= and password=")
    host, colon, port = place.partition(":")
    number = _KINDS[kind]
    if colon:
        if not port.isdigit() or len(port) > 5:
            raise ValueError("the port of url must be a number")
        number = int(port)
    path = argument(path.partition("#")[0], "path", 300)
    if b" " in path:
        raise ValueError("the path of url must not have blanks")
    if path[:1] != b"/":
        path = b"/" + path
    return kind, check_host(host), check_port(number), path


class WebSocket(Incoming):
    """A WebSocket that connect() has opened. It is an iterator over messages, and closes at the
    end of a `with`.

    ended: the last recv_into() has reached the end of a message. guessed: count of messages whose
    end no indication has told, so that it was guessed from silence.
    """

    _status = b"0"
    _sends = False  # a message is being sent
    _within = False  # a part of it has been sent, and not the last one

    def __init__(self, links, timeout, decode, max_size, last):
        super().__init__(links)
        self.timeout = None if timeout is None else milliseconds(timeout) / 1000
        self._decode = decode
        self._max = integer(max_size, "max_size", 1, None)
        self._last = b"%d" % integer(last, "last", 0, 1)
        self._more = b"1" if self._last == b"0" else b"0"
        self._parts = bytearray()  # of a message that is not complete
        self._scratch = None

    # sending ---------------------------------------------------------------------------------
    def send(self, message) -> None:
        """Send a message: str as text, bytes-like as binary. An iterable of these is sent in
        fragments, one each.

        OSError (ECONNRESET): the connection is lost. What could not be sent is not sent again.
        """
        self.channel.take(self.sending(message))

    def sending(self, message):
        """As send(), in steps."""
        from ..payload import payload

        if isinstance(message, (str, bytes, bytearray, memoryview)):
            message = (message,)
        elif isinstance(message, dict) or not _iterable(message):
            raise TypeError("message must be str, bytes-like, or an iterable of these")
        if self._sends:
            yield Wait(lambda: not self._sends, _TURN_MS)
            if self._sends:
                raise OSError(errno.ETIMEDOUT, "another message is still being sent")
        self._sends = True
        part = None
        try:
            for after in message:
                after = _bytes(after, payload), not isinstance(after, str)
                if part is not None:
                    yield from self._fragment(part, False)
                part = after
            if part is None:
                raise ValueError("message must have a fragment, at least one")
            yield from self._fragment(part, True)
        except:
            if self._within:  # the server would take the next message for the rest of this one
                self.die("a message was broken off")
            raise
        finally:
            self._sends = False

    def _fragment(self, part, last):
        """Steps: send a fragment, in pieces that the module takes. [k.1]"""
        data, binary = part
        pool = self.links.radio.pool
        at = 0
        while at < len(data):
            if self.over:
                raise self.closed()
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
            self._within = mark == self._more
            at = end

    def _write_failed(self, exchange):
        code = exchange.code
        if code in GONE:
            self.over = self.over or "the other side has closed it"
            raise self.closed()
        if code != ASLEEP:
            self.die("a write failed")
        self.channel.check(exchange)

    # receiving -------------------------------------------------------------------------------
    def recv(self, timeout=-1, decode=None) -> "str | bytes":
        """Return the next message.

        timeout: seconds, then OSError (ETIMEDOUT), 0: OSError (EAGAIN) if nothing has come, None:
        for ever; -1: the one of connect(). What has come of a message is kept then. decode: True:
        a str; False: bytes; None: as connect() was told. ConnectionClosed: nothing more comes.
        OSError (EIO): no UTF-8, that message is dropped; or longer than max_size, and then the
        connection is over.
        """
        return self.channel.take(self.receiving(timeout, decode))

    def receiving(self, timeout=-1, decode=None):
        """As recv(), in steps."""
        until = self._until(timeout)
        decode = self._decode if decode is None else flag(decode, "decode")
        if self._scratch is None:
            self._scratch = bytearray(self.links.radio.pool.chunk)
        none = bytearray()
        while True:
            n = yield from self.piece(self._scratch, len(self._scratch), until)
            parts = self._parts
            try:
                parts += memoryview(self._scratch)[:n]
            except MemoryError:
                self.die("there was too little memory for a message")
                raise
            if len(parts) > self._max:
                self.die("a message was longer than max_size")
                raise OSError(errno.EIO, "the message is longer than %d bytes" % self._max)
            if self.ended:
                break
        self._parts = none
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
        return self.channel.take(self.receiving_into(buffer, nbytes, timeout))

    def receiving_into(self, buffer, nbytes=0, timeout=-1):
        """As recv_into(), in steps."""
        from ..payload import writable

        view = writable(buffer)
        if view is None or not len(view):
            raise ValueError("buffer must have bytes, at least one")
        n = integer(nbytes, "nbytes", 0, None)
        until = self._until(timeout)
        return (yield from self.piece(view, min(n or len(view), len(view)), until))

    def readable(self) -> bool:
        """True if a part of a message has been announced, or the end. Never waits."""
        self.channel.poll()
        return bool(self.ends or self.known > 0 or self.over)

    def __iter__(self):
        return self

    def __next__(self):
        try:
            return self.recv(None)  # pyright: ignore[reportArgumentType]
        except ConnectionClosed as e:
            if not e.clean:
                raise
        raise StopIteration

    def _until(self, timeout):
        if timeout == -1:
            timeout = self.timeout
        return None if timeout is None else self.channel.deadline(milliseconds(timeout))

    # the end ---------------------------------------------------------------------------------
    def close(self, code=1000) -> None:
        """Close it: the module tells the server, and what has not been read is thrown away.

        code: 1000, or 1001, going away; the module knows no others. Closing twice does nothing.
        """
        self.channel.take(self.closing(code))

    def closing(self, code=1000):
        """As close(), in steps."""
        if code not in _CODES:
            raise ValueError("code must be 1000 or 1001")
        self._status = _CODES[code]
        self.over = self.over or "it was closed here"
        yield from self.links.closing(self)

    def freeing(self):
        """Steps: free its id."""
        yield from close_websocket(self.links.radio, self.id, self._status)

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.close()

    # what links.py and others call -----------------------------------------------------------
    def ended_by_peer(self, reason):
        """+WIND:89. What has come can still be read."""
        self.over = self.over or "the other side or the network has ended it"
        if reason >= 0:
            self._reason = reason

    def spent(self):
        """True if it is over, and has nothing unread."""
        return self.over is not None and not self.known and not self.ends


def _iterable(value):
    try:
        iter(value)
    except TypeError:
        return False
    return True


def _bytes(part, payload):
    data = encoded(part, "message") if isinstance(part, str) else payload(part, "message")
    if not data:
        raise ValueError("the module cannot send an empty message, or an empty fragment")
    return data
