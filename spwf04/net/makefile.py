"""The files that Socket.makefile() returns on CPython, whose io has all methods of files."""

import io

from ..checks import integer
from ..payload import payload


class Raw(io.RawIOBase):
    """A raw file over a socket. mode: of the letters r, w, b and +."""

    def __init__(self, sock, mode):
        self._sock = sock
        self._mode = mode
        sock.open_files += 1

    def close(self):
        """Close the file, and with the last file the socket if the program has closed it."""
        sock = self._sock
        if not self.closed:
            super().close()
            sock.open_files -= 1
            if sock.close_with_files and not sock.open_files:
                sock.close()

    def readable(self):
        return "r" in self._mode or "+" in self._mode

    def writable(self):
        return "w" in self._mode or "+" in self._mode

    def readinto(self, buffer):
        # io wants what is there: Socket.readinto() waits until the buffer is full
        return self._sock.read_some(memoryview(buffer), 0)

    def write(self, data):
        return self._sock.write(payload(data))


def file(sock, mode, buffering, encoding, errors, newline):
    """Return the file for Socket.makefile(), whose arguments these are; mode is checked."""
    buffering = -1 if buffering is None else integer(buffering, "buffering", -1, 1 << 20)
    raw = Raw(sock, mode)
    if buffering == 0:
        return raw
    size = buffering if buffering > 1 else 1024
    if raw.readable() and raw.writable():
        made = io.BufferedRWPair(raw, raw, size)
    else:
        made = (io.BufferedReader if raw.readable() else io.BufferedWriter)(raw, size)
    if "b" in mode:
        return made
    try:
        return io.TextIOWrapper(made, encoding, errors, newline)  # pyright: ignore
    except LookupError as e:
        raise ValueError(str(e)) from None
