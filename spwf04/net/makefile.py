"""The files that Socket.makefile() returns on CPython, whose io has all methods of files."""

import errno
import io

from ..checks import integer
from ..payload import payload


class Raw(io.RawIOBase):
    """A raw file over a socket. mode: of the letters r, w, b and +."""

    _finalizing = False  # io sets it before close(), in a file that nobody holds any more
    # A file of io is over it. When this raises, that drops what it has read, and keeps what it has
    # written, though some of that may have gone out
    buffered = False
    _timed_out = ""  # what did: read, write

    def __init__(self, sock, mode):
        self._sock = sock
        self._mode = mode
        sock.open_files += 1

    def close(self):
        """Close the file, and with the last file the socket if the program has closed it.

        CPython closes what nobody holds any more at any moment, in the middle of a reply too. The
        close waits then until the radio is used again.
        """
        sock = self._sock
        if not self.closed:
            super().close()
            sock.open_files -= 1
            if sock.close_with_files and not sock.open_files:
                if self._finalizing:
                    stream, sock.stream = sock.stream, None
                    sock.closed = True
                    if stream is not None:
                        stream.close(False)
                else:
                    sock.close()

    def _dealloc_warn(self, source):
        """For io: the file over this one is closed because nobody holds it any more."""
        self._finalizing = True

    def readable(self):
        return "r" in self._mode or "+" in self._mode

    def writable(self):
        return "w" in self._mode or "+" in self._mode

    def readinto(self, buffer):
        # io wants what is there: Socket.readinto() waits until the buffer is full
        return self._run("read", self._sock.read_some, memoryview(buffer), 0)

    def readall(self):
        return self._run("read", self._sock.read)

    def readline(self, size=-1):
        return self._sock.readline(size)

    def write(self, data):
        return self._run("write", self._sock.write, payload(data))

    def _run(self, what, method, *args):
        if what in self._timed_out:
            raise OSError(
                errno.EIO,
                "a %s of this file timed out: bytes may be lost, or go out twice; use the methods "
                "of the socket" % what,
            )
        try:
            return method(*args)
        except OSError as e:
            if self.buffered and e.errno == errno.ETIMEDOUT:
                self._timed_out += what
            raise


class Pair(io.BufferedRWPair):
    """A file that reads and writes. Unlike io's others, it does not tell a raw file whether nobody
    holds it any more."""

    _finalizing = False  # see Raw

    def __init__(self, raw, size):
        super().__init__(raw, raw, size)
        self._raw = raw

    def close(self):
        """As Raw's."""
        if self._finalizing:
            self._dealloc_warn(self)
        super().close()

    def _dealloc_warn(self, source):
        """As Raw's."""
        self._raw._dealloc_warn(source)


def file(sock, mode, buffering, encoding, errors, newline):
    """Return the file for Socket.makefile(), whose arguments these are; mode is checked."""
    buffering = -1 if buffering is None else integer(buffering, "buffering", -1, 1 << 20)
    raw = Raw(sock, mode)
    if buffering == 0:
        return raw
    raw.buffered = True
    size = buffering if buffering > 1 else 1024
    if raw.readable() and raw.writable():
        made = Pair(raw, size)
    else:
        made = (io.BufferedReader if raw.readable() else io.BufferedWriter)(raw, size)
    if "b" in mode:
        return made
    try:
        return io.TextIOWrapper(made, encoding, errors, newline)  # pyright: ignore
    except LookupError as e:
        raise ValueError(str(e)) from None
