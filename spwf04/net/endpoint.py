"""Endpoint: what TCP and UDP sockets have in common: a stream, time-outs, polling, closing.

What it is over is its `stream`: a stream.Stream, or a Cork or the host's TLS over one, or, for a
socket that listens, a server.Listener. None of these waits. An Endpoint waits, as its time-out
says, by asking again. Without a stream it is new, connecting (`opening`), or closed.
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

        if hasattr(IOBase, "readline"):  # CPython's does more than give a name
            IOBase = object
    except ImportError:
        IOBase = object

# A call that must not wait takes an answer that is on its way, within this: the bytes of a read
# whose arrival was announced, for one
_ARRIVING_MS = const(100)
_CLOSE_MS = const(5000)  # a close is waited for; it goes on after that

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
    engine = None  # whose TLS it uses: "module" or "host"; None: none
    timeout_ms = -1  # -1: wait as long as the module answers
    address: "tuple[str, int] | None" = None  # of the other side, or, of one that listens, its own

    # for the driver's other files
    tls: "tuple | None" = None  # (SSLContext, server name as bytes or None)
    stream: "Any" = None
    opening: "Any" = None  # task.Task of a connect() that is not over
    attempt: "Any" = None  # connect.Opening: what it has come to
    connect_by = None  # when connect() must be over
    later = None  # address to connect to at the next call, see compat/socket.py
    error = None  # of a connect() that was not waited for: for the next call
    cork = None  # cork.Cork, once it holds small writes back
    host_tls = None  # the host's TLS
    listening = False
    closed = False
    open_files = 0  # that makefile() made on CPython, and that are open
    left_to_files = False  # the last of them closes the connection
    gathered: "bytes | None" = None  # by a read whose time was over, for the next
    view = None  # the memoryview that was found fit to be read into

    def __init__(self, pool):
        self.pool = pool
        self.channel = pool.channel

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.close()

    def __del__(self):
        # On CPython, a socket that nobody holds any more gives its number back. The other
        # interpreters do not call this, see closing.give_up_spent().
        stream = self.stream
        if stream is not None:
            try:
                stream.close(False)
            except ImportError:
                pass  # the interpreter itself ends

    # what it is ----------------------------------------------------------------------------------
    # No properties: with one, MicroPython looks up each attribute that is set in the class as well
    def is_new(self) -> bool:
        """True while it is neither connected nor connecting, does not listen and is not closed."""
        return self.stream is None and self.opening is None and not self.closed

    def is_open(self) -> bool:
        """True while it is connected or listens, as far as we know."""
        return self.stream is not None and self.stream.is_open()

    def getsockname(self) -> "tuple[str, int]":
        """(address, port) of this end: of a socket that listens, as bind() got it, else the
        module's address and 0: the module does not tell the port."""
        self.check_closed()
        if self.address is not None and (self.stream is None or self.listening):
            return self.address
        return (self.pool.radio.ipv4_address or "0.0.0.0", 0)

    def getpeername(self) -> "tuple[str, int]":
        """(host, port) of the other side, as connect() got it, or accept() gave it; ENOTCONN."""
        if self.stream is None or self.address is None:
            self.connected()
        return self.address  # pyright: ignore[reportReturnType]

    def check_closed(self):
        """OSError (EBADF) if it is closed."""
        if self.closed:
            raise OSError(getattr(errno, "EBADF", 9), "the socket is closed")

    # connecting ----------------------------------------------------------------------------------
    def go_on(self, number):
        """Go on with a connect(); OSError with `number` while it is not over and must not wait."""
        error = self.error
        if error is not None:
            self.error = None
            raise error
        if self.connect_by is None:
            self.connect_by = self.deadline()
        opening = self.opening
        self.attempt.wanted()
        try:
            over = opening.poll()
            while not over and self.timeout_ms:
                if self.channel.expired(self.connect_by):
                    raise OSError(errno.ETIMEDOUT, "connect() timed out")
                self.channel.clock.idle()
                over = opening.poll()
        except Exception:
            self.give_up()
            raise
        except:  # Ctrl-C
            self.give_up()
            self.channel.interrupted()
            raise
        self.check_closed()  # by a function that was called meanwhile
        self.connect_by = None
        self.attempt.wanted()
        if not over or self.stream is None:  # None: this is a call from within connect()
            raise OSError(number, "connect() is not over yet")
        self.opening = self.attempt = None

    def give_up(self):
        """The connection that was begun is nobody's: it will be closed."""
        opening, self.opening = self.opening, None
        self.connect_by = self.attempt = None
        if opening is not None:
            opening.close()

    def connected(self):
        """The stream of a socket that has none yet: connect first, if that was begun."""
        if self.later is not None:
            address = self.later
            self.later = None
            from .connect import begin

            begin(self, address)
        if self.opening is not None or self.error is not None:
            self.go_on(errno.EAGAIN)
            return self.stream
        self.check_closed()
        raise OSError(errno.ENOTCONN, "the socket is not connected")

    def bind(self, address) -> None:
        """Choose the port to listen on: address is (host, port), port 1..65535.

        The module listens on its only address: host must be "", "0.0.0.0" or that one, else
        EADDRNOTAVAIL.
        """
        from ..arguments import address as checked

        host, port = checked(address, True)
        self.check_closed()
        if not self.is_new() or self.address is not None:
            raise OSError(errno.EINVAL, "the socket is bound, connected or connecting already")
        if host not in ("", "0.0.0.0") and host != self.pool.radio.ipv4_address:
            number = getattr(errno, "EADDRNOTAVAIL", 99)  # MicroPython's errno has fewer names
            raise OSError(number, "%s is not the module's address" % host)
        self.address = (host, port)

    def left(self, seconds):
        """The seconds that connect() has left for something else than SOCKON, at most `seconds`.
        A socket that has no time limit, or must not wait, has `seconds`."""
        if self.timeout_ms <= 0 or self.connect_by is None:
            return seconds
        return max(0.01, min(seconds, self.channel.left(self.connect_by) / 1000))

    # waiting -------------------------------------------------------------------------------------
    def settimeout(self, value) -> None:
        """Time limit in seconds, of a connect() as a whole, of each receive and each send; None:
        none, 0: never wait. Whatever is on its way goes on."""
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
        """The time limit in seconds, None if there is none."""
        return None if self.timeout_ms < 0 else self.timeout_ms / 1000

    def setblocking(self, value) -> None:
        """setblocking(True) is settimeout(None), setblocking(False) is settimeout(0)."""
        if value is not None and not isinstance(value, (bool, int)):
            raise TypeError("value must be True or False, not " + type(value).__name__)
        self.settimeout(None if value else 0)

    def setsockopt(self, level, option, value) -> None:
        """TCP_NODELAY (6, 1): never hold small writes back, see cork.py; else without effect.

        OSError (EOPNOTSUPP) for a function to be called when something arrives, option 20 of
        MicroPython's sockets: nothing runs behind a program's back here, use select.poll().
        """
        if not isinstance(level, int) or not isinstance(option, int):
            raise TypeError("level and option must be int")
        self.check_closed()
        if callable(value):
            raise OSError(errno.EOPNOTSUPP, "sockets call no functions: use select.poll()")
        if (level, option) == (6, 1) and isinstance(value, (bool, int)) and value:
            self.started = True
            if self.cork is not None:
                self.cork.end()

    def deadline(self):
        """When a call that begins now must be over, for ATChannel.expired()."""
        return None if self.timeout_ms < 0 else self.channel.deadline(self.timeout_ms)

    def wait(self, deadline):
        """One step of waiting; deadline: of the call, -1 if it has not waited yet. Returns the
        deadline. ETIMEDOUT or EAGAIN when it has come: nothing that is on its way is lost."""
        channel = self.channel
        stream = self.stream
        if stream is None:  # closed by a function that was called meanwhile
            stream = self.connected()
        if deadline == -1:
            holds = self.pool.holds
            if holds is not None and holds is not self.cork:
                holds.flush()
            deadline = channel.deadline(_ARRIVING_MS) if not self.timeout_ms else self.deadline()
        if channel.expired(deadline) or (not self.timeout_ms and not stream.arriving()):
            if stream.stop():
                if self.timeout_ms:
                    words = "nothing arrived in time"
                    if stream.arriving():
                        words = "the module did not answer in time"
                    elif channel.busy():
                        words = "the module was busy with another command"
                    raise OSError(errno.ETIMEDOUT, words)
                raise OSError(errno.EAGAIN, "nothing has arrived yet")
        try:
            channel.step()
        except:  # Ctrl-C: the memory that is read into or written from is its owner's again
            channel.interrupted()
            stream.interrupted()
            raise
        return deadline

    def ioctl(self, request, argument) -> int:
        """MicroPython's stream protocol, for select.poll() and asyncio: 3 (poll) with a mask of
        events, 4 (close). It never waits: what waits in the module is fetched, and readable is
        what has come."""
        if not isinstance(request, int) or not isinstance(argument, int):
            raise TypeError("ioctl() takes two int")
        if request == _CLOSE:
            self.close()
            return 0
        if request != _POLL:
            return -22
        if self.pool.holds is not None:
            self.pool.holds.flush()
        if self.opening is not None or self.later is not None:
            self._poll_opening()
        else:
            self.channel.poll()
        stream = self.stream
        if self.error is not None:
            return argument & (_IN | _OUT) | _ERR
        if stream is None:
            if self.opening is not None:
                return 0
            return argument & (_IN | _OUT) | _HUP if self.closed else argument & _OUT | _HUP
        ready = 0 if stream.is_open() else _HUP
        if argument & _IN and (self.gathered is not None or stream.readable()):
            ready |= _IN
        if argument & _OUT and stream.writable():
            ready |= _OUT
        return ready

    def _poll_opening(self):
        """Go on with a connect() without waiting; its error is for the next call."""
        before = self.timeout_ms
        self.timeout_ms = 0
        try:
            self.connected()
        except OSError as e:
            if e.errno != errno.EAGAIN:
                self.error = e
        except ValueError as e:
            self.error = OSError(errno.EINVAL, str(e))
        finally:
            self.timeout_ms = before

    # closing -------------------------------------------------------------------------------------
    def close(self) -> None:
        """Close; may be called again. Data that wait are thrown away, within a bound. [k.4]

        It waits until the module has closed, for 5 s at most; OSError if bytes that were taken
        could not be sent. With time-out 0 it does not wait: what was taken is sent, and the rest
        of the close done, as long as anything uses the radio; pool.unsent counts what could not.
        """
        if self.closed:
            return
        if self.open_files:  # the last of them closes
            self.left_to_files = True
            return
        self.closed = True
        self.give_up()
        self.later = self.view = self.gathered = self.error = None
        stream, self.stream = self.stream, None
        if stream is not None:
            stream.stop()  # or what is on its way would go into a buffer that is not ours any more
            stream.close()
            if self.timeout_ms and self.channel.wait(stream.closed, _CLOSE_MS):
                stream.confirm()
