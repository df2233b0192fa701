"""The bytes of an open socket: one read or one write of the module, and the read-ahead.

Data wait in the module. An indication says so; they are pulled by SOCKR straight into the
caller's buffer, or, for small reads, through a read-ahead buffer. The first argument of each
function is the Socket, whatever is over it.
"""

from ..const import const

_OPEN = const(2)  # of socket.py

_MS = const(10000)  # mbed's limit for sending; all other socket commands are faster [k.20]
_SMALL = const(256)  # reads below this are served from a buffer that is read ahead
_AHEAD = const(730)  # its size: a page of a web server's is there with one command

_IN = const(1)  # of select.poll()
_OUT = const(4)
_HUP = const(16)


def time_out(value):
    """A time-out as all layers take it: None, or seconds for which int(value * 1000) is right."""
    if value is None or (type(value) in (int, float) and (value == 0 or 0.1 < value < 9999)):
        return value
    from ..checks import seconds

    return seconds(value)


# receiving -----------------------------------------------------------------------------------
def recv_into(sock, buffer, nbytes=0):
    """Socket.own_recv_into(): as recv_into(), of arguments that are good."""
    if sock.engine == "host":
        from .failure import past_tls

        past_tls(sock)
    n = len(buffer)
    if 0 < nbytes < n:
        n = nbytes
    if sock.ahead_at != sock.ahead_end:
        return from_ahead(sock, buffer, n)
    deadline = -1
    while n:
        if not sock.pending:
            sock.channel.poll()
        if sock.state != _OPEN:
            sock.check_open()
        if sock.pending:
            sock.ask_at = None
            if n >= sock.pending or n >= _SMALL:
                nbytes = receive(sock, buffer, n)
            else:
                if sock.ahead is None or len(sock.ahead) != _AHEAD:
                    sock.ahead = bytearray(_AHEAD)
                sock.ahead_end = nbytes = receive(sock, sock.ahead, _AHEAD)
                if nbytes:
                    nbytes = from_ahead(sock, buffer, n)
            if nbytes:
                return nbytes
        elif not sock.peer_closed:
            deadline = wait(sock, deadline)
        else:
            from .silence import at_end

            if at_end(sock):
                break
    return 0


def otherwise(sock, buffer, nbytes):
    """recv_into() for a buffer that is not a bytearray, or an nbytes that must be looked at.

    A memoryview that was found fit is remembered: a loop passes it again, and allocates nothing.
    """
    n = nbytes
    view = buffer
    if type(buffer) is not memoryview or type(nbytes) is not int or nbytes < 0 or not _fit(buffer):
        from ..checks import size
        from ..payload import fill, writable

        n = size(nbytes)
        view = writable(buffer)
        if view is None:  # of items that are no bytes
            part = bytearray(min(n or 4096, len(bytes(memoryview(buffer))), 4096))
            n = sock.recv_into(part)
            fill(buffer, part, n)
            return n
    before = sock.view
    sock.view = view
    try:
        return sock.recv_into(view, n)
    finally:
        if hasattr(view, "release"):
            sock.view = before  # CPython: or the memory below it cannot change its size


def _fit(view):
    """True for a memoryview of bytes that can be written: for these no other file is loaded."""
    try:
        view[:1] = view[:1]  # raises for what cannot be written
        return getattr(view, "format", "B") == "B" and len(bytes(view[:1])) < 2
    except (TypeError, NotImplementedError):
        return False


def wait(sock, deadline):
    """One step of waiting for data; deadline: of the call, -1 if it has not waited yet."""
    pool = sock.pool
    channel = sock.channel
    if deadline == -1:
        if pool.holds is not None:
            pool.holds.flush()
        deadline = sock.deadline()
        if sock.ask_at is None:
            sock.ask_at = channel.deadline(pool.quiet_ms)
    if channel.expired(sock.ask_at):
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
    ahead = sock.ahead
    at = sock.ahead_at
    n = min(n, sock.ahead_end - at)
    i = 0
    while i < n:
        buffer[i] = ahead[at]
        i += 1
        at += 1
    sock.ahead_at = at
    if at == sock.ahead_end:
        sock.ahead_at = sock.ahead_end = 0
        if sock.spill is not None:  # then what came beyond
            sock.ahead = sock.spill
            sock.ahead_end = len(sock.spill)
            sock.spill = None
    return n


