"""Socket: a TCP or TLS client, a listening socket, or a server's client."""

import sys

from ..const import const
from .endpoint import Endpoint

try:
    import errno
except ImportError:
    from ..errors import errno

_MOST = const(4096)  # bytes of one recv(): memory is not taken for more before they are there
_PART = const(512)  # of a read() up to the end


class Socket(Endpoint):
    """A TCP or, after SSLContext.wrap_socket(), TLS socket; made by SocketPool.socket().

    Blocking until settimeout() or setblocking() says otherwise. All errors are OSError:
    ETIMEDOUT, EAGAIN (time-out 0), ENOTCONN (was never connected), ECONNRESET (the other side, the
    network or the module broke the connection off), EBADF (closed), ECONNREFUSED, EHOSTUNREACH,
    ENOMEM (all eight in use). TypeError and ValueError name an argument, before anything is sent.
    """

    started = False  # something was sent, or nothing is ever held back
    served = False  # it is a client's end at a server
    # recv_into() raises after it has told the end of the stream, as libraries expect it that know
    # CircuitPython's sockets. MicroPython's say 0 for good.
    end_raises = sys.implementation.name != "micropython"
    _told = False  # the end

    def __init__(self, pool, stream=None):
        Endpoint.__init__(self, pool)
        if stream is not None:  # of a server's client
            self.stream = stream
            self.served = True
            self.address = stream.address
            self.started = True  # no client of HTTP or MQTT: nothing is held back

    # opening ---------------------------------------------------------------------------------
    def connect(self, address, mode=None) -> None:
        """Connect to (host, port): host is a name or IPv4 address as str, port 1..65535.

        For TLS the module verifies the server's chain and name here: CertificateError says what
        is missing. With time-out 0 it starts and raises EINPROGRESS; the next call goes on, with
        whatever time-out there is then. mode: radio.TLS_MODE makes it a TLS socket, as drivers
        without an ssl module have it.
        """
        from .connect import begin

        self.check_closed()
        if self.timeout_ms == 0 and self.is_open() and not self.listening:
            return  # it has come about
        if self.opening is None and self.error is None:
            begin(self, address, mode)
        self.go_on(errno.EINPROGRESS)

    def listen(self, backlog=8) -> None:
        """Listen. backlog has no effect: as many clients wait for accept() as the module has
        places, eight with those that were accepted."""
        if not isinstance(backlog, int):
            raise TypeError("backlog must be an int, not " + type(backlog).__name__)
        self.check_closed()
        if not self.is_new() or self.address is None:
            raise OSError(
                errno.EINVAL,
                "the socket is not bound, or no longer new: bind() comes before listen()",
            )
        self.pool.serve(self)

    def accept(self) -> "tuple[Socket, tuple[str, int]]":
        """Take the next client: (its socket, (address, port)).

        Waits as settimeout() says: EAGAIN (0), ETIMEDOUT. ECONNRESET if the module restarted. A
        client that has gone again is passed over, unless it has sent something.
        """
        if not self.listening and not self.closed:
            raise OSError(
                errno.EINVAL, "the socket does not listen: listen() comes before accept()"
            )
        listener = self.stream
        if listener is None:
            listener = self.connected()
        deadline = -1
        while True:
            stream = listener.take(self.timeout_ms != 0)
            if stream is not None:
                client = Socket(self.pool, stream)
                client.engine = None if self.tls is None else "module"
                client.end_raises = self.end_raises
                return client, stream.address
            deadline = self.wait(deadline)

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
            (type(buffer) is not bytearray and (buffer is not self.view or buffer is None))
            or type(nbytes) is not int
            or nbytes < 0
            or type(flags) is not int
            or flags
        ):
            return self._otherwise(buffer, nbytes, flags)
        stream = self.stream
        if stream is None:
            stream = self.connected()
        n = len(buffer)
        if 0 < nbytes < n:
            n = nbytes
        if self.gathered is not None:
            return self._from_gathered(buffer, n)
        deadline = -1
        while n:
            got = stream.read(buffer, n)
            if got:
                return got
            if got is None:
                deadline = self.wait(deadline)
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
            or type(flags) is not int
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
        before = self.view
        self.view = view
        try:
            return self.recv_into(view, n)
        finally:
            if hasattr(view, "release"):
                self.view = before  # CPython: or the memory below it cannot change its size

    def _end(self):
        """What recv_into() says at the end of the stream."""
        if self._told and self.end_raises:
            if self.timeout_ms == 0:
                raise OSError(errno.ENOTCONN, "the other side has closed the connection")
            raise OSError(errno.ECONNRESET, "the other side has closed the connection")
        self._told = True
        return 0

    def recv(self, size, flags=0) -> bytes:
        """Receive up to size bytes and return them, at most 4096 at once; b"" at the end of the
        stream. flags: 0; OSError (EOPNOTSUPP) for others."""
        if type(size) is not int or size < 0 or type(flags) is not int or flags:
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
                return self.read_some(buffer, max(0, nbytes))
            buffer = view
        n = len(buffer)
        if 0 <= nbytes < n:
            n = nbytes
        got = self.read_some(buffer, n) if n else 0
        if not got or got == n:
            return got
        rest = memoryview(buffer)[:n]
        while got < n:
            more = self.read_some(rest[got:], 0, rest[:got])
            if not more:
                break
            got += more
        return got

    def read_some(self, buffer, n, gathered: "bytes | bytearray | memoryview" = b""):
        """As recv_into(); None instead of EAGAIN, 0 for good at the end of the stream. gathered:
        what the call has had before; if its time is over, the next one has that."""
        self._told = False
        try:
            return self.recv_into(buffer, n)
        except OSError as e:
            if e.errno == errno.EAGAIN:
                return None
            if e.errno == errno.ETIMEDOUT and len(gathered):
                self.gathered = bytes(gathered)
            raise

    def _from_gathered(self, buffer, n):
        before = self.gathered
        n = min(n, len(before))  # pyright: ignore[reportArgumentType]
        buffer[:n] = before[:n]  # pyright: ignore[reportOptionalSubscript]
        self.gathered = before[n:] or None  # pyright: ignore[reportOptionalSubscript]
        return n

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
            n = self.read_some(part, want, data)
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
            n = self.read_some(one, 1, data)
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
        if type(flags) is not int or flags:
            from ..checks import no_flags

            no_flags(flags)
        if type(data) is not bytes and type(data) is not bytearray:
            from ..payload import payload

            data = payload(data)
        stream = self.stream
        if stream is None:
            stream = self.connected()
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
                deadline = self.wait(deadline)
            elif at:
                return at
            else:
                raise OSError(errno.EAGAIN, "the socket's buffer is full")
        while not copy and not stream.sent():
            deadline = self.wait(deadline)
        return total

    def sendall(self, data, flags=0) -> None:
        """As send(), and returns None. With time-out 0: OSError (EAGAIN) if not all was taken."""
        if type(flags) is not int or flags:
            from ..checks import no_flags

            no_flags(flags)
        if type(data) is not bytes and type(data) is not bytearray:
            from ..payload import payload

            data = payload(data)
        n = self.send(data)
        if n < len(data):
            raise OSError(
                errno.EAGAIN, "the socket's buffer had room for %d of %d bytes" % (n, len(data))
            )

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

    def version(self) -> "str | None":
        """The TLS version of an open TLS socket as str, else None. The module has 1.2. [h.9]"""
        if self.host_tls is not None:
            return self.host_tls.version()
        return "TLSv1.2" if self.engine is not None and self.is_open() else None

    def cipher(self) -> "tuple | None":
        """(name, version, bits) of an open TLS socket as far as known, else None.

        The module does not tell; the host's TLS does.
        """
        return self.host_tls.cipher() if self.host_tls is not None else None


def _fit(view):
    """True for a memoryview of bytes that can be written: for these no other file is loaded."""
    try:
        view[:1] = view[:1]  # raises for what cannot be written
        return getattr(view, "format", "B") == "B" and len(bytes(view[:1])) < 2
    except (TypeError, NotImplementedError):
        return False
