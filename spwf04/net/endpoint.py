"""Endpoint: what TCP and UDP sockets have in common: a stream, time-outs, polling, closing.

An Endpoint holds one `stream`: a stream.Stream, a Cork or the host's TLS over a Stream, or the
server.Listener of a socket that listens. None of these waits: the Endpoint asks again until its
time-out is over. Without a stream it is new, connecting, or closed.
"""

from ..const import const

try:
    import errno
except ImportError:
    from ..errors import errno

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from typing import Any

    IOBase = object
else:
    try:
        from io import IOBase  # what select.poll() of MicroPython wants

        if hasattr(IOBase, "readline"):  # CPython's is more than a marker
            IOBase = object
    except ImportError:
        IOBase = object

NOT_WAITED = const(-1)  # deadline of a call that has not waited yet, see wait()

# With time-out 0, an answer that is on its way may take so long
_ARRIVING_MS = const(100)
_CLOSE_MS = const(5000)  # close() waits so long; the close goes on after that

_POLL = const(3)  # of ioctl()
_CLOSE = const(4)
_IN = const(1)  # of select.poll()
_OUT = const(4)
_ERR = const(8)
_HUP = const(16)


class Endpoint(IOBase):
    """A socket, TCP or UDP."""

    family = 2  # AF_INET
    type = 1  # SOCK_STREAM
    proto = 0
    engine = None  # of its TLS: "module" or "host"; None: it has no TLS
    timeout_ms = -1  # 0: never wait; -1: no limit
    address: "tuple[str, int] | None" = None  # of the peer
    bound: "tuple[str, int] | None" = None  # what bind() was given

    # For the driver's other files
    tls: "tuple | None" = None  # (SSLContext, server name as bytes or None)
    stream: "Any" = None
    connecting: "Any" = None  # task.Task of a connect() that is not over
    opening: "Any" = None  # its connect.Opening
    connect_by = None  # deadline of connect()
    deferred_address = None  # the next call connects to it, see compat/socket.py
    error = None  # of a connect() that did not wait: the next call raises it
    cork = None  # cork.Cork, once it holds small writes back
    host_tls = None  # hosttls.stream.HostTLS, if it uses that
    listening = False
    closed = False
    open_files = 0  # count of open files that makefile() made on CPython
    close_with_files = False  # closing the last of them closes the socket
    leftover: "bytes | None" = None  # read by a call that was broken off; the next returns it
    checked_view = None  # a memoryview that recv_into() has checked

    def __init__(self, pool):
        self.pool = pool
        self.channel = pool.channel

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.close()

    def __del__(self):
        # On CPython, a socket that nobody holds any more gives its id back. The other
        # interpreters do not call this, see closing.close_spent().
        stream = self.stream
        if stream is not None:
            try:
                stream.close(False)
            except ImportError:
                pass  # the interpreter itself ends

    # state ---------------------------------------------------------------------------------------
    # Methods, because with a property MicroPython looks each attribute that is set up in the class
    def is_new(self) -> bool:
        """True until connect(), listen() or close()."""
        return self.stream is None and self.connecting is None and not self.closed

    def is_open(self) -> bool:
        """True while the socket is connected or listens, as far as is known."""
        return self.stream is not None and self.stream.is_open()

    def getsockname(self) -> "tuple[str, int]":
        """Return (address, port) of this end. A bound socket returns what bind() was given. Others
        return the module's address and port 0, because the module does not tell the port."""
        check_open(self)
        if self.bound is not None and (self.stream is None or self.listening or self.type == 2):
            return self.bound
        return (self._own_address() or "0.0.0.0", 0)

    def _own_address(self):
        """The module's address, in a network of others or in its own; None for none."""
        radio = self.pool.radio
        return radio.ip if radio.isconnected() else None

    def getpeername(self) -> "tuple[str, int]":
        """Return (host, port) of the other side: what connect() was given, or accept() returned.
        OSError (ENOTCONN)."""
        if self.stream is None or self.listening:
            stream_of(self)
        return self.address  # pyright: ignore[reportReturnType]

    def bind(self, address) -> None:
        """Choose the port to listen on: address is (host, port), port 1 to 65535.

        host is "", "0.0.0.0" or the module's own address. OSError: EADDRNOTAVAIL for another host,
        EINVAL if the socket is bound or connected.
        """
        from ..arguments import address as checked

        host, port = checked(address, True)
        check_open(self)
        if not self.is_new() or self.bound is not None:
            raise OSError(errno.EINVAL, "the socket is bound, connected or connecting already")
        if host not in ("", "0.0.0.0") and host != self._own_address():
            number = getattr(errno, "EADDRNOTAVAIL", 99)  # MicroPython's errno has fewer names
            raise OSError(number, "%s is not the module's address" % host)
        self.bound = (host, port)

    # waiting -------------------------------------------------------------------------------------
    def settimeout(self, value) -> None:
        """Set the time limit of connect() as a whole, and of each call that receives or sends.

        value: seconds, up to three days; 0: never wait; None: no limit. What is on its way goes
        on.
        """
        if value is None:
            self.timeout_ms = -1
        else:
            if type(value) not in (int, float) or not (value == 0 or 0.1 < value < 9999):
                from ..checks import seconds

                value = seconds(value)
            self.timeout_ms = int(value * 1000)  # pyright: ignore[reportOptionalOperand]
        self.connect_by = None
        if self.timeout_ms == 0 and self.cork is not None:
            self.cork.flush()

    def gettimeout(self) -> "float | None":
        """Return the time limit in seconds, None if there is none."""
        return None if self.timeout_ms < 0 else self.timeout_ms / 1000

    def setblocking(self, value) -> None:
        """As settimeout(None) for value True, settimeout(0) for False."""
        if value is not None and not isinstance(value, (bool, int)):
            raise TypeError("value must be True or False, not " + type(value).__name__)
        self.settimeout(None if value else 0)

    def setsockopt(self, level, option, value) -> None:
        """Set an option. level, option, value 6, 1, 1 is TCP_NODELAY: small writes are never held
        back. Others have no effect.

        OSError (EOPNOTSUPP) for a function as value, MicroPython's option 20: the driver calls
        nothing when data arrive; use select.poll().
        """
        if not isinstance(level, int) or not isinstance(option, int):
            raise TypeError("level and option must be int")
        check_open(self)
        if callable(value):
            raise OSError(errno.EOPNOTSUPP, "sockets call no functions: use select.poll()")
        if (level, option) == (6, 1) and isinstance(value, (bool, int)) and value:
            self.cork_decided = True
            if self.cork is not None:
                self.cork.uncork()

    def ioctl(self, request, argument) -> int:
        """MicroPython's stream protocol, for select.poll() and asyncio.

        request: 3 (poll), with a mask of events as argument, or 4 (close). It never waits: it
        begins to fetch what waits in the module, and the socket is readable when that has come.
        """
        if not isinstance(request, int) or not isinstance(argument, int):
            raise TypeError("ioctl() takes two int")
        if request == _CLOSE:
            self.close()
            return 0
        if request != _POLL:
            return -22  # -EINVAL, as the protocol has it
        if self.pool.corked is not None:
            self.pool.corked.flush()
        if self.connecting is not None or self.deferred_address is not None:
            self._poll_connect()
        else:
            self.channel.poll()
        stream = self.stream
        if self.error is not None:
            return argument & (_IN | _OUT) | _ERR
        if stream is None:
            if self.connecting is not None:
                return 0
            return argument & (_IN | _OUT) | _HUP if self.closed else argument & _OUT | _HUP
        ready = 0 if stream.is_open() else _HUP
        if argument & _IN and (self.leftover is not None or stream.readable()):
            ready |= _IN
        if argument & _OUT and stream.writable():
            ready |= _OUT
        return ready

    def _poll_connect(self):
        """Go on with a connect() without waiting. The next call raises its error."""
        before = self.timeout_ms
        self.timeout_ms = 0
        try:
            stream_of(self)
        except OSError as e:
            if e.errno != errno.EAGAIN:
                self.error = e
        except ValueError as e:
            self.error = OSError(errno.EINVAL, str(e))
        finally:
            self.timeout_ms = before

    # closing -------------------------------------------------------------------------------------
    def close(self) -> None:
        """Close the socket; may be called again. Data that wait are thrown away, within a bound.
        [k.4]

        It waits up to 5 s until the module has closed. OSError if bytes that were taken could not
        be sent. With time-out 0 it does not wait: the close goes on while anything uses the radio,
        after the bytes that were taken are sent. pool.unsent counts closes where they could not be
        sent.
        """
        if self.closed:
            return
        if self.open_files:  # the last of them closes
            self.close_with_files = True
            return
        stream, self.stream = self.stream, None
        try:
            self.closed = True  # takes memory, as each name does that an object gets
            if self.connecting is not None:
                from .connect import abandon_connect

                abandon_connect(self)
            self.deferred_address = self.checked_view = self.leftover = self.error = None
            if stream is not None:
                stream.free_buffers()
                stream.close()
        except MemoryError:
            if stream is not None:
                stream.release()  # the next open closes it
            raise
        if stream is not None and self.timeout_ms:
            if self.channel.wait(stream.closed, _CLOSE_MS):
                stream.confirm()


