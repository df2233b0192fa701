"""Sockets that must not wait: time-out 0, select.poll(), asyncio.

Nothing here waits for the module. What must be asked of it is begun, and what came of it is taken
when a socket is polled, read or written next. Data are fetched ahead while a socket is polled, so
that a read that follows finds them. One SOCKW carries at most 256 bytes here, because the UART
takes them at its own pace.

What still waits is rare: putting a CA, an own certificate or the time on the module before the
first TLS connection to a server, and finding out why a server was refused.
"""

from ..arguments import address as checked
from ..at.exchange import Exchange
from ..const import const
from .closing import Closing
from .connect import connect, target
from .transfer import from_ahead, prepare

try:
    import errno
except ImportError:
    from ..errors import errno

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
        self._out = bytearray(min(_PIECE, sock.pool.chunk))
        self._error = None  # to be raised by the next call
        self._before = sock.over
        sock.over = self

    def undo(self):
        """Give the calls back; waits for the end of what is in flight."""
        sock = self._sock
        if self._what:
            self._channel.wait(lambda: self._exchange.code != _RUNNING, _MS)
            self._take()
            if self._exchange.code == _RUNNING:  # what became of it will never be known
                self._exchange.on_line = sock.pool.late_line
                sock.die()
        if self._error is not None:
            sock.die()
        sock.over = self._before

    # as Socket's -----------------------------------------------------------------------------
    def settimeout(self, seconds):
        """As Socket.settimeout(): anything but 0 ends the stepwise life."""
        if seconds != 0:
            self.undo()
            self._sock.settimeout(seconds)

    def connect(self, address, mode=None):
        """As Socket.connect(): begins, and raises EINPROGRESS until it is done."""
        address = checked(address)
        sock = self._sock
        if sock.state == _NEW and sock.later is None and self._error is None:
            if self._channel.busy():
                self._channel.poll()
            if self._channel.busy():
                sock.later = target(sock, address, mode)
            else:
                self._connect(address, False, mode)
        else:
            self._advance(False)
        self._raise()
        if sock.state != _OPEN:
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
        if sock.over is not self:
            return sock.recv_into(buffer, n)
        if sock.engine == "host":
            from .failure import past_tls

            past_tls(sock)
        if sock.ahead_at != sock.ahead_end:
            return from_ahead(sock, buffer, n)
        self._raise()
        if sock.state not in (_OPEN, _OPENING) and sock.later is None:
            sock.check_open()
        if self._answer == -2:  # the end, and nothing is left
            if sock.ended:  # already told, or the network was lost
                raise OSError(errno.ENOTCONN, "the connection is closed")
            sock.ended = True
            return 0
        raise OSError(errno.EAGAIN, "no data yet")

    def send(self, data):
        """As Socket.send(): takes what one SOCKW can carry, EAGAIN while that is not possible."""
        sock = self._sock
        self._advance(False)
        if sock.over is not self:
            return sock.send(data)
        self._raise()
        if sock.state not in (_OPEN, _OPENING) and sock.later is None:
            sock.check_open()
        if sock.ended or sock.peer_closed:
            from .failure import closed

            closed(sock)
        n = min(len(data), len(self._out))
        if n == 0:
            return 0
        channel = self._channel
        if sock.state != _OPEN or self._what or channel.busy():
            raise OSError(errno.EAGAIN, "the module is busy")
        if sock.engine == "host" or not sock.address_on_module:
            from .failure import past_tls

            past_tls(sock)
        self._out[:n] = data if n == len(data) else memoryview(data)[:n]
        sock.started = True
        sock.wrote = -1  # as it is not the one of transfer.transmit()
        sock.pool.writer = sock
        command = b"AT+S.SOCK%sW=%s,%d\r" % (sock.verb, sock.address_on_module, n)
        channel.start(self._exchange.prepare(command, self._out, _MS, n))
        self._what = _WRITING
        while channel.writing():  # or the rest would wait for the next call
            channel.poll()
        return n

    def close(self):
        """As Socket.close(), and the module's answer is not waited for."""
        sock = self._sock
        if sock.state != _OPEN:
            sock.own_close()
            return
        sock.sink = None
        sock.pending = sock.ahead_at = sock.ahead_end = 0
        sock.ahead = sock.spill = None
        n = sock.abandon()
        sock.state = _CLOSED
        if n >= 0:
            Closing(sock.channel, sock.pool, n, b"", sock.address_on_module)

    def poll(self, events):
        """As Socket.ioctl(3, events): what is due is begun."""
        sock = self._sock
        self._advance(events & _IN)
        if sock.over is not self:
            return sock.ioctl(3, events)  # the host's TLS has taken over
        if self._error is not None:
            return events & (_IN | _OUT) | _ERR
        if sock.ahead_at != sock.ahead_end or self._answer == -2:
            ready = _IN | _OUT
        elif sock.state == _NEW and sock.later is None:
            ready = _OUT | _HUP
        elif sock.state > _OPEN:
            ready = _IN | _OUT | _HUP
        else:
            ready = 0
            if sock.state == _OPEN and not self._what and not self._channel.busy():
                ready = _OUT
        return ready & (events | _HUP)

    # steps -----------------------------------------------------------------------------------
    def _raise(self):
        error = self._error
        if error is not None:
            self._error = None
            raise error

    def _connect(self, address, later=True, mode=None):
        sock = self._sock
        sock.later = None
        try:
            connect(sock, address, mode)
        except OSError as e:
            if e.errno == errno.EAGAIN:
                sock.later = address
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
        elif sock.state == _OPENING:
            if sock.exchange.code != _RUNNING:
                self._connect(sock.address)
        elif sock.state == _NEW and not channel.busy():
            if sock.later is not None:
                self._connect(sock.later)
        if not read or self._what or sock.state != _OPEN or self._error is not None:
            return
        if sock.ahead_at != sock.ahead_end or self._answer == -2 or channel.busy():
            return
        if sock.pending:
            self._begin_read()
        elif not sock.address_on_module:
            self._answer = -2  # its place was given back: see server.py
        elif sock.peer_closed or channel.expired(sock.ask_at):
            # An indication may have been lost: the last bytes first [g.7, k.5]
            sock.ask_at = None
            sock.fresh = False
            command = b"AT+S.SOCK%sQ=%s\r" % (sock.verb, sock.address_on_module)
            channel.start(self._exchange.prepare(command, None, _MS))
            self._what = _ASKING
        elif sock.ask_at is None:
            sock.ask_at = channel.deadline(sock.pool.quiet_ms)

    def _begin_read(self):
        sock = self._sock
        if sock.engine == "host":
            from .failure import past_tls

            past_tls(sock)
        chunk = sock.pool.chunk
        if sock.ahead is None or len(sock.ahead) != chunk:
            sock.ahead = bytearray(chunk)
        sock.ahead_at = sock.ahead_end = 0
        sock.got = -1
        n = min(sock.pending, chunk)
        if n != sock.asked_for:
            prepare(sock, n)
        sock.sink = sock.ahead
        sock.ask_at = None
        self._exchange.doubt = True
        self._channel.start(self._exchange.prepare(sock.read_command, None, _MS))
        self._what = _READING

    def _on_line(self, parser):
        if self._what == _READING:
            sock = self._sock
            if sock.state == _OPEN and sock.address_on_module:
                sock.on_line(parser)
            else:  # closed meanwhile
                from ..at.reading import announced

                announced(self._channel, parser, sock.asked_for)
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
        sock.sink = None
        if sock.state != _OPEN:
            return
        if code < 0 or code == 1 or (code and what == _WRITING):
            # What of it was done is not known: this stream is over
            if code == 1:
                sock.pool.write_doubtful()
            self._fail(True)
        elif what == _READING:
            if code:
                sock.pending = 0
                sock.tries += 1
                sock.ask_at = self._channel.deadline(0)  # ask for the true count
                if sock.tries > 3:
                    self._fail(False)
            elif sock.got < 0:  # no header came
                self._channel.lose()
                self._exchange.code = _TIMED_OUT
                self._fail(True)
            else:
                sock.tries = 0
                sock.ahead_end = sock.got
        elif what == _ASKING:
            if code in (72, 78) or (code == 76 and sock.verb):
                if code == 76 and not sock.peer_closed:
                    sock.ended = True  # it has gone unheard: what it sent last may be lost
                sock.peer_closed = True
                sock.pending = 0
                self._answer = -2
            elif code:
                self._fail(code == 76)
            else:
                n = self._answer
                self._answer = -1
                if n == 0 and sock.peer_closed:
                    if sock.owed > 0:  # more was announced: ask again
                        sock.owed = 0
                    else:
                        self._answer = -2
                if n >= 0 and not (sock.fresh and sock.pending > n):
                    sock.pending = n

    def _fail(self, dead):
        if dead:
            self._sock.die()
        try:
            self._channel.check(self._exchange)
        except OSError as e:
            self._error = e
