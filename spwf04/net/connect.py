"""Opens a connection: SOCKON, and what its reply means.

The context that the socket was wrapped with sees to what TLS needs beside that: before_connect(),
accepted() and refused() of SSLContext.
"""

from ..arguments import address as checked
from ..arguments import server_name
from ..at.exchange import RUNNING, Exchange
from ..at.task import Task, Wait
from ..const import NO_MEMORY, const
from .stream import Stream

try:
    import errno
except ImportError:
    from ..errors import errno

_TRIES = const(8)  # to connect with the CAs of this context, while others want theirs
_OPEN_MS = const(35000)  # ST waits 20-30 s for SOCKON [g.1]
_ABANDONED_MS = const(2000)  # nobody went on with a connect() for so long


def begin(sock, address, mode=None):
    """Begin the connect() of a Socket, with its arguments. Nothing is sent yet: see
    continue_connect()."""
    if mode is not None and not isinstance(mode, int):
        raise TypeError("mode must be an int, not " + type(mode).__name__)
    if not sock.is_new():
        raise OSError(errno.EINVAL, "the socket is connected, connecting or listening already")
    address = checked(address)
    radio = sock.pool.radio
    if mode == radio.TLS_MODE and sock.tls is None:
        radio.wrap(sock)
    name = address[0].encode()
    # The fourth argument of SOCKON: t is TCP; of TLS the name to be checked, or s without a check
    kind = b"t"
    if sock.tls is not None:
        context, kind = sock.tls
        if kind is None:
            kind = server_name(name, "host")
        if not context.check_hostname:
            kind = b"s"
    sock.address = address
    sock.engine = sock.host_tls = sock.cork = sock.error = sock.connect_by = None
    sock.opening = Opening(sock.pool, name, address[1], kind)
    sock.connecting = Task(sock.channel, _steps(sock, sock.opening))


def continue_connect(sock, number):
    """Go on with a connect(). OSError with this number if it is not over and may not wait."""
    error = sock.error
    if error is not None:
        sock.error = None
        raise error
    channel = sock.channel
    if sock.connect_by is None and sock.timeout_ms > 0:
        sock.connect_by = channel.deadline(sock.timeout_ms)
    connecting = sock.connecting
    sock.opening.renew()
    try:
        over = connecting.poll()
        while not over and sock.timeout_ms:
            if channel.expired(sock.connect_by):
                raise OSError(errno.ETIMEDOUT, "connect() timed out")
            channel.clock.idle()
            over = connecting.poll()
    except OSError:
        abandon_connect(sock)
        raise
    except MemoryError:
        abandon_connect(sock)
        channel.interrupted()
        raise MemoryError(NO_MEMORY)
    except:  # Ctrl-C
        abandon_connect(sock)
        channel.interrupted()
        raise
    if sock.closed:  # by a function of the program that was called meanwhile
        from .failure import is_closed

        raise is_closed()
    sock.connect_by = None
    sock.opening.renew()
    if not over or sock.stream is None:  # None: called by such a function
        raise OSError(number, "connect() is not over yet")
    sock.connecting = sock.opening = None


def abandon_connect(sock):
    """End a connect() that is not over. The connection that it may open still is closed later."""
    connecting, sock.connecting = sock.connecting, None
    sock.connect_by = sock.opening = None
    if connecting is not None:
        connecting.close()


def connect_time_left(sock, seconds):
    """The seconds that connect() may spend on something else than SOCKON, at most `seconds`. A
    socket without a time limit, or that may not wait, has `seconds`."""
    if sock.timeout_ms <= 0 or sock.connect_by is None:
        return seconds
    return max(0.01, min(seconds, sock.channel.left(sock.connect_by) / 1000))


def _steps(sock, opening):
    context = None
    tries = _TRIES
    host = None  # tls.host.Terms, if the host's TLS makes the connection
    if sock.tls is not None:
        context = sock.tls[0]
        host = context.before_connect(sock)
    while True:
        if host is not None:
            opening.prepare(b"t")
        exchange = opening.exchange
        exchange.guard = None if context is None or host is not None else context.guard(sock)
        stream = yield from opening.steps()
        if stream is not None:
            break
        if exchange.stale:
            tries = _fewer(tries, sock)
            host = context.before_connect(sock)
            continue
        if context is None or host is not None or exchange.code < 0:
            sock.channel.check(exchange)
        host = context.refused(sock, exchange, opening.certificate_error)
    opened = stream
    try:
        if host is not None:
            stream = yield from host.steps(sock, stream)
            sock.engine = "host"
        elif context is not None:
            context.accepted(sock, exchange.guard())
        if sock.closed:  # by a function of the program that was called meanwhile
            stream.close()
        else:
            sock.stream = stream
    except:  # MemoryError, for one
        if opened.closing is None:
            opened.release()  # nobody has it: the next open closes it
        raise


def _fewer(tries, sock):
    if tries > 1:
        return tries - 1
    from .failure import unsteady

    raise unsteady(sock.address)


