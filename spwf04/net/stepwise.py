"""Sockets that must not wait: time-out 0, select.poll(), asyncio.

Nothing here waits for the module. What must be asked of it is begun, and what came of it is taken
when a socket is polled, read or written next. Data are fetched ahead while a socket is polled, so
that a read that follows finds them. One SOCKW carries at most 256 bytes here, because the UART
takes them at its own pace.

What still waits is rare: putting a CA, an own certificate or the time on the module before the
first TLS connection to a server, and finding out why a server was refused.
"""

from ..at.channel import Exchange
from ..const import const
from ..errors import errno
from .transfer import from_ahead, on_line, prepare

# states of Socket
_NEW = const(0)
_OPENING = const(1)
_OPEN = const(2)
_CLOSED = const(4)

# what is in flight
_NOTHING = const(0)
_READING = const(1)
_ASKING = const(2)
_WRITING = const(3)

_RUNNING = const(-1)
_TIMED_OUT = const(-2)
_MS = const(10000)
_PIECE = const(256)

_POLL = const(3)
_CLOSE = const(4)
_IN = const(1)
_OUT = const(4)
_ERR = const(8)
_HUP = const(16)


class Stepwise:
    """Takes a Socket's calls first while its time-out is 0."""

    def __init__(self, sock):
        self._sock = sock
        self._channel = sock.channel
        self._exchange = Exchange(self._on_line)
        self._what = _NOTHING
        self._answer = -1
        self._out = bytearray(min(_PIECE, sock._pool.chunk))
        self._wanted = None  # address: SOCKON could not be sent yet
        self._error = None  # to be raised by the next call
        self._before = sock._over
        self._open = sock.connect
        sock.connect = self.connect
        sock.ioctl = self.ioctl
        sock._over = self

    def undo(self):
        """Give the methods back; waits for the end of what is in flight."""
        sock = self._sock
        if self._what:
            self._channel.wait(lambda: self._exchange.code != _RUNNING, _MS)
            self._take()
            if self._exchange.code == _RUNNING:  # what became of it will never be known
                self._exchange.on_line = sock._pool._on_stray
                sock._die()
        if self._error is not None:
            sock._die()
        sock._over = self._before
        sock.connect = self._open
        del sock.ioctl

    # as Socket's -----------------------------------------------------------------------------
    def settimeout(self, seconds):
        """As Socket.settimeout(): anything but 0 ends the stepwise life."""
        if seconds != 0:
            self.undo()
            self._sock.settimeout(seconds)

    def connect(self, address):
        """As Socket.connect(): begins, and raises EINPROGRESS until it is done."""
        from ..arguments import address as checked

        address = checked(address)
        sock = self._sock
        if sock._over is not self:  # kept by somebody: this is over the socket no more
            sock.connect(address)
            return
        if self._wanted is None and sock._state == _NEW and self._error is None:
            if self._channel.busy():
                self._channel.poll()
            if self._channel.busy():
                self._wanted = address
            else:
                self._connect(address, False)
        else:
            self._advance(False)
        self._raise()
        if sock._state != _OPEN:
            raise OSError(errno.EINPROGRESS, "connecting")

    def recv_into(self, buffer, nbytes=0):
        """As Socket.recv_into()."""
        n = len(buffer)
        if 0 < nbytes < n:
            n = nbytes
        if n == 0:
            return 0
        sock = self._sock
        self._advance(True)
        if sock._over is not self:
            return sock.recv_into(buffer, n)
        if sock.engine == "host":
            from .failure import past_tls

            past_tls(sock)
        if sock._ahead_at != sock._ahead_end:
            return from_ahead(sock, buffer, n)
        self._raise()
        if sock._state not in (_OPEN, _OPENING) and not self._to_open():
            sock._check_open()
        if self._answer == -2:  # the end, and nothing is left
            if sock._ended:  # already told, or the network was lost
                raise OSError(errno.ENOTCONN, "the connection is closed")
            sock._ended = True
            return 0
        raise OSError(errno.EAGAIN, "no data yet")

    def send(self, data):
        """As Socket.send(): takes what one SOCKW can carry, EAGAIN while that is not possible."""
        sock = self._sock
        self._advance(False)
        if sock._over is not self:
            return sock.send(data)
        self._raise()
        if sock._state not in (_OPEN, _OPENING) and not self._to_open():
            sock._check_open()
        if sock._ended or sock._peer_closed:
            from .failure import closed

            closed(sock)
        n = min(len(data), len(self._out))
        if n == 0:
            return 0
        channel = self._channel
        if sock._state != _OPEN or self._what or channel.busy():
            raise OSError(errno.EAGAIN, "the module is busy")
        if sock.engine == "host" or not sock._key:
            from .failure import past_tls

            past_tls(sock)
        self._out[:n] = data if n == len(data) else memoryview(data)[:n]
        sock._started = True
        sock._wrote = -1  # as it is not the one of transfer.write()
        sock._pool._writer = sock
        command = b"AT+S.SOCK%sW=%s,%d\r" % (sock._kind, sock._key, n)
        channel.start(self._exchange.prepare(command, self._out, _MS, n))
        self._what = _WRITING
        while (
            channel._tx is not None and channel._hold is None
        ):  # or the rest would wait for the next call
            channel.poll()
        return n

    def close(self):
        """As Socket.close(), and the module's answer is not waited for."""
        sock = self._sock
        self._wanted = None
        if sock._state != _OPEN:
            sock._close()
            return
        sock._sink = None
        sock._pending = sock._ahead_at = sock._ahead_end = 0
        sock._ahead = sock._spill = None
        n = sock._abandon()
        sock._state = _CLOSED
        if n >= 0:
            from .closing import Closing

            Closing(sock.channel, sock._pool, n, b"", sock._key)

    def ioctl(self, request, argument):
        """MicroPython's stream protocol: 3 (poll) with a mask of events, 4 (close)."""
        if not isinstance(request, int) or not isinstance(argument, int):
            raise TypeError("ioctl() takes two int")
        if request == _CLOSE:
            self.close()
            return 0
        if request != _POLL:
            return -22
        sock = self._sock
        self._advance(argument & _IN)
        if sock._over is not self:
            return sock.ioctl(request, argument)  # the host's TLS has taken over
        if self._error is not None:
            return argument & (_IN | _OUT) | _ERR
        if sock._ahead_at != sock._ahead_end or self._answer == -2:
            events = _IN | _OUT
        elif sock._state == _NEW and not self._to_open():
            events = _OUT | _HUP
        elif sock._state > _OPEN:
            events = _IN | _OUT | _HUP
        else:
            events = 0
            if sock._state == _OPEN and not self._what and not self._channel.busy():
                events = _OUT
        return events & (argument | _HUP)

    # steps -----------------------------------------------------------------------------------
    def _raise(self):
        error = self._error
        if error is not None:
            self._error = None
            raise error

    def _to_open(self):
        """The address that SOCKON could not be sent for yet, or None; _later: see compat.py."""
        return self._wanted or getattr(self._sock, "_later", None)

    def _connect(self, address, later=True):
        self._wanted = None
        try:
            self._open(address)
        except OSError as e:
            if e.errno == errno.EAGAIN:
                self._wanted = address
            elif e.errno != errno.EINPROGRESS:
                if not later:
                    raise
                self._error = e
        except ValueError as e:
            if not later:
                raise
            self._error = OSError(errno.EINVAL, str(e))

    def _advance(self, read):
        """Take what has come, and begin what is due. read: data are wanted."""
        sock = self._sock
        channel = self._channel
        channel.poll()
        if self._what:
            self._take()
        elif sock._state == _OPENING:
            if sock._exchange.code != _RUNNING:
                self._connect(sock.address)
        elif sock._state == _NEW and not channel.busy():
            address = self._to_open()
            if address is not None:
                self._connect(address)
        if not read or self._what or sock._state != _OPEN or self._error is not None:
            return
        if sock._ahead_at != sock._ahead_end or self._answer == -2 or channel.busy():
            return
        if sock._pending:
            self._begin_read()
        elif not sock._key:
            self._answer = -2  # its place was given back: see server.py
        elif sock._peer_closed or channel.expired(sock._quiet):
            # An indication may have been lost: the last bytes first [g.7, k.5]
            sock._quiet = None
            sock._fresh = False
            command = b"AT+S.SOCK%sQ=%s\r" % (sock._kind, sock._key)
            channel.start(self._exchange.prepare(command, None, _MS))
            self._what = _ASKING
        elif sock._quiet is None:
            sock._quiet = channel.deadline(sock._pool.quiet_ms)

    def _begin_read(self):
        sock = self._sock
        if sock.engine == "host":
            from .failure import past_tls

            past_tls(sock)
        chunk = sock._pool.chunk
        if sock._ahead is None or len(sock._ahead) != chunk:
            sock._ahead = bytearray(chunk)
        sock._ahead_at = sock._ahead_end = 0
        sock._got = -1
        n = min(sock._pending, chunk)
        if n != sock._asked_for:
            prepare(sock, n)
        sock._sink = sock._ahead
        sock._quiet = None
        self._exchange.doubt = True
        self._channel.start(self._exchange.prepare(sock._reading, None, _MS))
        self._what = _READING

    def _on_line(self, parser):
        if self._what == _READING:
            sock = self._sock
            if sock._state == _OPEN and sock._key:
                on_line(sock, parser)
            else:  # closed meanwhile
                from ..at.reading import announced

                announced(self._channel, parser, sock._asked_for)
        elif parser.starts(b"AT-S.Query:"):
            self._answer = parser.number(1)

    def _take(self):
        """The exchange in flight, if it has ended."""
        sock = self._sock
        code = self._exchange.code
        if code == _RUNNING:
            return
        what = self._what
        self._what = _NOTHING
        sock._sink = None
        if sock._state != _OPEN:
            return
        if code < 0 or code == 1 or (code and what == _WRITING):
            # What of it was done is not known: this stream is over
            if code == 1:
                sock._pool._on_stray(None)
            self._fail(True)
        elif what == _READING:
            if code:
                sock._pending = 0
                sock._tries += 1
                sock._quiet = self._channel.deadline(0)  # ask for the true count
                if sock._tries > 3:
                    self._fail(False)
            elif sock._got < 0:  # no header came
                self._channel.lose()
                self._exchange.code = _TIMED_OUT
                self._fail(True)
            else:
                sock._tries = 0
                sock._ahead_end = sock._got
        elif what == _ASKING:
            if code in (72, 78) or (code == 76 and sock._kind):
                if code == 76 and not sock._peer_closed:
                    sock._ended = True  # it has gone unheard: what it sent last may be lost
                sock._peer_closed = True
                sock._pending = 0
                self._answer = -2
            elif code:
                self._fail(code == 76)
            else:
                n = self._answer
                self._answer = -1
                if n == 0 and sock._peer_closed:
                    if sock._owed > 0:  # more was announced: ask again
                        sock._owed = 0
                    else:
                        self._answer = -2
                if n >= 0 and not (sock._fresh and sock._pending > n):
                    sock._pending = n

    def _fail(self, dead):
        if dead:
            self._sock._die()
        try:
            self._channel.check(self._exchange)
        except OSError as e:
            self._error = e


def ioctl(sock, request, argument):
    """ioctl() of a socket with another time-out than 0: a read may wait for one SOCKR."""
    if not isinstance(request, int) or not isinstance(argument, int):
        raise TypeError("ioctl() takes two int")
    if request == _CLOSE:
        sock.close()
        return 0
    if request != _POLL:
        return -22
    if sock._pool.flush is not None:
        sock._pool.flush()  # see cork.py
    sock.channel.poll()
    if sock._state == _OPEN and not sock._pending and argument & _IN:
        if sock._quiet is None:
            sock._quiet = sock.channel.deadline(sock._pool.quiet_ms)
        elif sock.channel.expired(sock._quiet):
            sock._quiet = None
            from .silence import ask

            ask(sock)
    if sock._state == _OPEN:
        ready = sock._ahead_at != sock._ahead_end or sock._pending or sock._peer_closed
        return argument & (_OUT | (_IN if ready else 0))
    return argument & (_IN | _OUT) | _HUP
