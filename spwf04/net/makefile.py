"""The file objects that Socket.makefile() gives on CPython, whose io has all methods of files."""

import io

from ..checks import integer
from ..payload import payload


class Raw(io.RawIOBase):
    """The bytes of a socket, as io wants them. mode: of r, w, b, +."""

    def __init__(self, sock, mode):
        self._sock = sock
        self._mode = mode
        sock.open_files += 1

    def close(self):
        """Closes the socket too, if that was closed before."""
        sock = self._sock
        if not self.closed:
            super().close()
            sock.open_files -= 1
            if sock.left_to_files and not sock.open_files:
                sock.close()

    def readable(self):
        return "r" in self._mode or "+" in self._mode

    def writable(self):
        return "w" in self._mode or "+" in self._mode

    def readinto(self, buffer):
        # What is there, as io wants it: Socket.readinto() waits until the buffer is full
        return self._sock.read_some(memoryview(buffer), 0)

    def write(self, data):
        return self._sock.write(payload(data))


def file(sock, mode, buffering, encoding, errors, newline):
    """Socket.makefile(): same arguments, of which mode was looked at."""
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