def make_room(pool):
    """Steps before an open: close what nobody owns, and have a free id. OSError (ENOMEM)."""
    pool.channel.poll()  # after a restart of the module nothing is open
    if pool.leaked or pool.jobs or pool.listed_at != pool.channel.resyncs:
        from .closing import reclaim

        yield from reclaim(pool)
    if pool.full():
        from .closing import close_spent

        yield from close_spent(pool)
        # Another socket may have taken the free id; one that is being closed gets free
        yield Wait(lambda: not pool.full() or not pool.jobs, _OPEN_MS)
    # With all eight in use the module answers with error 75, or hangs [T20]
    if pool.full():
        from ..errors import SPWF04Error

        words = "all eight sockets of the module are in use"
        if pool.lost():
            words += ", %d lost" % pool.lost()
        raise SPWF04Error(
            errno.ENOMEM,
            words,
            hint="Close one",
            remedy="close_sockets",
        )


class Opening:
    """A connection that is being opened.

    kind: the last argument of SOCKON. local: the local port, or NULL. make: the class of its
    stream. certificate_error: the number of AT-S.Certificate Error, -1 if there was none. ip: the
    address that the module connected to, as str.
    """

    certificate_error = -1
    ip = None
    stream = None
    dropped = False
    _abandoned_at = None

    def __init__(self, pool, host, port, kind, local=b"NULL", make=Stream):
        self.pool = pool
        self._where = host, port, local
        self._make = make
        self.exchange = Exchange(self._on_line)
        # A line that is too long raises ValueError here, before anything is sent
        self.prepare(kind)
        self.renew()

    def prepare(self, kind):
        """Choose the kind of connection: the last argument of SOCKON."""
        self._line = b"AT+S.SOCKON=%s,%d,%s,%s\r" % (self._where + (kind,))
        self.exchange.prepare(self._line, None, _OPEN_MS)

    def renew(self):
        """Somebody goes on with it, so it is not abandoned."""
        self._abandoned_at = self.pool.channel.deadline(_ABANDONED_MS)

    def abandoned(self):
        """True if nobody has gone on with it for a while. asyncio cannot close a connection that
        it does not wait for any more."""
        return self.pool.channel.expired(self._abandoned_at)

    def drop(self):
        """End it, because another connection needs its id."""
        self.dropped = True
        self.stream = None

    def steps(self):
        """Steps: SOCKON. Return the stream, or None: exchange and certificate_error say why."""
        exchange = self.exchange
        pool = self.pool
        self.certificate_error = -1
        self.stream = None
        yield from make_room(pool)
        # Task waits for the line too, but then another SOCKON may have taken the last id
        while pool.channel.busy():
            yield Wait(lambda: not pool.channel.busy(), _OPEN_MS)
            yield from make_room(pool)
        given_up = True
        try:
            yield exchange.prepare(self._line, None, _OPEN_MS)
            given_up = False
        finally:
            if exchange.code == RUNNING:
                # SOCKON cannot be stopped: nobody owns the socket that it opens
                exchange.on_line = pool.channel.on_late_line  # there may be no memory left
            stream = self.stream
            self.stream = None  # only its socket holds a stream
            failed = given_up or exchange.code or self.certificate_error >= 0
            if stream is not None and failed:
                stream.release()
                stream = None
        if stream is not None:
            stream.opening = None
        else:
            self._look()
        return stream

    def _look(self):
        """No stream came of it: OSError, or the exchange tells why."""
        exchange = self.exchange
        pool = self.pool
        if self.dropped:
            raise OSError(errno.ETIMEDOUT, "connect() was given up: nobody went on with it")
        exchange.stale = exchange.stale and exchange.code >= 0
        if exchange.code == 0 and not exchange.stale:
            pool.channel.lose()
            from .failure import without_number

            raise without_number(exchange)
        if exchange.code == 44:
            pool.radio.doubt_network()  # the network is gone, and nothing told of it
        elif exchange.code == 75:
            pool.list_again()  # nobody owns some of its sockets: the next open closes them

    def _on_line(self, parser):
        if parser.starts(b"AT-S.On:"):
            n = parser.number(-1)
            pool = self.pool
            if 0 <= n < len(pool.owners):
                if pool.owners[n] is not None:
                    _drop(pool, n)
                    return
                # Now, because data of the server may be announced right after the OK
                self.stream = stream = self._make(pool)
                stream.id = n
                stream.address_on_module = b"%d" % n
                stream.alive = True
                stream.opening = self
                pool.owners[n] = stream
                stream.opened_by = self.exchange.command
                self.ip = parser.text().split(":")[1]
        elif parser.starts(b"AT-S.Certificate Error:"):
            self.certificate_error = max(0, parser.number(1))
        # "Skip CA", "Loading:1:2" and others are not needed, and not always there [h.2]


def _drop(pool, n):
    """SOCKON gave an id that is in use: a byte was changed on its way, or the module restarted and
    nothing told of it. Whose data come from it is not certain, so its stream ends."""
    pool.owners[n].die()
    pool.owners[n] = None
    pool.leaked |= 1 << n
