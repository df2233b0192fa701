"""Reads lines that have a message of MQTT: its bytes may be anything, so they are counted. [d]

The rules of parser.py hold here, too. It is a file of its own because few programs need it.
"""

from ..const import const

_CODE = const(86)
_HEAD = const(1)  # up to the colon before the message
_BODY = const(2)  # the message, and the line end
_COLONS = const(8)  # of a head, behind "+WIND:86:", if the topic has none
_NO_DIGIT = const(-2)  # a field has only begun
_MOST = const(70000)  # bytes of such a line: more than the longest topic has


class Message:
    """The lines with a message that a Parser meets, one after the other.

    INDICATION is reported twice: when the head is there, while `message` of the parser is this,
    and at the end of the line, when it is None.
    fields: the five numbers of the head: dup, QoS and retained in some order, the bytes here, and
    those of the whole message. whole: at the end, the message is where expect() wanted it.
    doubtful: its length is not certain, or its head was no head. wild: to be set to False while no
    topic has a colon.
    """

    def __init__(self, parser):
        self._parser = parser
        self.fields = [-1] * 5
        self.wild = True
        self.whole = self.doubtful = False
        self._loose = False  # what looks like a head in a topic or a message counts
        self._part = _HEAD
        self._cr = False
        self._value = _NO_DIGIT
        self._colons = self._count = 0
        # In a loose message, where its bytes go. Else the parser puts them there
        self._sink = None
        self._at = self._end = 0

    def expect(self, buffer, at):
        """Put the message that follows into buffer (a bytearray), from byte `at` on. Without this
        call it is dropped."""
        n = self._parser.remaining
        self._end = at + n
        if self._loose:
            self._sink = buffer
            self._at = at
        else:
            self._parser.put(buffer, at)

    def begin(self):
        """A line has begun; "+WIND:86:" has been read."""
        self._part = _HEAD
        self._colons = self._count = 0
        self._value = _NO_DIGIT
        self.doubtful = False
        self._loose = self.wild
        self._sink = None

    def read(self):
        """Go on in the parser's chunk; True: an event."""
        if not self._parser.remaining:
            return self._go_on()
        if self._loose:
            self._take_doubted()
        else:
            self._parser.take()
        return False

    def _go_on(self):
        """Go on with a line, but not in the message."""
        parser = self._parser
        while parser.pos < parser.end and not parser.remaining:
            byte = parser.chunk[parser.pos]
            parser.pos += 1
            if self._part == _BODY:
                if byte == 10 and self._cr:
                    return self._finish()
                if byte == 13 and not self._cr:
                    self._cr = True
                    self._counts(byte)
                    continue
                self.doubtful = self._loose = True  # its length was not what the head has told
                self._part = _HEAD
            self._count += 1
            if self._count > _MOST:
                self.doubtful = True
                return self._finish()
            if not self.doubtful and parser.begun < len(parser.kept) - 1:
                parser.kept[parser.begun] = byte
                parser.begun += 1
            if self._counts(byte):
                self._part = _BODY
                parser.remaining = self.fields[3]
                self._cr = False
                self._drop()
                if not self.doubtful:
                    parser.report(parser.begun, _CODE)
                    self._at = parser.at = self._end = 0
                    return True
            elif byte == 10 and not self._loose:
                self.doubtful = self._loose = True
        return False

    def _counts(self, byte):
        """Look at a byte of a head; True if it ends it."""
        value = self._value
        if byte != 58:
            byte ^= 48
            if byte > 9 or value > 9999999:
                value = -1
            elif value >= 0:
                value = value * 10 + byte
            elif value == _NO_DIGIT:
                value = byte
            self._value = value
            return False
        fields = self.fields
        byte = 0
        while byte < 4:
            fields[byte] = fields[byte + 1]
            byte += 1
        fields[4] = value
        self._value = _NO_DIGIT
        self._colons += 1
        if self._colons < _COLONS:
            return False
        if min(fields) < 0:
            if not self._loose:
                self.doubtful = self._loose = True
            return False
        value = fields[3]
        return not self._loose or (
            max(fields[0], fields[1], fields[2]) < 3
            and value <= fields[4]
            and (value > 0 or not fields[4])
        )

    def _take_doubted(self):
        """Move bytes of a message whose topic may have colons, or of which bytes were lost.

        A topic can look like a head. So each thing that looks like one counts, and the line ends
        where the last of them says: no byte of a message becomes a line. Silence ends it, too.
        """
        parser = self._parser
        while parser.remaining and parser.pos < parser.end:
            byte = parser.chunk[parser.pos]
            parser.pos += 1
            parser.remaining -= 1
            self._count += 1
            if self._count > _MOST:
                parser.remaining = 0
            if self._sink is not None and self._at < self._end:
                self._sink[self._at] = byte
                self._at += 1
            if self._counts(byte) and self.fields[3] > parser.remaining:
                parser.remaining = self.fields[3]
                self.doubtful = True
                self._sink = None
        if not parser.remaining:
            self._sink = None

    def _drop(self):
        self._sink = None
        self._parser.drop()

    def _finish(self):
        """The line is over."""
        parser = self._parser
        at = self._at if self._loose else parser.at
        self.whole = not self.doubtful and at == self._end
        parser.message = None
        parser.begun = 0
        parser.report(0, _CODE)
        return True
