"""The body of an HTTP answer: what stands before it, and chunks. [j]

No file of the driver tells a length with it, so what is known of its end is put into words.
"""

from ..const import const
from ..payload import writable

_PIECE = const(256)
_SIZE_MAX = const(0x1000000)

# Chunks.state
_SIZE = const(0)  # digits of a chunk's size
_EXTENSION = const(1)  # the rest of that line
_DATA = const(2)
_CRLF = const(3)  # the line end behind a chunk
_TRAILER = const(4)  # at the start of a line behind the last chunk
_FIELD = const(5)  # in such a line
_DONE = const(6)
_BROKEN = const(7)


class Chunks:
    """Decodes the chunked coding piece by piece, and takes no memory for it. [RFC 9112, 7.1]

    out: called with (memoryview, n) for each 256 decoded bytes. flush() gives it the rest.
    """

    def __init__(self, out):
        self._out = out
        self._buffer = bytearray(_PIECE)
        self._view = memoryview(self._buffer)
        self._fill = 0
        self._state = _SIZE
        self._left = 0  # bytes of the chunk that are to come
        self._digits = 0

    def feed(self, data, n):
        """Take the first n bytes of data."""
        at = 0
        while at < n:
            if self._state == _DATA:
                at = self._copy(data, at, n)
            else:
                self._look(data[at])
                at += 1

    def flush(self):
        """Give out what is left; True if the last chunk has come, and nothing behind it."""
        if self._fill:
            n, self._fill = self._fill, 0
            self._out(self._view, n)
        return self._state == _DONE

    def broken(self):
        """True if it is not the chunked coding."""
        return self._state == _BROKEN

    def _copy(self, data, at, n):
        end = min(n, at + self._left, at + _PIECE - self._fill)
        self._left -= end - at
        fill = self._fill
        buffer = self._buffer
        while at < end:
            buffer[fill] = data[at]
            fill += 1
            at += 1
        self._fill = fill
        if fill == _PIECE:
            self._fill = 0
            self._out(self._view, _PIECE)
        if not self._left:
            self._state = _CRLF
        return at

    def _look(self, c):
        """A byte that is none of the content."""
        state = self._state
        if state == _SIZE:
            digit = c - 48 if c < 58 else (c | 32) - 87
            if (48 <= c < 58 or 10 <= digit < 16) and self._left < _SIZE_MAX:
                self._left = self._left * 16 + digit
                self._digits += 1
            elif self._digits and c in b";\r \t":
                self._state = _EXTENSION
            else:
                self._state = _BROKEN
        elif state == _EXTENSION:
            if c == 10:
                self._state = _DATA if self._left else _TRAILER
                self._digits = 0
        elif state == _CRLF:
            if c == 10:
                self._state = _SIZE
            elif c != 13:
                self._state = _BROKEN
        elif state == _TRAILER:
            if c == 10:
                self._state = _DONE
            elif c != 13:
                self._state = _FIELD
        elif state == _FIELD:
            if c == 10:
                self._state = _TRAILER
        else:
            self._state = _BROKEN


class Filling:
    """Puts pieces into a buffer. size: bytes in it. surplus: of those that found no room."""

    def __init__(self, buffer):
        view = writable(buffer, "into")
        if view is None:
            raise TypeError("into must be a buffer of bytes, or a function")
        self._view = memoryview(view)
        self.size = self.surplus = 0

    def __call__(self, piece):
        n = min(len(piece), len(self._view) - self.size)
        if n:
            self._view[self.size : self.size + n] = piece if n == len(piece) else piece[:n]
        self.size += n
        self.surplus += len(piece) - n


class Incoming:
    """What a caller gets of a body: the line that the module puts before the page of an error is
    dropped, chunks are decoded if they are known to be some. [T6]

    into: a function of a memoryview of 1 to 256 bytes. It is the same object for each piece of 256
    bytes, and has to be copied. size: count of bytes.
    """

    def __init__(self, into, chunked):
        self._into = into
        self.chunks = Chunks(self._give) if chunked else None
        self.status = 0
        self.size = 0
        self._begun = False

    def sink(self, view, n):
        """The sink of at/raw.py."""
        at = 0
        if not self._begun:
            self._begun = True
            line = b"AT-S.Http Server Error:%d\r\n" % self.status
            while at < 4 and at < n and not view[at]:
                at += 1  # NULs at the start of a line mean nothing [a.6]
            end = at + len(line)
            at = end if self.status >= 400 and end <= n and bytes(view[at:end]) == line else 0
        if at:
            view = view[at:n]
            n -= at
        if self.chunks is None:
            self._give(view, n)
        else:
            self.chunks.feed(view, n)

    def _give(self, view, n):
        if n:
            self.size += n
            self._into(view if n == len(view) else view[:n])


def head_of(data, status):
    """Return (header fields {name in lower case: value}, reason, where the body begins) of a file
    that may begin with the head of an answer; (None, "", 0) if it does not.

    status: what the module has told. The head's must be the same.
    """
    start = bytes(memoryview(data)[:13])
    end = data.find(b"\r\n\r\n")
    if start[:7] != b"HTTP/1." or start[8:12] != b" %d" % status or end < 0:
        return None, "", 0
    lines = bytes(memoryview(data)[:end]).split(b"\r\n")
    fields = {}
    for line in lines[1:]:
        at = line.find(b":")
        if at > 0:
            fields[_text(line[:at]).strip().lower()] = _text(line[at + 1 :]).strip()
    return fields, _text(lines[0][13:]), end + 4


def _text(data):
    """ASCII, other bytes as ?"""
    return "".join([chr(c) if 32 <= c < 127 else "?" for c in data])


def unchunked(data, at):
    """Return (bytes of the chunked coding from byte `at` on, whether its last chunk came); what is
    none stays as it is."""
    out = bytearray()

    def add(view, n):
        out.extend(view[:n])

    chunks = Chunks(add)
    view = memoryview(data)[at:]
    chunks.feed(view, len(view))
    whole = chunks.flush()
    return (view if chunks.broken() else out), whole
