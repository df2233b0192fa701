"""The bytes of an open socket. Imported when the first connection is open, and the code that
opened it has been forgotten; recv_into() and send() are methods of Socket from then on.

Data wait in the module. An indication says so; they are pulled by SOCKR straight into the
caller's buffer, or, for small reads, through a read-ahead buffer.
"""

from ..const import const
from .socket import Socket

_OPEN = const(2)  # of tcp.py

_MS = const(10000)  # mbed's limit for sending; all other socket commands are faster [k.20]
_SMALL = const(256)  # reads below this are served from a buffer that is read ahead
_AHEAD = const(730)  # its size: a page of a web server's is there with one command


# receiving -----------------------------------------------------------------------------------
def recv_into(sock, buffer, nbytes=0):
    """Receive up to nbytes (0: as many as fit) into buffer and return how many.

    buffer: bytearray, or whatever is writable: memoryview, array; its length is counted in bytes.
    At least one byte, unless the stream has ended: 0 once, ENOTCONN after that. Waits as
    settimeout() says. No command if the bytes are here already, else one SOCKR, when an
    indication has announced them. Allocates nothing in the steady state.
    """
    if (
        (type(buffer) is not bytearray and (buffer is not sock._view or buffer is None))
        or type(nbytes) is not int
        or nbytes < 0
    ):
        return _otherwise(sock, buffer, nbytes)
    if sock._over is not None:
        return sock._over.recv_into(buffer, nbytes)
    return _recv_into(sock, buffer, nbytes)


def _recv_into(sock, buffer, nbytes=0):
    if sock.engine == "host":
        from .failure import past_tls

        past_tls(sock)
    n = len(buffer)
    if 0 < nbytes < n:
        n = nbytes
    if sock._ahead_at != sock._ahead_end:
        return from_ahead(sock, buffer, n)
    deadline = -1
    while n:
        if not sock._pending:
            sock.channel.poll()
        if sock._state != _OPEN:
            sock._check_open()
        if sock._pending:
            sock._quiet = None
            if n >= sock._pending or n >= _SMALL:
                nbytes = receive(sock, buffer, n)
            else:
                if sock._ahead is None or len(sock._ahead) != _AHEAD:
                    sock._ahead = bytearray(_AHEAD)
                sock._ahead_end = nbytes = receive(sock, sock._ahead, _AHEAD)
                if nbytes:
                    nbytes = from_ahead(sock, buffer, n)
            if nbytes:
                return nbytes
        elif not sock._peer_closed:
            deadline = _wait(sock, deadline)
        else:
            from .silence import at_end

            if at_end(sock):
                break
    return 0


def _otherwise(sock, buffer, nbytes):
    """recv_into() with arguments of other types, which may be good ones: a memoryview of bytes,
    for which no other file is loaded."""
    good = False
    if type(buffer) is memoryview and type(nbytes) is int and nbytes >= 0:
        try:
            buffer[:1] = buffer[:1]  # raises for what cannot be written
            good = getattr(buffer, "format", "B") == "B" and len(bytes(buffer[:1])) < 2
        except (TypeError, NotImplementedError):
            pass
    if not good:
        from ..payload import receive_into

        return receive_into(sock, buffer, nbytes)
    sock._view = buffer
    try:
        if sock._over is not None:
            return sock._over.recv_into(buffer, nbytes)
        return _recv_into(sock, buffer, nbytes)
    finally:
        if hasattr(buffer, "release"):  # CPython: or the memory below cannot change its size
            sock._view = None


def _wait(sock, deadline):
    """One step of waiting for data; deadline: of the call, -1 if it has not waited yet."""
    pool = sock._pool
    channel = sock.channel
    if deadline == -1:
        if pool.flush is not None:
            pool.flush()  # see cork.py
        deadline = sock._deadline()
        if sock._quiet is None:
            sock._quiet = channel.deadline(pool.quiet_ms)
    if channel.expired(sock._quiet):
        from .silence import silent

        silent(sock)
    elif channel.expired(deadline):
        from .silence import no_data

        no_data(sock)
    else:
        channel.step()
    return deadline


def from_ahead(sock, buffer, n):
    """Up to n bytes of what was read ahead; return how many."""
    ahead = sock._ahead
    at = sock._ahead_at
    n = min(n, sock._ahead_end - at)
    i = 0
    while i < n:
        buffer[i] = ahead[at]
        i += 1
        at += 1
    sock._ahead_at = at
    if at == sock._ahead_end:
        sock._ahead_at = sock._ahead_end = 0
        if sock._spill is not None:  # then what came beyond
            sock._ahead = sock._spill
            sock._ahead_end = len(sock._spill)
            sock._spill = None
    return n


