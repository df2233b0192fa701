"""Turns the module's bytes into events.

Rules of this file: it never touches a UART, a clock or a socket; it knows no command; it
allocates nothing; no sequence of bytes makes it raise. A line must be whole before it is
reported, a payload goes straight into the memory of the one who asked for it.

    parser.receive_data(chunk)
    while True:
        event = parser.next_event()
        if event == NEED_DATA: break
        ...                             # number(), text(), starts() describe this event
"""

try:
    from micropython import const
except ImportError:

    def const(x):
        return x


# Events. LINE is any line of a reply but the last; OK and ERROR are the last one. at.py has the
# same numbers: an underscored const costs no memory, one that can be imported does.
_NEED_DATA = const(0)
_LINE = const(1)
_INDICATION = const(2)
_OK = const(3)
_ERROR = const(4)
_DATA = const(5)  # the payload announced with expect_data() is complete

_LF = const(10)
_CR = const(13)
_COLON = const(58)


class Parser:
    """Bytes in, events out.

    size: longest line kept, in bytes; a longer one is cut. Every line the driver interprets is
    shorter (a line of SCAN has at most 140). [protocol c.3.1]
    """

    def __init__(self, size=191):
        self.line = bytearray(size + 1)  # one more than is used: a NUL ends the line
        self.length = 0  # bytes of `line` that are valid
        self.remaining = 0  # payload bytes still to come; bounds the next read of the UART
        # A payload was announced: nothing may follow it but the end of the reply, so that a
        # payload byte that got lost is noticed. An empty line is reported then.
        self.strict = False
        self._whole = False  # the last event was a line: start afresh at the next one
        self._chunk = b""
        self._pos = self._end = 0  # what of the chunk is still to be looked at

    def receive_data(self, chunk, n=-1):
        """Take the first n bytes of chunk (-1: all). Not copied: leave chunk alone until
        next_event() returns NEED_DATA, and call this again only then."""
        self._chunk = chunk
        self._pos = 0
        self._end = len(chunk) if n < 0 else n

    def expect_data(self, n, sink, room, spill=None):
        """The next n bytes are payload: `room` bytes into `sink`, the rest into `spill`.

        Without a sink or spill, or past its end, bytes are dropped. `room` must not exceed
        len(sink): a bytearray would grow.
        """
        self.remaining = n
        self.strict = True
        self._sink = sink
        self._at = 0
        self._room = room
        self._spill = spill

    def reset(self):
        """Forget a line or payload that was begun (the byte count was lost)."""
        self.remaining = self.length = 0
        self._pos = self._end
        self._whole = self.strict = False
        self.drop()

    def drop(self):
        """Drop the payload bytes still to come: their memory is its owner's again."""
        self._sink = self._spill = None

    def next_event(self):
        """Return the next event; its details stay valid until the next call."""
        if self._whole:
            self._whole = False
            self.length = 0
        if self.remaining:
            if self._pos == self._end:
                return _NEED_DATA
            self._take()
            if self.remaining:
                return _NEED_DATA
            self.drop()
            return _DATA
        chunk = self._chunk
        line = self.line
        size = len(line) - 1
        n = self.length
        pos = self._pos
        end = self._end
        event = _NEED_DATA
        while pos < end:
            c = chunk[pos]
            pos += 1
            if c == _LF:
                while n and line[n - 1] == _CR:
                    n -= 1
                if n or self.strict:
                    self._whole = True
                    line[n] = 0
                    self.length = n
                    event = self._kind()
                    break
            elif n < size and (c or n):  # NULs at the start of a line mean nothing [a.6]
                line[n] = c
                n += 1
        self._pos = pos
        self.length = n
        return event

    def _take(self):
        """Move payload bytes from the chunk to where they belong."""
        chunk = self._chunk
        pos = self._pos
        n = self._end - pos
        if n > self.remaining:
            n = self.remaining
        self._pos = pos + n
        self.remaining -= n
        at = self._at
        if n == len(chunk) and at + n <= self._room and self._sink is not None:
            self._sink[at : at + n] = chunk  # a block copy without a slice object: no heap
            self._at = at + n
            return
        while n:
            if at == self._room or self._sink is None:
                self._sink = self._spill
                if self._sink is None:
                    break
                self._spill = None
                at = 0
                self._room = len(self._sink)
            else:
                self._sink[at] = chunk[pos]
                at += 1
                pos += 1
                n -= 1
        self._at = at

    def _kind(self):
        line = self.line
        if line.startswith(b"AT-S."):
            # AT-S.OK, AT-S.OK:, :heap, :heap:state; the text of an error may be missing [a.3, T1]
            if line.startswith(b"OK", 5) and line[7] in b"\0:":
                self.strict = False
                return _OK
            if line.startswith(b"ERROR", 5) and line[10] in b"\0:":
                self.strict = False
                return _ERROR
        elif line.startswith(b"+WIND:") and self.number(1) >= 0:
            return _INDICATION
        return _LINE

    def starts(self, prefix):
        """True if the line of this event starts with prefix (bytes without NUL)."""
        return self.line.startswith(prefix)

    def number(self, field):
        """The decimal number in a ':'-separated field (0 is the first, -1 the last), below
        10**9; -1 if there is none. Allocates nothing."""
        line = self.line
        at = 0
        end = self.length
        while field > 0:
            at = line.find(b":", at, end) + 1
            if not at:
                return -1
            field -= 1
        while field < 0:
            at = line.rfind(b":", 0, end) + 1
            field += 1
            if field:
                if not at:
                    return -1
                end = at - 1
        value = -1
        while True:
            c = line[at]
            if c < 48 or c > 57:
                return value if c == _COLON or at == self.length else -1
            if value > 99999999:
                return -1
            value = c - 48 if value < 0 else value * 10 + c - 48
            at += 1

    def raw(self, start=0):
        """The line from byte `start` on, as bytes."""
        return bytes(memoryview(self.line)[start : self.length])

    def text(self, start=0):
        """The line from byte `start` on, as str; bytes that are not ASCII become '?'."""
        data = bytearray(self.raw(start))
        for i in range(len(data)):
            if not 32 <= data[i] < 127 and data[i] != 9:
                data[i] = 63
        return data.decode()
