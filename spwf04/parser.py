"""Turns the module's bytes into events.

Rules of this file: it never touches a UART, a clock or a socket; it knows no command; it
allocates nothing, not even frames (MicroPython takes them from the heap for functions of more
than eleven locals and operands); no sequence of bytes makes it raise. A line must be whole before
it is reported, a payload goes straight into the memory of the one who asked for it.

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
        self._field = self._from = 0  # the field that number() found last, and where it begins
        self._at = -1  # where in the sink the payload goes on; -1: there is none
        self._room = 0  # of the sink: _sink, and then _spill

    def receive_data(self, chunk, n=-1):
        """Take the first n bytes of chunk (-1: all). Not copied, unless they are payload as a
        whole, for which it returns True: leave chunk alone until next_event() returns NEED_DATA,
        and call this again only then."""
        if n < 0:
            n = len(chunk)
        self._chunk = chunk
        self._pos = 0
        self._end = n
        if 0 < n <= self.remaining:
            at = self._at
            end = at + len(chunk)
            if end <= self._room:
                # A block copy without a slice object: no heap. What it copies beyond n bytes is
                # overwritten by those that follow.
                self._sink[at:end] = chunk
                self._at = at + n
                self.remaining -= n
                self._pos = n
                return True
        return False

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
        self._at = -1

    def drop(self):
        """Drop the payload bytes still to come: their memory is its owner's again."""
        self._sink = self._spill = None
        self._room = 0

    def next_event(self):
        """Return the next event; its details stay valid until the next call."""
        if self._whole:
            self._whole = False
            self.length = 0
        if self._at >= 0:
            if self._pos < self._end:
                self._take()
            if self.remaining:
                return _NEED_DATA
            self.drop()
            self._at = -1
            return _DATA
        while self._pos < self._end:
            if self._fill():
                n = self.length
                line = self.line
                while n and line[n - 1] == _CR:
                    n -= 1
                self.length = n
                if n or self.strict:
                    self._whole = True
                    line[n] = 0
                    self._field = self._from = 0
                    return self._kind(line)
        return _NEED_DATA

    def _fill(self):
        """Move bytes of the chunk to the line, up to its end; True if that is there."""
        chunk = self._chunk
        pos = self._pos
        end = chunk.find(b"\n", pos, self._end)
        self._pos = end + 1
        if end < 0:
            self._pos = end = self._end
        n = self.length
        while not n and pos < end and not chunk[pos]:
            pos += 1  # NULs at the start of a line mean nothing [a.6]
        if not pos and n + len(chunk) < len(self.line):
            self.line[n : n + len(chunk)] = chunk  # what of it is beyond the end does not matter
            n += end
            pos = end
        while pos < end and n < len(self.line) - 1:  # what does not fit is cut
            self.line[n] = chunk[pos]
            n += 1
            pos += 1
        self.length = n
        return self._pos > end

    def _take(self):
        """Move payload bytes of a chunk that is not payload as a whole."""
        pos = self._pos
        n = min(self._end - pos, self.remaining)
        self.remaining -= n
        self._pos = pos + n
        while n:
            sink = self._sink
            at = self._at
            if sink is None:
                break
            if at == self._room:
                self._sink = sink = self._spill
                self._spill = None
                self._at = 0
                self._room = len(sink) if sink is not None else 0
            else:
                sink[at] = self._chunk[pos]
                self._at = at + 1
                pos += 1
                n -= 1

    def _kind(self, line):
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
        at = 0
        end = self.length
        if field >= self._field:  # on from where it was
            at = self._from
        else:
            self._field = 0
        while field > self._field:
            at = self.line.find(b":", at, end) + 1
            if not at:
                return -1
            self._field += 1
            self._from = at
        while field < 0:
            at = self.line.rfind(b":", 0, end) + 1
            field += 1
            if field:
                if not at:
                    return -1
                end = at - 1
        end = -1
        while True:
            field = self.line[at]
            if field < 48 or field > 57:
                return end if field == _COLON or at == self.length else -1
            if end > 99999999:
                return -1
            end = field - 48 if end < 0 else end * 10 + field - 48
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
