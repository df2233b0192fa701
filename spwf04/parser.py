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

    def const(expr):
        return expr


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

    size: longest line kept, in bytes. A longer one is cut and marked `truncated`; every line
    the driver interprets is shorter (a line of SCAN has at most 140). [protocol c.3.1]
    """

    def __init__(self, size=192):
        self.line = bytearray(size)
        self.length = 0  # bytes of `line` that are valid
        self.truncated = False
        self.remaining = 0  # payload bytes still to come; bounds the next read of the UART
        # A payload was announced: nothing may follow it but the end of the reply, so that a
        # payload byte that got lost is noticed. An empty line is reported then.
        self.strict = False
        self._whole = False  # the last event was a line: start afresh at the next one
        self._sink = None
        self._at = 0
        self._room = 0
        self._spill = None
        self._chunk = b""
        self._pos = 0
        self._end = 0

    def receive_data(self, chunk, n=-1):
        """Take the first n bytes of chunk (-1: all). Not copied: leave chunk alone until
        next_event() returns NEED_DATA, and call this again only then."""
        self._chunk = chunk
        self._pos = 0
        self._end = len(chunk) if n < 0 else n

    def expect_data(self, n, sink, room, spill=None):
        """The next n bytes are payload: `room` bytes into `sink`, the rest into `spill`.

        Without a spill, or past its end, bytes are dropped. `room` must not exceed len(sink):
        a bytearray would grow.
        """
        self.remaining = n
        self.strict = True
        self._sink = sink
        self._at = 0
        self._room = room if sink is not None else 0
        self._spill = spill

    def reset(self):
        """Forget a line or payload that was begun (the byte count was lost)."""
        self.remaining = self.length = 0
        self._sink = self._spill = None
        self._pos = self._end
        self._whole = self.truncated = self.strict = False

    def forget_sink(self):
        """Drop the payload bytes still to come: their memory is its owner's again."""
        self._sink = self._spill = None
        self._room = 0

    def next_event(self):
        """Return the next event; its details stay valid until the next call."""
        if self._whole:
            self._whole = self.truncated = False
            self.length = 0
        if self.remaining:
            if self._pos == self._end:
                return _NEED_DATA
            self._take()
            if self.remaining:
                return _NEED_DATA
            self._sink = self._spill = None
            return _DATA
        chunk = self._chunk
        line = self.line
        size = len(line)
        n = self.length
        pos = self._pos
        end = self._end
        while pos < end:
            c = chunk[pos]
            pos += 1
            if c == _LF:
                while n and line[n - 1] == _CR:
                    n -= 1
                if n or self.strict:
                    self._pos = pos
                    self.length = n
                    self._whole = True
                    return self._kind()
                self.truncated = False
            elif c or n:  # NULs at the start of a line mean nothing [a.6]
                if n < size:
                    line[n] = c
                    n += 1
                else:
                    self.truncated = True
        self._pos = pos
        self.length = n
        return _NEED_DATA

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
        self._at = at + n
        sink = self._sink
        if pos == 0 and n == len(chunk) and at + n <= self._room:
            sink[at : at + n] = chunk  # a block copy without a slice object: no heap
            return
        room = self._room
        spill = self._spill
        top = room + len(spill) if spill is not None else room
        while n and at < top:
            if at < room:
                sink[at] = chunk[pos]
            else:
                spill[at - room] = chunk[pos]
            at += 1
            pos += 1
            n -= 1

    def _kind(self):
        if self.starts(b"AT-S."):
            if self.starts(b"AT-S.OK") and (self.length == 7 or self.line[7] == _COLON):
                self.strict = False
                return _OK  # AT-S.OK, AT-S.OK:, :heap, :heap:state [a.3]
            if self.starts(b"AT-S.ERROR") and (self.length == 10 or self.line[10] == _COLON):
                self.strict = False
                return _ERROR  # the text may be missing [a.3, T1]
        elif self.starts(b"+WIND:") and self.number(1) >= 0:
            return _INDICATION
        return _LINE

    def starts(self, prefix):
        """True if the line of this event starts with prefix (bytes)."""
        return self.length >= len(prefix) and self.line.startswith(prefix)

    def number(self, field):
        """The decimal number in a ':'-separated field (0 is the first, -1 the last); -1 if
        there is none. Allocates nothing."""
        line = self.line
        end = self.length
        pos = 0
        if field < 0:
            pos = end
            while pos and field:
                pos -= 1
                if line[pos] == _COLON:
                    field += 1
            if not field:
                pos += 1
        else:
            while field:
                if pos >= end:
                    return -1
                if line[pos] == _COLON:
                    field -= 1
                pos += 1
        value = -1
        digits = 0
        while pos < end:
            c = line[pos]
            if c == _COLON:
                break
            if c < 48 or c > 57 or digits == 9:
                return -1
            value = c - 48 if digits == 0 else value * 10 + c - 48
            digits += 1
            pos += 1
        return value

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