def receive(sock, buffer, n):
    """One SOCKR of at most n bytes into buffer; return what came, 0 if nothing did."""
    if sock.engine == "host":
        from .failure import past_tls

        past_tls(sock)
    if sock._sink is not None:
        from .failure import interrupted

        interrupted(sock)
    n = min(n, sock._pending, sock._pool.chunk)
    exchange = sock._exchange
    if n != sock._asked_for:
        prepare(sock, n)
    sock._sink = buffer
    sock._got = -1
    if exchange.command is not sock._reading:
        if exchange.on_line is None:
            exchange.on_line = sock._on_line
        exchange.prepare(sock._reading, None, _MS)
    exchange.doubt = True
    sock.channel.run(exchange)
    sock._sink = None
    if exchange.code or sock._got < 0 or sock._state != _OPEN:
        from .failure import unread

        return unread(sock, exchange)
    sock._tries = 0
    if sock._spill is not None and buffer is not sock._ahead:
        from_ahead(sock, buffer, 0)  # nothing is left there: now what came beyond
    return sock._got


def prepare(sock, n):
    """Make the command that reads n bytes, and the beginning of the reply in which all of them
    come; both are used until n changes."""
    sock._asked_for = n
    sock._reading = b"AT+S.SOCK%sR=%s,%d\r" % (sock._kind, sock._key, n)
    sock._header = b"AT-S.Reading:%d:" % n


def on_line(sock, parser):
    """AT-S.Reading:<n>:<m>: n bytes follow at once; m means nothing. [g.3, decision 3]

    Any other line that could be this one with bytes lost or changed ends the stream: the payload
    behind it may hold lines that look like it.
    """
    if parser.starts(sock._header):
        n = sock._asked_for
    elif parser.starts(b"AT-S.Reading:"):
        n = parser.number(1)
    else:
        from ..at.reading import informs

        if not informs(parser):
            sock._die()
            sock.channel.lose()
        return
    spill = None
    if not 0 <= n <= sock._asked_for or parser.number(2) < 0:
        from .failure import surplus

        spill = surplus(sock, parser, n)
        if spill is None:
            return
    channel = sock.channel
    if n >= sock._asked_for:
        channel._exchange.doubt = False
    channel._reader = sock
    sock._owed -= n
    sock._pending = sock._pending - n if sock._asked_for <= n < sock._pending else 0
    sock._got = min(n, sock._asked_for)
    parser.expect_data(n, sock._sink, sock._got, spill)


# sending -------------------------------------------------------------------------------------
def send(sock, data):
    """Send all of data (bytes-like; on MicroPython also str, as UTF-8) and return its length in
    bytes: one SOCKW per `pool.chunk` bytes.

    An SOCKW that fails is never sent again, because its data might have gone out: the
    socket is closed and the error raised. [k.1, g.4] Allocates nothing in the steady state for
    bytes and bytearray; all else is copied.
    """
    if type(data) is not bytes and type(data) is not bytearray:
        from ..payload import payload

        data = payload(data)
    if sock._over is not None:
        return sock._over.send(data)
    return _send(sock, data)


def _send(sock, data):
    sock._check_open()
    sock.channel.poll()
    if sock._state != _OPEN or sock._peer_closed:
        # Not sent: the module takes the payload of a refused SOCKW for commands [g.4]
        from .failure import closed

        closed(sock)
    total = len(data)
    if not sock._started:
        sock._started = True
        if total and data[0] in b"GPHDO\x10" and bytes(data[-4:]) != b"\r\n\r\n":
            # an HTTP request or an MQTT packet, perhaps, and not whole
            from .cork import begin

            cork = begin(sock, data)
            if cork is not None:
                return cork.send(data)
    at = 0
    while at < total:
        at += write(sock, data, at)
    return total


def write(sock, data, at):
    """One SOCKW of data from byte `at` on; return how many bytes it took."""
    if sock.engine == "host" or not sock._key:
        from .failure import past_tls

        past_tls(sock)
    n = min(len(data) - at, sock._pool.chunk)
    if n != sock._wrote:
        sock._wrote = n
        sock._writing = b"AT+S.SOCK%sW=%s,%d\r" % (sock._kind, sock._key, n)
    sock._pool._writer = sock
    exchange = sock._exchange.prepare(sock._writing, data, _MS)
    exchange.at = at
    exchange.end = at + n
    sock.channel.run(exchange)
    if exchange.code:
        from .failure import unsent

        unsent(sock, exchange)
    return n


Socket.recv_into = recv_into
Socket.send = send
Socket._recv_into = _recv_into
Socket._send = _send
Socket._on_line = on_line
