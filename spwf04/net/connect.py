"""Opens a connection: SOCKON, and what its reply means.

What TLS needs beside that is the affair of the context that the socket was wrapped with, see
SSLContext: before_connect(), accepted(), refused().
"""

from ..arguments import address as checked
from ..arguments import server_name
from ..at.exchange import Exchange
from ..at.task import Task, Wait
from ..const import const
from .stream import Stream

try:
    import errno
except ImportError:
    from ..errors import errno

_RUNNING = const(-1)  # Exchange.code of channel.py

_SOCKETS = const(8)  # [g.1]
_OPEN_MS = const(35000)  # ST waits 20-30 s for SOCKON [g.1]
_FORGOTTEN_MS = const(2000)
_TLS_MODE = const(2)  # as SPWF04.TLS_MODE


def begin(sock, address, mode=None):
    """Socket.connect(): look at its arguments, and have sock.opening. Nothing is sent yet."""
    if mode is not None and not isinstance(mode, int):
        raise TypeError("mode must be an int, not " + type(mode).__name__)
    if not sock.is_new():
        raise OSError(errno.EINVAL, "the socket is connected, connecting or listening already")
    address = checked(address)
    if mode == _TLS_MODE and sock.tls is None:
        sock.pool.radio.wrap(sock)
    name = address[0].encode()
    kind = b"t"
    if sock.tls is not None:
        # The fourth argument of SOCKON: the name to be checked, or s for none
        context, kind = sock.tls
        if kind is None:
            kind = server_name(name, "host")
        if not context.check_hostname:
            kind = b"s"
    sock.address = address
    sock.engine = sock.host_tls = sock.cork = sock.error = None
    sock.attempt = Opening(sock.pool, name, address[1], kind)
    sock.connect_by = sock.deadline()
    sock.opening = Task(sock.channel, steps(sock, sock.attempt))


def steps(sock, opening):
    """The steps of a connect()."""
    context = None
    host = None  # how the host's TLS makes the connection, if it does
    if sock.tls is not None:
        context = sock.tls[0]
        host = context.before_connect(sock)
    while True:
        if host is not None:
            opening.prepare(b"t")
        stream = yield from opening.steps()
        if stream is not None:
            break
        exchange = opening.exchange
        if context is None or host is not None or exchange.code < 0:
            sock.channel.check(exchange)
        host = context.refused(sock, exchange, opening.certificate_error)
    if host is not None:
        stream = yield from host.steps(sock, stream)
        sock.engine = "host"
    elif context is not None:
        context.accepted(sock)
    if sock.closed:  # by what the context, or a function of the program, did meanwhile
        stream.close()
    else:
        sock.stream = stream


def back_out(sock):
    """Close a plain connection, or one that is opening, that is to be made again by TLS; return
    its address, None if there is none. OSError (EINVAL) if bytes have moved."""
    stream = sock.stream
    if sock.tls is not None or (stream is None and sock.opening is None):
        return None
    if stream is not None:
        moved = sock.cork is not None or stream.wrote or stream.out_end
        if moved or stream.asked_for or stream.pending:
            raise OSError(
                errno.EINVAL, "bytes have moved in clear: TLS must be there from the start"
            )
        sock.stream = None
        stream.close()
    sock.give_up()
    return sock.address


def make_room(pool):
    """Steps before an open: what is nobody's is closed, and there is a number for it."""
    pool.channel.poll()  # a boot leaves nothing to be reclaimed
    if pool.leaked or pool.work or pool.listed_at != pool.channel.resyncs:
        from .closing import reclaim

        yield from reclaim(pool)
    if pool.full():
        from .closing import give_up_spent

        yield from give_up_spent(pool)
        # others may have taken what was freed; what is being closed will be free
        yield Wait(lambda: not pool.full() or not pool.work, _OPEN_MS)
    # With all eight in use the module would say 75, or hang [T20]
    if pool.full():
        from ..errors import SPWF04Error

        raise SPWF04Error(
            errno.ENOMEM,
            "all eight sockets of the module are in use",
            hint="Close one",
            remedy="close_sockets",
        )


class Opening:
    """A connection that is being opened. certificate_error: the number of AT-S.Certificate Error,
    -1 if there was none. ip: the address that the module connected to, as str."""

    certificate_error = -1
    ip = None
    stream = None
    dropped = False
    until = None  # when it is nobody's, if nobody goes on with it

    def __init__(self, pool, host, port, kind, local=b"NULL", make=Stream):
        self.pool = pool
        self._where = host, port, local
        self._make = make
        self.exchange = Exchange(self._on_line)
        # ValueError now, if it is too long: nothing was sent yet
        self.prepare(kind)
        self.wanted()

    def prepare(self, kind):
        """Say what kind of connection it is to be, the last argument of SOCKON."""
        command = b"AT+S.SOCKON=%s,%d,%s,%s\r" % (self._where + (kind,))
        self.exchange.prepare(command, None, _OPEN_MS)

    def wanted(self):
        """Somebody goes on with it."""
        self.until = self.pool.channel.deadline(_FORGOTTEN_MS)

    def forgotten(self):
        """True if nobody goes on with it: asyncio has no way to close what it does not wait for
        any more."""
        return self.pool.channel.expired(self.until)

    def drop(self):
        """It is given up, for another needs its number."""
        self.dropped = True
        self.stream = None

    def steps(self):
        """SOCKON; returns the Stream, or None: exchange and certificate_error say why not."""
        exchange = self.exchange
        pool = self.pool
        self.certificate_error = -1
        self.stream = None
        yield from make_room(pool)
        while pool.channel.busy():  # not by Task: another's SOCKON may take the last number
            yield Wait(lambda: not pool.channel.busy(), _OPEN_MS)
            yield from make_room(pool)
        try:
            yield exchange.prepare(exchange.command, None, _OPEN_MS)
        finally:
            if exchange.code == _RUNNING:
                # It cannot be stopped: what it opens is nobody's
                exchange.on_line = pool.late_line
            stream = self.stream
            self.stream = None  # whoever is over it alone holds it
            if stream is not None and (exchange.code or self.certificate_error >= 0):
                stream.release()
                stream = None
        if stream is not None:
            stream.opening = None
            return stream
        if self.dropped:
            raise OSError(errno.ETIMEDOUT, "connect() was given up: nobody went on with it")
        if exchange.code == 0:
            pool.channel.lose()
            from .failure import without_number

            raise without_number(exchange)
        if exchange.code == 44:
            pool.radio.doubt_network()  # it is gone, and we heard nothing of it
        elif exchange.code == 75:
            pool.listed_at = -1  # it has some that nobody owns: closed before the next
        return None

    def _on_line(self, parser):
        if parser.starts(b"AT-S.On:"):
            n = parser.number(-1)
            if 0 <= n < _SOCKETS:
                pool = self.pool
                if pool.owners[n] is not None:
                    _drop(pool, n)
                    return
                # now, because a server that speaks first may be announced right after the OK
                self.stream = stream = self._make(pool)
                stream.id = n
                stream.address_on_module = b"%d" % n
                stream.alive = True
                stream.opening = self
                pool.owners[n] = stream
                self.ip = parser.text().split(":")[1]
        elif parser.starts(b"AT-S.Certificate Error:"):
            self.certificate_error = max(0, parser.number(1))
        # else "Skip CA", "Loading:1:2", "Http …": not needed, not always there [h.2]


def _drop(pool, n):
    """SOCKON gave a number that is in use. A byte was changed on its way, or the module restarted
    unheard: whose data come is not certain any more."""
    pool.owners[n].die()
    pool.owners[n] = None
    pool.leaked |= 1 << n
