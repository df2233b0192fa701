"""Turns the module's bytes into events.

Rule 1: it touches no UART, no clock and no socket, and knows no command.
Rule 2: it allocates nothing, not even frames: MicroPython takes those from the heap for functions
        of more than eleven locals and operands.
Rule 3: no sequence of bytes makes it raise. The first message of MQTT may: MemoryError.
Rule 4: a line is reported when it is whole; a payload goes straight into the memory of the one
        who asked for it.

After receive_data(), next_event() is called until NEED_DATA; number() and so on describe an event.
"""

from struct import pack_into

from ..const import const

# A chunk is copied by the pattern of its size: a slice takes heap before MicroPython 1.26, and on
# CircuitPython. Chunks of other sizes, which no UART gives, are copied by a slice.
_PATTERNS = {256: "256s", 64: "64s", 16: "16s", 4: "4s", 1: "1s"}

# Events. LINE is any line of a reply but the last; OK and ERROR are the last one.
NEED_DATA = const(0)
LINE = const(1)
INDICATION = const(2)
OK = const(3)
ERROR = const(4)

_CR = const(13)
_LONGEST = const(128)  # bytes of the last line of a reply, and of an indication
# Bytes exclusive-or 48: digits become 0 to 9, all else becomes more
_COLON = const(58 ^ 48)
_NO_FIELD = const(9999)  # number() does not know at which field it is
_EMPTY = b"\0\0\0"  # behind a line there is always something

# A message of MQTT follows in the same line: see message.py
_MESSAGE = b"+WIND:86:"


