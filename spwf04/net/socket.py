"""Socket: a TCP or TLS client, a listening socket, or the client that it accepted."""

import sys

from ..const import NO_MEMORY, const
from .endpoint import NOT_WAITED, Endpoint, check_open, stream_of, wait

try:
    import errno
except ImportError:
    from ..errors import errno

_MOST = const(4096)  # bytes of one recv(), which takes memory before it knows how many come
_PART = const(512)  # bytes that read() takes at once


class Socket(Endpoint):
    """A TCP socket, or after SSLContext.wrap_socket() a TLS socket; made by SocketPool.socket().

    Its calls wait without limit until settimeout() or setblocking() says otherwise. All errors are
    OSError: ETIMEDOUT; EAGAIN (time-out 0); ENOTCONN (never connected); ECONNRESET (the other
    side, the network or the module ended the connection); EBADF (closed); ECONNREFUSED;
    EHOSTUNREACH; ENOMEM (all eight sockets are in use). Wrong arguments raise TypeError or
    ValueError before anything is sent.
    """

    cork_decided = False  # True after the first send(), and if small writes are never held back
    accepted = False  # accept() returned it
    # After the end of the stream, recv_into() returns 0 once and raises then: libraries that know
    # CircuitPython's sockets expect it. MicroPython's sockets return 0 each time.
    end_raises = sys.implementation.name != "micropython"
    _end_told = False  # it has returned 0

    def __init__(self, pool, stream=None):
        Endpoint.__init__(self, pool)
        if stream is not None:  # for accept()
            self.stream = stream
            self.accepted = True
            self.address = stream.address
            self.cork_decided = True  # a server's writes are never held back

    # opening ---------------------------------------------------------------------------------
    def connect(self, address, mode=None) -> None:
        """Connect to a server.

        address: (host, port); host is a name or an IPv4 address as str, port 1 to 65535. mode:
        radio.TLS_MODE makes it a TLS socket, as drivers without an ssl module do.

        The chain and the name of a TLS server are verified here: CertificateError says what is
        wrong. With time-out 0 this begins to connect and raises OSError (EINPROGRESS); the next
        call goes on. MemoryError, with what to do, if there is too little memory. [g.1, h]
        """
        try:
            from .connect import begin, continue_connect

            check_open(self)
            if self.timeout_ms == 0 and self.is_open() and not self.listening:
                return  # the connect() that was begun is over
            if self.connecting is None and self.error is None:
                begin(self, address, mode)
            continue_connect(self, errno.EINPROGRESS)
        except MemoryError:
            raise MemoryError(NO_MEMORY)

    def listen(self, backlog=8) -> None:
        """Listen on the port of bind().

        backlog has no effect: the module has eight places, for clients that wait for accept() and
        for those that were accepted. OSError: EADDRINUSE, ENOMEM (both servers of the module are
        in use), EINVAL. [g.6]
        """
        if not isinstance(backlog, int):
            raise TypeError("backlog must be an int, not " + type(backlog).__name__)
        check_open(self)
        if not self.is_new() or self.bound is None:
            raise OSError(
                errno.EINVAL,
                "the socket is not bound, or no longer new: bind() comes before listen()",
            )
        self.pool.serve(self)

    def accept(self) -> "tuple[Socket, tuple[str, int]]":
        """Accept the next client and return (its socket, (address, port)).

        It waits for as long as settimeout() allows. OSError: ETIMEDOUT, EAGAIN (time-out 0),
        ECONNRESET (the module restarted), EINVAL (no listen()). A client that has gone and has
        sent nothing is passed over. [g.6]
        """
        if not self.listening and not self.closed:
            raise OSError(
                errno.EINVAL, "the socket does not listen: listen() comes before accept()"
            )
        listener = self.stream
        if listener is None:
            listener = stream_of(self)
        deadline = NOT_WAITED
        while True:
            stream = listener.take(self.timeout_ms != 0)
            if stream is not None:
                try:
                    client = Socket(self.pool, stream)
                except MemoryError:
                    listener.waiting.append(stream)  # there is a place in this list
                    raise
                client.engine = None if self.tls is None else "module"
                client.end_raises = self.end_raises
                return client, stream.address
            deadline = wait(self, deadline)

    # receiving -------------------------------------------------------------------------------
    def recv_into(self, buffer, nbytes=0, flags=0) -> int:
        """Receive up to nbytes (0: as many as fit) into buffer and return how many.

        buffer: bytearray, memoryview, array or another writable buffer; its length counts in
        bytes. flags: 0.

        It waits for the first byte, for as long as settimeout() allows. It returns 0 at the end
        of the stream; on CircuitPython and CPython once, and after that it raises ECONNRESET, or
        ENOTCONN with time-out 0, as their libraries expect it. It takes no memory in the steady
        state. [g.3]
        """
        if (
            (type(buffer) is not bytearray and (buffer is not self.checked_view or buffer is None))
            or type(nbytes) is not int
            or nbytes < 0
            or type(flags) is not int
            or flags
        ):
            return self._recv_into_checked(buffer, nbytes, flags)
        stream = self.stream
        if stream is None:
            stream = stream_of(self)
        n = len(buffer)
        if 0 < nbytes < n:
            n = nbytes
        if self.leftover is not None:
            return self._from_leftover(buffer, n)
        deadline = NOT_WAITED
        while n:
            got = stream.read(buffer, n)
            if got:
                return got
            if got is None:
                deadline = wait(self, deadline)
            else:
                break
        return self._end() if n else 0

    def _recv_into_checked(self, buffer, nbytes, flags):
        """recv_into() for a buffer that is not a bytearray, or with arguments to be checked.

        It remembers a memoryview that is fit, so that a loop which passes it again takes no
        memory.
        """
        n = nbytes
        view = buffer
        if (
            type(buffer) is not memoryview
            or type(nbytes) is not int
            or nbytes < 0
            or type(flags) is not int
            or flags
            or not _is_byte_buffer(buffer)
        ):
            from ..checks import no_flags, size
            from ..payload import fill, writable

            no_flags(flags)
            n = size(nbytes)
            view = writable(buffer)
            if view is None:  # its items are not bytes
                part = bytearray(min(n or 4096, len(bytes(memoryview(buffer))), 4096))
                n = self.recv_into(part)
                fill(buffer, part, n)
                return n
        before = self.checked_view
        self.checked_view = view
        try:
            return self.recv_into(view, n)
        finally:
            if hasattr(view, "release"):
                self.checked_view = before  # on CPython a view keeps its buffer from being resized

    def _end(self):
        """What recv_into() does at the end of the stream."""
        if self._end_told and self.end_raises:
            if self.timeout_ms == 0:
                raise OSError(errno.ENOTCONN, "the other side has closed the connection")
            raise OSError(errno.ECONNRESET, "the other side has closed the connection")
        self._end_told = True
        return 0

    def recv(self, size, flags=0) -> bytes:
        """Receive up to size bytes, at most 4096, and return them; b"" at the end of the stream.

        It waits for the first byte, for as long as settimeout() allows. flags: 0, else OSError
        (EOPNOTSUPP).
        """
        if type(size) is not int or size < 0 or type(flags) is not int or flags:
            from ..checks import no_flags
            from ..checks import size as checked

            no_flags(flags)
            size = checked(size, "size")
        size = min(size, _MOST)
        buffer = bytearray(size)
        self._end_told = False
        n = self.recv_into(buffer)
        try:
            return bytes(buffer) if n == size else bytes(memoryview(buffer)[:n])
        except MemoryError:
            self._lose()
            raise

    def _lose(self):
        """There was no memory for what has arrived: the stream is over, because bytes of it are
        lost."""
        if self.stream is not None:
            self.stream.die()

    def readinto(self, buffer, nbytes=-1) -> "int | None":
        """Read nbytes (-1: as many as fit) into buffer and return how many.

        There are fewer at the end of the stream, 0 when nothing is left. With time-out 0 it reads
        what is there, and returns None if nothing is.
        """
        if type(buffer) is not bytearray or type(nbytes) is not int:
            from ..checks import size
            from ..payload import writable

            nbytes = size(nbytes, "nbytes", -1)
            view = writable(buffer)
            if view is None:  # its items are not bytes: read as many as come at once
                return self.read_some(buffer, max(0, nbytes)) if nbytes else 0
            buffer = view
        n = len(buffer)
        if 0 <= nbytes < n:
            n = nbytes
        got = self.read_some(buffer, n) if n else 0
        if not got or got == n:
            return got
        try:
            rest = memoryview(buffer)[:n]
            while got < n:
                more = self.read_some(rest[got:], 0, rest[:got])
                if not more:
                    break
                got += more
            return got
        except MemoryError:
            self._lose()
            raise

    def read_some(self, buffer, n, so_far: "bytes | bytearray | memoryview" = b""):
        """For makefile() and the methods that read: recv_into() which returns None instead of
        EAGAIN, and 0 each time at the end of the stream.

        so_far: bytes that the calling method has read; the next one returns them, if a time-out
        or Ctrl-C ends this one.
        """
        self._end_told = False
        try:
            return self.recv_into(buffer, n)
        except BaseException as e:
            number = getattr(e, "errno", errno.ETIMEDOUT)  # Ctrl-C has none
            if number == errno.EAGAIN:
                return None
            if number == errno.ETIMEDOUT and len(so_far):
                self.leftover = bytes(so_far)
            raise

    def _from_leftover(self, buffer, n):
        before = self.leftover
        n = min(n, len(before))  # pyright: ignore[reportArgumentType]
        buffer[:n] = before[:n]  # pyright: ignore[reportOptionalSubscript]
        self.leftover = before[n:] or None  # pyright: ignore[reportOptionalSubscript]
        return n

    def read(self, nbytes=-1) -> "bytes | None":
        """Read nbytes, or up to the end of the stream (-1), and return them as bytes.

        There are fewer at the end of the stream. With time-out 0 it reads what is there, and
        returns None if nothing is.
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
        try:
            while nbytes < 0 or len(data) < nbytes:
                want = len(part) if nbytes < 0 else min(len(part), nbytes - len(data))
                n = self.read_some(part, want, data)
                if not n:
                    if n is None and not data:
                        return None
                    break
                data.extend(part if n == len(part) else memoryview(part)[:n])
            return bytes(data)
        except MemoryError:
            self._lose()
            raise

    def readline(self, nbytes=-1) -> "bytes | None":
        """Read a line with its LF, of nbytes at most (-1: no limit), and return it as bytes.

        There is no LF if the stream has ended. With time-out 0 it reads what is there, and returns
        None if nothing is.
        """
        if nbytes is None:
            nbytes = -1
        if type(nbytes) is not int:
            from ..checks import size

            nbytes = size(nbytes, "nbytes", -1)
        data = bytearray()
        one = bytearray(1)
        try:
            while nbytes < 0 or len(data) < nbytes:
                n = self.read_some(one, 1, data)
                if not n:
                    return None if n is None and not data else bytes(data)
                data.extend(one)
                if one[0] == 10:
                    break
            return bytes(data)
        except MemoryError:
            self._lose()
            raise

    # sending ---------------------------------------------------------------------------------
    def send(self, data, flags=0) -> int:
        """Send all of data and return its length in bytes.

        data: bytes-like; on MicroPython also str, sent as UTF-8. flags: 0, else OSError
        (EOPNOTSUPP).

        With time-out 0 it takes as many bytes as fit into a buffer of 1024 bytes, and returns how
        many; OSError (EAGAIN) if none fits. They are sent when the line is free, even after
        close(), while anything uses the radio.

        Each command, SOCKW, sends up to `pool.chunk` bytes. One that fails is never sent again,
        because its data might have gone out. The connection is over then; this call raises, or the
        next one if this one did not wait. [k.1, g.4] Sending bytes or a bytearray takes no memory
        in the steady state.
        """
        if type(flags) is not int or flags:
            from ..checks import no_flags

            no_flags(flags)
        if type(data) is not bytes and type(data) is not bytearray:
            from ..payload import payload

            data = payload(data)
        stream = self.stream
        if stream is None:
            stream = stream_of(self)
        copy = self.timeout_ms == 0
        total = len(data)
        if not self.cork_decided and total:
            self.cork_decided = True
            if not copy and data[0] in b"GPHDO\x10" and bytes(data[-4:]) != b"\r\n\r\n":
                # It may be the first part of an HTTP request or of an MQTT packet
                try:
                    from .cork import begin

                    begin(self, data)
                    stream = self.stream
                except ImportError:
                    pass  # without cork.py on the board, each write is a command
        at = 0
        deadline = NOT_WAITED
        while at < total:
            n = stream.write(data, at, copy)
            if n:
                at += n
            elif not copy:
                deadline = wait(self, deadline)
            elif at:
                return at
            else:
                raise OSError(errno.EAGAIN, "the socket's buffer is full")
        while not copy and not stream.sent():
            deadline = wait(self, deadline)
        return total

    def sendall(self, data, flags=0) -> None:
        """Send all of data, as send(). With time-out 0: OSError (EAGAIN) if not all of it fits."""
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
        """Send the first nbytes of data (-1: all), as send(), and return how many.

        data may be str on all interpreters, because libraries write it. With length, it sends
        `length` bytes from byte nbytes on. With time-out 0 it returns None instead of raising
        EAGAIN.
        """
        if type(data) is str:
            try:
                data = data.encode()
            except ValueError:
                pass  # payload() raises what is wrong with it
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
        """Return a file that reads from the socket and writes to it.

        The socket stays open when the file is closed. The connection stays open for the file when
        the socket is closed. On MicroPython and CircuitPython the file is the socket itself, and
        binary. mode: of the letters r, w and b. buffering, encoding, errors, newline: as of
        CPython's makefile().
        """
        import io

        if not isinstance(mode, str):
            raise TypeError("mode must be str, not " + type(mode).__name__)
        if not mode or not all([c in "rwb+" for c in mode]):
            raise ValueError("mode must be of the letters r, w and b")
        if not hasattr(io, "RawIOBase"):
            if "b" not in mode:
                raise ValueError("mode must have a b: there are only binary files here")
            return self
        from .makefile import file

        return file(self, mode, buffering, encoding, errors, newline)

    def version(self) -> "str | None":
        """Return the TLS version as str, "TLSv1.2" for the module's TLS; None for a socket without
        TLS, or one that is not open. [h.9]"""
        if self.host_tls is not None:
            return self.host_tls.version()
        return "TLSv1.2" if self.engine is not None and self.is_open() else None

    def cipher(self) -> "tuple | None":
        """Return (name, version, bits) of the cipher of the host's TLS; None for the module's TLS,
        which does not tell it, and for a socket without TLS."""
        return self.host_tls.cipher() if self.host_tls is not None else None


def _is_byte_buffer(view):
    """True for a writable memoryview of bytes. payload.writable() checks all other buffers, but is
    a file that is not loaded for these."""
    try:
        view[:1] = view[:1]  # raises for what cannot be written
        whole = getattr(view, "c_contiguous", True)  # False: it has gaps, on CPython
        return whole and getattr(view, "format", "B") == "B" and len(bytes(view[:1])) < 2
    except (TypeError, NotImplementedError):
        return False
