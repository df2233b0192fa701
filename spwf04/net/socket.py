"""Socket: a TCP or TLS client, a listening socket, or a server's client, over one stream.

What it is over is its `stream`: a stream.Stream, or a Cork or the host's TLS over one, or, for a
socket that listens, a server.Listener. None of these waits. A Socket waits, as its time-out says,
by asking again. Without a stream it is new, connecting (`opening`), or closed.
"""

from ..const import const

try:
    import errno
except ImportError:
    from ..errors import errno

import sys

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    IOBase = object
else:
    try:
        from io import IOBase  # what select.poll() of MicroPython wants

        if hasattr(IOBase, "readline"):  # CPython's does more than give a name
            IOBase = object
    except ImportError:
        IOBase = object

_MOST = const(4096)  # bytes of one recv(): memory is not taken for more before they are there
_PART = const(512)  # of a read() up to the end
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


class Socket(IOBase):
    """A TCP or, after SSLContext.wrap_socket(), TLS socket; made by SocketPool.socket().

    Blocking until settimeout() or setblocking() says otherwise. All errors are OSError:
    ETIMEDOUT, EAGAIN (time-out 0), ENOTCONN (was never connected), ECONNRESET (the other side, the
    network or the module broke the connection off), EBADF (closed), ECONNREFUSED, EHOSTUNREACH,
    ENOMEM (all eight in use). TypeError and ValueError name an argument, before anything is sent.
    """

    family = 2  # AF_INET
    type = 1  # SOCK_STREAM
    proto = 0
    engine = None  # whose TLS it uses: "module" or "host"; None: none
    timeout_ms = -1  # -1: wait as long as the module answers
    address: "tuple[str, int] | None" = None  # of the other side, or, of one that listens, its own

    # for the driver's other files
    tls: "tuple | None" = None  # (SSLContext, server name as bytes or None)
    stream = None
    opening = None  # task.Task of a connect() that is not over
    attempt = None  # connect.Opening: what it has come to
    connect_by = None  # when connect() must be over
    later = None  # address to connect to at the next call, see compat/socket.py
    error = None  # of a connect() that was not waited for: for the next call
    started = False  # something was sent, or nothing is ever held back
    holder = None  # cork.Cork, once it holds small writes back
    secure = None  # the host's TLS
    files = 0  # that makefile() made on CPython, and that are open
    left_to_files = False  # the last of them closes the connection
    listening = False
    served = False  # it is a client's end at a server
    # recv_into() raises after it has told the end of the stream, as libraries expect it that know
    # CircuitPython's sockets. MicroPython's say 0 for good.
    end_raises = sys.implementation.name != "micropython"
    _told = False  # the end
    _closed = False
    _view = None  # the memoryview that was found fit to be read into, see payload.py

    def __init__(self, pool, stream=None):
        self.pool = pool
        self.channel = pool.channel
        if stream is not None:  # of a server's client
            self.stream = stream
            self.served = True
            self.address = stream.address
            self.started = True  # no client of HTTP or MQTT: nothing is held back

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

    # opening ---------------------------------------------------------------------------------
    def connect(self, address, mode=None) -> None:
        """Connect to (host, port): host is a name or IPv4 address as str, port 1..65535.

        For TLS the module verifies the server's chain and name here: CertificateError says what
        is missing. With time-out 0 it starts and raises EINPROGRESS; the next call goes on, with
        whatever time-out there is then. mode: radio.TLS_MODE makes it a TLS socket, as drivers
        without an ssl module have it.
        """
        from .connect import begin

        if self._closed:
            self._connected()
        if self.timeout_ms == 0 and self.is_open() and not self.listening:
            return  # it has come about
        if self.opening is None:
            begin(self, address, mode)
        self._go_on(errno.EINPROGRESS)

    def _go_on(self, number):
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
                    raise OSError(errno.ETIMEDOUT, "connect timed out")
                self.channel.clock.idle()
                over = opening.poll()
        except Exception:
            self.give_up()
            raise
        except:  # Ctrl-C
            self.give_up()
            self.channel.interrupted()
            raise
        self.connect_by = None
        self.attempt.wanted()
        if not over:
            raise OSError(number, "connecting")
        self.opening = None

    def give_up(self):
        """The connection that was begun is nobody's: it will be closed."""
        opening, self.opening = self.opening, None
        self.connect_by = None
        if opening is not None:
            opening.close()

    def _connected(self):
        """The stream of a socket that has none yet: connect first, if that was begun."""
        if self.later is not None:
            address = self.later
            self.later = None
            from .connect import begin

            begin(self, address)
        if self.opening is not None or self.error is not None:
            self._go_on(errno.EAGAIN)
            return self.stream
        if self._closed:
            raise OSError(getattr(errno, "EBADF", 9), "the socket is closed")
        raise OSError(errno.ENOTCONN, "not connected")

    def bind(self, address) -> None:
        """Choose the port to listen on: address is (host, port), port 1..65535.

        The module listens on its only address: host must be "", "0.0.0.0" or that one, else
        EADDRNOTAVAIL.
        """
        from ..arguments import address as checked

        host, port = checked(address, True)
        if self._closed:
            self._connected()
        if not self.is_new() or self.address is not None:
            raise OSError(errno.EINVAL, "already bound or connected")
        if host not in ("", "0.0.0.0") and host != self.pool.radio.ipv4_address:
            number = getattr(errno, "EADDRNOTAVAIL", 99)  # MicroPython's errno has fewer names
            raise OSError(number, "%s is not the module's address" % host)
        self.address = (host, port)

    def listen(self, backlog=8) -> None:
        """Listen. backlog has no effect: as many clients wait for accept() as the module has
        places, eight with those that were accepted."""
        if not isinstance(backlog, int):
            raise TypeError("backlog must be an int, not " + type(backlog).__name__)
        if self._closed:
            self._connected()
        if not self.is_new() or self.address is None:
            raise OSError(errno.EINVAL, "bind() first")
        self.pool.serve(self)

    def accept(self) -> "tuple[Socket, tuple[str, int]]":
        """Take the next client: (its socket, (address, port)).

        Waits as settimeout() says: EAGAIN (0), ETIMEDOUT. ECONNRESET if the module restarted. A
        client that has gone again is passed over, unless it has sent something.
        """
        if not self.listening and not self._closed:
            raise OSError(errno.EINVAL, "listen() first")
        listener = self.stream
        if listener is None:
            listener = self._connected()
        deadline = -1
        while True:
            stream = listener.take()
            if stream is not None:
                client = Socket(self.pool, stream)
                client.engine = None if self.tls is None else "module"
                return client, stream.address
            deadline = self._wait(deadline)

    # No property: with one, MicroPython looks up each attribute that is set in the class as well
    def is_new(self) -> bool:
        """True while it is neither connected nor connecting, does not listen and is not closed."""
        return self.stream is None and self.opening is None and not self._closed

    def is_open(self) -> bool:
        """True while it is connected or listens, as far as we know."""
        return self.stream is not None and self.stream.is_open()

    def left(self, seconds):
        """The seconds that connect() has left for something else than SOCKON, at most `seconds`.
        A socket that has no time limit, or must not wait, has `seconds`."""
        if self.timeout_ms <= 0 or self.connect_by is None:
            return seconds
        return max(0.01, min(seconds, self.channel.left(self.connect_by) / 1000))

    def deadline(self):
        """When a call that begins now must be over, for ATChannel.expired()."""
        return None if self.timeout_ms < 0 else self.channel.deadline(self.timeout_ms)

    def _wait(self, deadline):
        """One step of waiting; deadline: of the call, -1 if it has not waited yet. Returns the
        deadline. ETIMEDOUT or EAGAIN when it has come: nothing that is on its way is lost."""
        channel = self.channel
        if deadline == -1:
            holds = self.pool.holds
            if holds is not None and holds is not self.holder:
                holds.flush()
            deadline = channel.deadline(_ARRIVING_MS) if not self.timeout_ms else self.deadline()
        if channel.expired(deadline) or (not self.timeout_ms and not self.stream.arriving()):
            if self.stream.stop():
                if self.timeout_ms:
                    words = "no data in time"
                    if self.stream.arriving():
                        words = "the module has not answered in time"
                    elif channel.busy():
                        words = "the module was busy with another command"
                    raise OSError(errno.ETIMEDOUT, words)
                raise OSError(errno.EAGAIN, "nothing yet")
        try:
            channel.step()
        except:  # Ctrl-C: the memory that is read into or written from is its owner's again
            channel.interrupted()
            self.stream.interrupted()
            raise
        return deadline

    # receiving -------------------------------------------------------------------------------
    def recv_into(self, buffer, nbytes=0, flags=0) -> int:
        """Receive up to nbytes (0: as many as fit) into buffer and return how many.

        buffer: bytearray, or whatever is writable: memoryview, array; its length is counted in
        bytes. At least one byte, unless the stream has ended: 0, on CircuitPython and CPython
        once; after that, as their libraries expect it, ECONNRESET, or ENOTCONN with time-out 0.
        Waits as settimeout() says. No command if the bytes are here already, else one SOCKR, when
        an indication has announced them. Allocates nothing in the steady state.
        """
        if (
            (type(buffer) is not bytearray and (buffer is not self._view or buffer is None))
            or type(nbytes) is not int
            or nbytes < 0
            or flags
        ):
            return self._otherwise(buffer, nbytes, flags)
        stream = self.stream
        if stream is None:
            stream = self._connected()
        n = len(buffer)
        if 0 < nbytes < n:
            n = nbytes
        deadline = -1
        while n:
            got = stream.read(buffer, n)
            if got:
                return got
            if got is None:
                deadline = self._wait(deadline)
            else:
                break
        return self._end() if n else 0

    def _otherwise(self, buffer, nbytes, flags):
        """recv_into() for a buffer that is not a bytearray, or arguments that must be looked at.

        A memoryview that was found fit is remembered: a loop passes it again, and allocates
        nothing.
        """
        n = nbytes
        view = buffer
        if (
            type(buffer) is not memoryview
            or type(nbytes) is not int
            or nbytes < 0
            or flags
            or not _fit(buffer)
        ):
            from ..checks import no_flags, size
            from ..payload import fill, writable

            no_flags(flags)
            n = size(nbytes)
            view = writable(buffer)
            if view is None:  # of items that are no bytes
                part = bytearray(min(n or 4096, len(bytes(memoryview(buffer))), 4096))
                n = self.recv_into(part)
                fill(buffer, part, n)
                return n
        before = self._view
        self._view = view
        try:
            return self.recv_into(view, n)
        finally:
            if hasattr(view, "release"):
                self._view = before  # CPython: or the memory below it cannot change its size

    def _end(self):
        """What recv_into() says at the end of the stream."""
        if self._told and self.end_raises:
            if self.timeout_ms == 0:
                raise OSError(errno.ENOTCONN, "the connection is closed")
            raise OSError(errno.ECONNRESET, "the other side has closed the connection")
        self._told = True
        return 0

    def recv(self, size, flags=0) -> bytes:
        """Receive up to size bytes and return them, at most 4096 at once; b"" at the end of the
        stream. flags: 0; OSError (EOPNOTSUPP) for others."""
        if type(size) is not int or size < 0 or flags:
            from ..checks import no_flags
            from ..checks import size as checked

            no_flags(flags)
            size = checked(size, "size")
        size = min(size, _MOST)
        buffer = bytearray(size)
        self._told = False
        n = self.recv_into(buffer)
        return bytes(buffer) if n == size else bytes(memoryview(buffer)[:n])

    def readinto(self, buffer, nbytes=-1) -> "int | None":
        """Read into buffer until it is full, or nbytes are there, and return how many.

        Fewer at the end of the stream, 0 when nothing is left. Non-blocking: what is there, None
        if nothing is.
        """
        if type(buffer) is not bytearray or type(nbytes) is not int:
            from ..checks import size
            from ..payload import writable

            nbytes = size(nbytes, "nbytes", -1)
            view = writable(buffer)
            if view is None:  # of items that are no bytes: as many as come at once
                return self._some(buffer, max(0, nbytes))
            buffer = view
        n = len(buffer)
        if 0 <= nbytes < n:
            n = nbytes
        got = self._some(buffer, n) if n else 0
        if not got or got == n:
            return got
        rest = memoryview(buffer)[:n]
        while got < n:
            more = self._some(rest[got:], 0)
            if not more:
                break
            got += more
        return got

    def _some(self, buffer, n):
        """As recv_into(); None instead of EAGAIN, 0 for good at the end of the stream."""
        self._told = False
        try:
            return self.recv_into(buffer, n)
        except OSError as e:
            if e.errno == errno.EAGAIN:
                return None
            raise

    def read(self, nbytes=-1) -> "bytes | None":
        """Read nbytes, or everything up to the end of the stream (-1), and return them as bytes.

        Fewer at the end. Non-blocking: what is there, None if nothing is.
        """
        if nbytes is None:
            nbytes = -1
        if type(nbytes) is not int:
            from ..checks import size

            nbytes = size(nbytes)
        if nbytes == 0:
            return b""
        data = bytearray()
        part = bytearray(nbytes if 0 < nbytes < _PART else _PART)
        while nbytes < 0 or len(data) < nbytes:
            want = len(part) if nbytes < 0 else min(len(part), nbytes - len(data))
            n = self._some(part, want)
            if not n:
                if n is None and not data:
                    return None
                break
            data.extend(part if n == len(part) else memoryview(part)[:n])
        return bytes(data)

    def readline(self, nbytes=-1) -> "bytes | None":
        """Read up to and with the next LF, to the end of the stream, or nbytes, and return it as
        bytes. Non-blocking: what is there, None if nothing is."""
        if nbytes is None:
            nbytes = -1
        if type(nbytes) is not int:
            from ..checks import size

            nbytes = size(nbytes, "nbytes", -1)
        data = bytearray()
        one = bytearray(1)
        while nbytes < 0 or len(data) < nbytes:
            n = self._some(one, 1)
            if not n:
                return None if n is None and not data else bytes(data)
            data.extend(one)
            if one[0] == 10:
                break
        return bytes(data)

    # sending ---------------------------------------------------------------------------------
    def send(self, data, flags=0) -> int:
        """Send all of data (bytes-like; on MicroPython also str, as UTF-8) and return its length
        in bytes: one SOCKW per `pool.chunk` bytes. flags: 0; OSError (EOPNOTSUPP) for others.

        With time-out 0 it takes what fits into a buffer of 1024 bytes, and sends it when the line
        is free, even after close(), as long as anything uses the radio: returns how many bytes,
        EAGAIN if there is no room for one.

        An SOCKW that fails is never sent again, because its data might have gone out: the
        connection is over and the error raised, by the next call if this one did not wait. [k.1,
        g.4] Allocates nothing in the steady state for bytes and bytearray; all else is copied.
        """
        if flags:
            from ..checks import no_flags

            no_flags(flags)
        if type(data) is not bytes and type(data) is not bytearray:
            from ..payload import payload

            data = payload(data)
        stream = self.stream
        if stream is None:
            stream = self._connected()
        copy = self.timeout_ms == 0
        total = len(data)
        if not self.started and total:
            self.started = True
            if not copy and data[0] in b"GPHDO\x10" and bytes(data[-4:]) != b"\r\n\r\n":
                # an HTTP request or an MQTT packet, perhaps, and not whole
                try:
                    from .cork import begin

                    begin(self, data)
                    stream = self.stream
                except ImportError:
                    pass  # it is not on this board: each write is a command
        at = 0
        deadline = -1
        while at < total:
            n = stream.write(data, at, copy)
            if n:
                at += n
            elif not copy:
                deadline = self._wait(deadline)
            elif at:
                return at
            else:
                raise OSError(errno.EAGAIN, "no room for more")
        while not copy and not stream.sent():
            deadline = self._wait(deadline)
        return total

    def sendall(self, data, flags=0) -> None:
        """As send(), and returns None. With time-out 0: OSError (EAGAIN) if not all was taken."""
        if flags:
            from ..checks import no_flags

            no_flags(flags)
        if type(data) is not bytes and type(data) is not bytearray:
            from ..payload import payload

            data = payload(data)
        n = self.send(data)
        if n < len(data):
            raise OSError(errno.EAGAIN, "only %d of %d bytes were taken" % (n, len(data)))

    def write(self, data, nbytes=-1, length=None) -> "int | None":
        """As send(), of the first nbytes of data; with length: of so many from byte nbytes on.
        str is sent as UTF-8, on all interpreters, because libraries write it. None instead of
        EAGAIN."""
        if type(data) is str:
            try:
                data = data.encode()
            except ValueError:
                pass  # which shows it: payload() says what is wrong
        if type(data) is not bytes and type(data) is not bytearray:
            from ..payload import payload

            data = payload(data, text=True)
        if type(nbytes) is not int or length is not None:
            from ..checks import size

            nbytes = size(nbytes, "nbytes", -1)
            if length is not None:
                data = memoryview(data)[max(0, nbytes) :]
                nbytes = size(length, "length", -1)
                data = bytes(data)
        if 0 <= nbytes < len(data):
            data = data[:nbytes]
        try:
            return self.send(data)
        except OSError as e:
            if e.errno != errno.EAGAIN:
                raise
            return None

    # the rest --------------------------------------------------------------------------------
    def makefile(self, mode="rb", buffering=-1, encoding="utf-8", errors=None, newline=None):
        """Return a file object over the socket; mode: of r, w, b. Closing it leaves the socket
        open. Closing the socket leaves the connection to it, on CPython. On MicroPython and
        CircuitPython it is the socket itself, and binary."""
        import io

        if not isinstance(mode, str):
            raise TypeError("mode must be str, not " + type(mode).__name__)
        if not mode or not all([c in "rwb+" for c in mode]):
            raise ValueError("mode is of r, w, b")
        if not hasattr(io, "RawIOBase"):
            if "b" not in mode:
                raise ValueError("only binary modes here")
            return self
        from .makefile import file

        return file(self, mode, buffering, encoding, errors, newline)

    def settimeout(self, value) -> None:
        """Time limit in seconds, of a connect() as a whole, of each receive and each send; None:
        none, 0: never wait. Whatever is on its way goes on."""
        if value is None:
            self.timeout_ms = -1
        else:
            if type(value) not in (int, float) or not (value == 0 or 0.1 < value < 9999):
                from ..checks import seconds

                value = seconds(value)
            self.timeout_ms = int(value * 1000)
        self.connect_by = None
        if self.timeout_ms == 0 and self.holder is not None:
            self.holder.flush()

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
        if self._closed:
            self._connected()
        if callable(value):
            raise OSError(errno.EOPNOTSUPP, "no function is called here: use select.poll()")
        if (level, option) == (6, 1) and isinstance(value, (bool, int)) and value:
            self.started = True
            if self.holder is not None:
                self.holder.end()

    def getsockname(self) -> "tuple[str, int]":
        """(address, port) of this end: of a socket that listens, as bind() got it, else the
        module's address and 0: the module does not tell the port."""
        if self._closed:
            self._connected()
        if self.address is not None and (self.stream is None or self.listening):
            return self.address
        return (self.pool.radio.ipv4_address or "0.0.0.0", 0)

    def getpeername(self) -> "tuple[str, int]":
        """(host, port) of the other side, as connect() got it, or accept() gave it; ENOTCONN."""
        if self.stream is None or self.address is None:
            self._connected()
        return self.address  # pyright: ignore[reportReturnType]

    def version(self) -> "str | None":
        """The TLS version of an open TLS socket as str, else None. The module has 1.2. [h.9]"""
        if self.secure is not None:
            return self.secure.version()
        return "TLSv1.2" if self.engine is not None and self.is_open() else None

    def cipher(self) -> "tuple | None":
        """(name, version, bits) of an open TLS socket as far as known, else None.

        The module does not tell; the host's TLS does.
        """
        return self.secure.cipher() if self.secure is not None else None

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
            return argument & (_IN | _OUT) | _HUP if self._closed else argument & _OUT | _HUP
        ready = 0 if stream.is_open() else _HUP
        if argument & _IN and stream.readable():
            ready |= _IN
        if argument & _OUT and stream.writable():
            ready |= _OUT
        return ready

    def _poll_opening(self):
        """Go on with a connect() without waiting; its error is for the next call."""
        before = self.timeout_ms
        self.timeout_ms = 0
        try:
            self._connected()
        except OSError as e:
            if e.errno != errno.EAGAIN:
                self.error = e
        except ValueError as e:
            self.error = OSError(errno.EINVAL, str(e))
        finally:
            self.timeout_ms = before

    def close(self) -> None:
        """Close; may be called again. Data that wait are thrown away, within a bound. [k.4]

        It waits until the module has closed, for 5 s at most; OSError if bytes that were taken
        could not be sent. With time-out 0 it does not wait: what was taken is sent, and the rest of
        the close done, as long as anything uses the radio; pool.unsent counts what could not.
        """
        if self._closed:
            return
        if self.files:  # the last of them closes
            self.left_to_files = True
            return
        self._closed = True
        self.give_up()
        self.later = self._view = self.error = None
        stream, self.stream = self.stream, None
        if stream is not None:
            stream.close()
            if self.timeout_ms and self.channel.wait(stream.closed, _CLOSE_MS):
                stream.confirm()


def _fit(view):
    """True for a memoryview of bytes that can be written: for these no other file is loaded."""
    try:
        view[:1] = view[:1]  # raises for what cannot be written
        return getattr(view, "format", "B") == "B" and len(bytes(view[:1])) < 2
    except (TypeError, NotImplementedError):
        return False