class Parser:
    """Bytes in, events out.

    A line is looked at where it was received. If a chunk has only its beginning, `size` bytes keep
    that. Lines longer than three quarters of it may be cut. One of SCAN has 140. [c.3.1]
    """

    def __init__(self, size=256):
        self.line = self.kept = bytearray(size)  # line: where the line of this event is,
        self.start = self.length = 0  # at which byte it begins, and how long it is
        self.begun = 0  # bytes of a line whose end has not come yet
        self.remaining = 0  # payload bytes still to come; bounds the next read of the UART
        # A payload was announced: only the end of the reply may follow it. An empty line is
        # reported then, so that a payload byte too few or too many is noticed.
        self.strict = False
        self.plain = False  # a payload may come that nothing announces, see take_plain()
        self._after_payload = False  # no line has come since: a NUL is a byte of the payload
        self.code = 0  # of an INDICATION its number; of an ERROR too, or -1
        self.chunk = b""
        self.pos = self.end = 0  # the part of the chunk that is still to be looked at
        self._field = self._from = 0  # the field that number() is at, and where it begins
        # The payload goes into _sink from byte `at` to _room, and then into _spill
        self.at = self._room = 0
        self._sink = self._spill = None
        self.message = None  # the Message, while a line that has one is read
        self._messages = None

    def receive_data(self, chunk, n=-1):
        """Take the first n bytes of chunk (-1: all).

        True: they were payload as a whole, and have been copied. Else leave chunk alone until
        next_event() returns NEED_DATA, and call this again only then.
        """
        if 0 < n <= self.remaining:
            at = self.at
            end = at + len(chunk)
            if end <= self._room:
                # What this copies beyond n bytes is overwritten by those that follow
                sink = self._sink
                if len(chunk) in _PATTERNS:
                    pack_into(_PATTERNS[len(chunk)], sink, at, chunk)  # pyright: ignore
                else:
                    sink[at:end] = chunk
                self.at = at + n
                self.remaining -= n
                if not self.remaining:
                    self.drop()
                return True
        self.chunk = chunk
        self.pos = 0
        self.end = len(chunk) if n < 0 else n
        return False

    def expect_data(self, n, buffer, size, spill=None):
        """The next n bytes are payload: put `size` bytes into `buffer`, the rest into `spill`.

        Bytes for which there is no buffer or no room are dropped. `size` must not exceed
        len(buffer), or a bytearray would grow.
        """
        self.strict = self._after_payload = True
        self.plain = False
        self.remaining = n
        if n:
            self._sink = buffer
            self.at = 0
            self._room = size
            self._spill = spill

    def messages(self):
        """Return the Message that reads lines with a message; it is loaded when first wanted."""
        if self._messages is None:
            from .message import Message

            self._messages = Message(self)
        return self._messages

    def put(self, buffer, at):
        """Put the `remaining` bytes into buffer (a bytearray), from byte `at` on."""
        self._sink = buffer
        self._spill = None
        self.at = at
        self._room = at + self.remaining

    def take_plain(self, n, buffer):
        """The next n bytes are the payload that an empty LINE has told of: put them into buffer.

        While `plain` is True, a line that begins like none of the module's is the beginning of a
        payload. It is reported as a LINE without text. False if it cannot be of n bytes.
        """
        begun = self.begun
        if begun > n:
            return False
        self.expect_data(n, buffer, n)
        while self.at < begun:
            buffer[self.at] = self.kept[self.at + self._from]
            self.at += 1
        self.remaining -= begun
        self.begun = 0
        return True

    def redirect(self, buffer, other):
        """Put the rest of a payload that goes into buffer into other, at the same place."""
        if self._sink is buffer:
            self._sink = other

    def runs_on(self):
        """True if another line begins inside this one: what looks like an end is payload then."""
        at = self.start
        return self.message is None and (
            self.length > _LONGEST or self.line.find(b"AT-S.", at + 5, at + self.length) >= 0
        )  # 5: behind its own

    def reset(self):
        """Forget a line or payload that has begun: the place in the byte stream was lost."""
        self.remaining = self.begun = 0
        self.message = None
        self.pos = self.end
        self.strict = self.plain = self._after_payload = False
        self.drop()

    def drop(self):
        """Drop the payload bytes still to come: the memory for them is its owner's again."""
        self._sink = self._spill = None
        self._room = 0

    def next_event(self):
        """Return the next event; its details stay valid until the next call."""
        while self.pos < self.end:
            if self.message is not None:
                if self.message.read():
                    return INDICATION
            elif self.remaining:
                self.take()
            elif (
                self.begun < len(_MESSAGE)
                and (self.kept[self.start] if self.begun else self.chunk[self.pos]) in b"+\0"
                and self._begins_message()
            ):
                continue
            elif self.plain and self._is_foreign():
                self.plain = False
                self.line = _EMPTY
                self._from = self.start  # for take_plain()
                self.start = self.length = 0
                return LINE
            elif self._fill():
                line = self.line
                n = self.start
                self._field = 0
                self._from = n
                n += self.length - 1
                while self.length and line[n] == _CR:
                    self.length -= 1
                    n -= 1
                if self.length or self.strict:
                    return self._kind(line, self.start)
        return NEED_DATA

    def _is_foreign(self):
        """True if a line begins here that begins like none of the module's. An echo counts as
        payload: it cannot be told from one."""
        at = self.pos - self.begun
        i = 0
        first = 0
        while i < 5 and (i < self.begun or at + i < self.end):
            byte = self.kept[self.start + i] if i < self.begun else self.chunk[at + i]
            if not i:
                first = byte
            if byte != (b"+WIND" if first == 43 else b"AT-S.")[i]:
                return True
            i += 1
        return False

    def _begins_message(self):
        """True if a line with a message begins here. Its beginning is taken."""
        at = self.pos - self.begun
        i = 0
        if not self.begun and not (self._after_payload or self.plain):
            while at < self.end and not self.chunk[at]:
                at += 1
            if at + 6 < self.end and self.chunk[at + 6] != 56:
                return False  # it is another indication
        while i < len(_MESSAGE):
            if i < self.begun:
                byte = self.kept[self.start + i]
            elif at + i < self.end:
                byte = self.chunk[at + i]
            else:
                return False
            if byte != _MESSAGE[i]:
                return False
            i += 1
        message = self.messages()
        self.pos = at + i
        self.begun = i
        self.start = 0
        while i:
            i -= 1
            self.kept[i] = _MESSAGE[i]
        message.begin()
        self.message = message
        return True

    def report(self, length, code):
        """Describe an INDICATION: the first `length` bytes of kept."""
        self.kept[length] = 0
        self.line = self.kept
        self.start = self._field = self._from = 0
        self.length = length
        self.code = code

    def _fill(self):
        """Go on in the chunk to the end of a line; True if that is there."""
        chunk = self.chunk
        pos = self.pos
        end = chunk.find(b"\n", pos, self.end)
        self.pos = end + 1 or self.end
        if not self.begun:
            while pos < self.pos and not chunk[pos] and not self._after_payload:
                pos += 1  # NULs at the start of a line mean nothing [a.6]
            self.start = pos
            if end >= 0:
                self.line = chunk
                self.length = end - pos
                return True
        return self._keep(chunk, pos, end if end >= 0 else self.pos)

    def _keep(self, chunk, pos, end):
        """Keep a piece of a line; True if it is the last one."""
        at = self.start + self.begun if self.begun else 0
        n = at + len(chunk)
        if (not at or not pos) and n < len(self.kept):
            # What this copies beyond the end does not matter
            if len(chunk) in _PATTERNS:
                pack_into(_PATTERNS[len(chunk)], self.kept, at, chunk)
            else:
                self.kept[at:n] = chunk
            self.begun += end - pos
        else:
            if not at:
                self.start = 0
            while pos < end and at < len(self.kept) - 1:  # what does not fit is cut
                self.kept[at] = chunk[pos]
                at += 1
                pos += 1
            self.kept[at] = 0
            self.begun = at - self.start
        if self.pos == end:
            return False
        self.line = self.kept
        self.length = self.begun
        self.begun = 0
        return True

    def take(self):
        """Move payload bytes of a chunk that is not payload as a whole."""
        pos = self.pos
        n = min(self.end - pos, self.remaining)
        self.remaining -= n
        self.pos = pos + n
        while n:
            sink = self._sink
            at = self.at
            if sink is None:
                break
            if at == self._room:
                self._sink = sink = self._spill
                self._spill = None
                self.at = 0
                self._room = len(sink) if sink is not None else 0
            else:
                sink[at] = self.chunk[pos]
                self.at = at + 1
                pos += 1
                n -= 1
        if not self.remaining:
            self.drop()

    def _kind(self, line, at):
        # Behind the line there is a CR, LF or NUL
        self._after_payload = False
        if line[at] == 43:
            if line.startswith(b"+WIND:", at):
                self.code = self.number(1)
                if self.code >= 0:
                    return INDICATION
        elif line.startswith(b"AT-S.", at):
            # AT-S.OK, AT-S.OK:, :heap, :heap:state; the text of an error may be missing [a.3, T1]
            at += 5
            if line.startswith(b"OK", at) and line[at + 2] in b":\r\n\0":
                self.strict = self.plain = False
                return OK
            if line.startswith(b"ERROR", at) and line[at + 5] in b":\r\n\0":
                self.strict = self.plain = False
                self.code = self.number(1)
                return ERROR
        return LINE

    def starts(self, data):
        """True if the line of this event starts with data (bytes without NUL)."""
        return self.line.startswith(data, self.start)

    def number(self, n):
        """Return the decimal number in a field, or -1 if there is none, or none below 10**9.

        n: the field's place, 0 for the first, -1 for the last; a ':' separates fields.
        """
        line = self.line
        end = self.start + self.length
        if n < self._field:  # else it goes on from where it was
            self._field = 0
            self._from = self.start
        at = self._from
        while n > self._field:
            at = line.find(b":", at, end) + 1
            if not at:
                return -1
            self._field += 1
            self._from = at
        while n < 0:
            self._field = _NO_FIELD
            at = line.rfind(b":", self.start, end) + 1
            n += 1
            if n:
                if not at:
                    return -1
                end = at - 1
            elif not at:
                at = self.start
        n = 0
        digit = line[at] ^ 48
        if digit > 9:
            return -1
        while n < 100000000:
            n = n * 10 + digit
            at += 1
            digit = line[at] ^ 48
            if digit > 9:
                if at == end:
                    return n
                if digit == _COLON:
                    self._field += 1
                    self._from = at + 1
                    return n
                break
        return -1

    def raw(self, start=0):
        """Return the line from byte `start` on, as bytes."""
        return bytes(memoryview(self.line)[self.start + start : self.start + self.length])

    def text(self, start=0):
        """Return the line from byte `start` on, as str; bytes that are not ASCII become '?'."""
        data = bytearray(self.raw(start))
        for i in range(len(data)):
            if not 32 <= data[i] < 127 and data[i] != 9:
                data[i] = 63
        return data.decode()