# For the driver's files: functions, because the methods of a Socket are for programs -------------
def check_open(sock):
    """OSError (EBADF) if the socket is closed."""
    if sock.closed:
        from .failure import is_closed

        raise is_closed()


def stream_of(sock):
    """The stream of a socket that has none yet: go on with connect(), if that was begun. OSError
    (ENOTCONN, EBADF, and what connect() raises)."""
    if sock.deferred_address is not None:
        from .connect import begin

        address, sock.deferred_address = sock.deferred_address, None
        begin(sock, address)
    if sock.connecting is not None or sock.error is not None:
        from .connect import continue_connect

        continue_connect(sock, errno.EAGAIN)
        return sock.stream
    check_open(sock)
    raise OSError(errno.ENOTCONN, "the socket is not connected")


def wait(sock, deadline):
    """One step of waiting for the stream; return the deadline of the call.

    deadline: as the last step returned it, NOT_WAITED in the first step. OSError (ETIMEDOUT, or
    EAGAIN with time-out 0) once it has come: what is on its way goes into the read-ahead.
    """
    channel = sock.channel
    stream = sock.stream
    if stream is None:  # closed by a function of the program that was called meanwhile
        stream = stream_of(sock)
    timeout_ms = sock.timeout_ms
    if deadline == NOT_WAITED:
        corked = sock.pool.corked
        if corked is not None and corked is not sock.cork:
            corked.flush()
        deadline = None if timeout_ms < 0 else channel.deadline(timeout_ms or _ARRIVING_MS)
    if channel.expired(deadline) or (not timeout_ms and not stream.arriving()):
        if stream.free_buffers():
            if not timeout_ms:
                raise OSError(errno.EAGAIN, "nothing has arrived yet")
            words = "nothing arrived in time"
            if stream.arriving():
                # A read or a write is late, SOCKR, SOCKDR, SOCKW or SOCKDW; the driver's own
                # question may have just been asked
                asked = channel.exchange
                if asked is not None and (b"R=" in asked.command or b"W=" in asked.command):
                    from ..at.failure import late

                    words = late(channel.parser.remaining)
            elif channel.busy():
                words = "the module was busy with a command"
            raise OSError(errno.ETIMEDOUT, words)
    try:
        channel.step()
    except:  # Ctrl-C: the driver uses the caller's memory no more
        stream.interrupted()
        raise
    return deadline
