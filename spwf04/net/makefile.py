"""Socket.makefile(): the socket as a file object.

On MicroPython a socket is one already. On CPython it is wrapped by io, so that all methods of
files are there.
"""

import io


def makefile(sock, mode="rb", buffering=-1, encoding="utf-8", errors=None, newline=None):
    """Return a file object over sock; mode: of r, w, b. Closing it leaves the socket open."""
    if not isinstance(mode, str):
        raise TypeError("mode must be str, not " + type(mode).__name__)
    if not mode or not all([c in "rwb+" for c in mode]):
        raise ValueError("mode is of r, w, b")
    if not hasattr(io, "RawIOBase"):
        if "b" not in mode:
            raise ValueError("only binary modes here")
        return sock
    from ..checks import integer
    from ..payload import payload

    buffering = -1 if buffering is None else integer(buffering, "buffering", -1, 1 << 20)

    class Raw(io.RawIOBase):
        def readable(self):
            return "r" in mode or "+" in mode

        def writable(self):
            return "w" in mode or "+" in mode

        def readinto(self, buffer):
            return sock.readinto(memoryview(buffer))

        def write(self, data):
            return sock.write(payload(data))

    raw = Raw()
    if buffering == 0:
        return raw
    size = buffering if buffering > 1 else 1024
    if raw.readable() and raw.writable():
        file = io.BufferedRWPair(raw, raw, size)
    else:
        file = (io.BufferedReader if raw.readable() else io.BufferedWriter)(raw, size)
    if "b" in mode:
        return file
    try:
        return io.TextIOWrapper(file, encoding, errors, newline)  # pyright: ignore
    except LookupError as e:
        raise ValueError(str(e)) from None