def receive(sock, buffer, n):
    """One SOCKR of at most n bytes into buffer; return what came, 0 if nothing did."""
    if sock.engine == "host":
        from .failure import past_tls

        past_tls(sock)
    if sock.sink is not None:
        from .failure import interrupted

        interrupted(sock)
    n = min(n, sock.pending, sock.pool.chunk)
    exchange = sock.exchange
    if n != sock.asked_for:
        prepare(sock, n)
    sock.sink = buffer
    sock.got = -1
    if exchange.command is not sock.read_command:
        if exchange.on_line is None:
            exchange.on_line = sock.on_line
        exchange.prepare(sock.read_command, None, _MS)
    exchange.doubt = True
    sock.channel.run(exchange)
    sock.sink = None
    if exchange.code or sock.got < 0 or sock.state != _OPEN:
        from .silence import unread

        return unread(sock, exchange)
    sock.tries = 0
    if sock.spill is not None and buffer is not sock.ahead:
        from_ahead(sock, buffer, 0)  # nothing is left there: now what came beyond
    return sock.got


def prepare(sock, n):
    """Make the command that reads n bytes, and the beginning of the reply in which all of them
    come; both are used until n changes."""
    sock.asked_for = n
    sock.read_command = b"AT+S.SOCK%sR=%s,%d\r" % (sock.verb, sock.address_on_module, n)
    sock.read_header = b"AT-S.Reading:%d:" % n


def on_line(sock, parser):
    """AT-S.Reading:<n>:<m>: n bytes follow at once; m means nothing. [g.3, decision 3]

    Any other line that could be this one with bytes lost or changed ends the stream: the payload
    behind it may hold lines that look like it.
    """
    if parser.starts(sock.read_header):
        n = sock.asked_for
    elif parser.starts(b"AT-S.Reading:"):
        n = parser.number(1)
    else:
        from ..at.reading import informs

        if not informs(parser):
            sock.die()
            sock.channel.lose()
        return
    spill = None
    if not 0 <= n <= sock.asked_for or parser.number(2) < 0:
        from .failure import surplus

        spill = surplus(sock, parser, n)
        if spill is None:
            return
    sock.channel.announced(n >= sock.asked_for, sock)
    sock.owed -= n
    sock.pending = sock.pending - n if sock.asked_for <= n < sock.pending else 0
    sock.got = min(n, sock.asked_for)
    parser.expect_data(n, sock.sink, sock.got, spill)


# sending -------------------------------------------------------------------------------------
def send(sock, data):
    """Socket.own_send(): as send(), of bytes or a bytearray."""
    sock.check_open()
    sock.channel.poll()
    if sock.state != _OPEN or sock.peer_closed:
        # Not sent: the module takes the payload of a refused SOCKW for commands [g.4]
        from .failure import closed

        closed(sock)
    total = len(data)
    if not sock.started:
        sock.started = True
        if total and data[0] in b"GPHDO\x10" and bytes(data[-4:]) != b"\r\n\r\n":
            # an HTTP request or an MQTT packet, perhaps, and not whole
            cork = None
            try:
                from .cork import begin

                cork = begin(sock, data)
            except ImportError:
                pass  # it is not on this board: each write is a command
            if cork is not None:
                return cork.send(data)
    at = 0
    while at < total:
        at += transmit(sock, data, at)
    return total


def transmit(sock, data, at):
    """One SOCKW of data from byte `at` on; return how many bytes it took."""
    if sock.engine == "host" or not sock.address_on_module:
        from .failure import past_tls

        past_tls(sock)
    n = min(len(data) - at, sock.pool.chunk)
    if n != sock.wrote:
        sock.wrote = n
        sock.write_command = b"AT+S.SOCK%sW=%s,%d\r" % (sock.verb, sock.address_on_module, n)
    sock.pool.writer = sock
    exchange = sock.exchange.prepare(sock.write_command, data, _MS)
    exchange.at = at
    exchange.end = at + n
    sock.channel.run(exchange)
    if exchange.code:
        from .failure import unsent

        unsent(sock, exchange)
    return n


# both ----------------------------------------------------------------------------------------
def poll(sock, events):
    """Those of the events, a mask of select.poll(), that have come. May ask the module."""
    if sock.pool.holds is not None:
        sock.pool.holds.flush()
    sock.channel.poll()
    if sock.state == _OPEN and not sock.pending and events & _IN:
        if sock.ask_at is None:
            sock.ask_at = sock.channel.deadline(sock.pool.quiet_ms)
        elif sock.channel.expired(sock.ask_at):
            sock.ask_at = None
            from .silence import ask

            ask(sock)
    if sock.state == _OPEN:
        ready = sock.ahead_at != sock.ahead_end or sock.pending or sock.peer_closed
        return events & (_OUT | (_IN if ready else 0))
    return events & (_IN | _OUT) | _HUP
