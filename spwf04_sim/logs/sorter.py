"""Tells apart what host and module sent in one stream of bytes, and takes out the payloads.

A payload is as long as announced if a piece of the protocol follows there. Else it ends where the
next piece begins, because pasted text has other line ends, and a host may send too little.
"""

import bisect

from . import signs
from .events import COMMAND, IN, LINE, NOTE, OUT, RUBBISH, Event
from .forms import parse

_LONGEST = 1 << 20  # bytes without an end that are kept

_OUT, _IN, _BODY = 1, 2, 3


class Sorter:
    """Is fed with bytes, and calls emit(Event).

    altered: the bytes are a text that was edited or pasted. both: the stream has lines of the
    module; None: not known yet.
    """

    def __init__(self, emit, altered=False, both=None):
        self._emit = emit
        self._altered = altered
        self.both = both
        self._buffer = bytearray()
        self._pos = 0
        self._offsets = []  # where each feed() begins, and its marks
        self._marks = []
        self._state = 0
        self._count = 0  # bytes of the payload that was announced
        self._open = None  # text of the command whose reply is not complete
        self._echoed = False
        self._body = False  # raw data may follow a status line
        self._free = False  # lines of any form may be part of the reply
        self._typed = False  # its line is the host's own, so its payload is here too
        self._delimiter = ","
        self._first = True
        self.spi = False  # lines of the SPI interface were seen

    def feed(self, data, ms=None, way="", place=0):
        """Take in more bytes. way: ">", "<" or "". place: number of their line."""
        self._offsets.append(len(self._buffer))
        self._marks.append((ms, way, place))
        self._buffer += data
        if way == "<" or b"AT-S." in data or b"+WIND:" in data:
            self.both = True
        if len(self._buffer) - self._pos > _LONGEST:
            self.pause()

    def advance(self, final=False):
        """Emit what is certain. final: no more bytes come for now."""
        steps = {_OUT: self._take_out, _IN: self._take_in, _BODY: self._take_body}
        while self._pos < len(self._buffer):
            if not steps.get(self._state, self._take_line)(final):
                return
        self._buffer.clear()
        self._offsets, self._marks, self._pos = self._offsets[-1:], self._marks[-1:], 0
        self._offsets = [0] * len(self._offsets)

    def pause(self):
        """Emit all, because the line is silent."""
        self.advance(final=True)

    # pieces ----------------------------------------------------------------------------------
    def _mark(self, pos):
        at = bisect.bisect_right(self._offsets, pos) - 1
        return self._marks[at] if at >= 0 else (None, "", 0)

    def _tell(self, kind, data, pos, **more):
        ms, _, place = self._mark(pos)
        self._emit(Event(kind, data, ms, place=place, **more))

    def _starts(self, pos, final):
        """True if a piece of the protocol begins at pos. None: not known yet."""
        rest = bytes(self._buffer[pos : pos + 8])
        if signs.START.match(rest):
            return True
        if not rest:
            return True if final else None
        if len(rest) < 8 and not final and any(s.startswith(rest) for s in (b"AT-S.", b"+WIND:")):
            return None
        return rest.upper().startswith((b"AT\r", b"AT\n"))

    def _take_out(self, final):
        """Take the payload of a command."""
        buffer, pos, n = self._buffer, self._pos, self._count
        if self._typed and pos + n <= len(buffer) and self._starts(pos + n, final):
            return self._payload(OUT, pos, pos + n)
        echo = self._echo_at(pos, final)
        if echo is not False:
            return echo is True
        here = self._starts(pos, final)
        if here is None and len(buffer) - pos < 8 and not final:
            return False
        skips = (0, 1) if buffer[pos : pos + 1] == b"\n" else (0,)
        if len(skips) == 2 and not here:
            here = self._starts(pos + 1, final)
            if here is None:
                return False
        if here and pos < len(buffer):
            self._tell(OUT, None, pos, n=n)  # only the module's side was recorded
            self._state = 0
            return True
        for skip in skips:
            end = pos + skip + n
            if end > len(buffer) and not final:
                return False
            fits = self._starts(end, final) if end <= len(buffer) else False
            if fits is None:
                return False
            if fits:
                return self._payload(OUT, pos + skip, end, lf=bool(skip))
        match = signs.NEXT.search(buffer, pos)
        if match is None and not final:
            return False
        end = match.start() if match is not None else min(len(buffer), pos + max(n, 1))
        end = self._plausible(pos, end)
        if self._altered and not bytes(buffer[pos:end]).strip():
            self._tell(OUT, None, pos, n=n)
            self._pos, self._state = end, 0
            return True
        return self._payload(OUT, pos, end)

    def _plausible(self, pos, end):
        """The end of a payload in a text, where a person's words may follow."""
        n = self._count
        if self._altered and end - pos > n + self._buffer.count(b"\n", pos, pos + n) + 2:
            line = self._buffer.find(b"\n", pos + n)
            return min(end, line + 1 if line >= 0 else end)
        return end

    def _echo_at(self, pos, final):
        """Take the module's echo of a command that stands before its payload. True: taken. None:
        not known yet."""
        text = (self._open or "").encode("utf-8", "surrogateescape")
        skip = 1 if self._buffer[pos : pos + 1] == b"\n" and not self._altered else 0
        there = bytes(self._buffer[pos + skip : pos + skip + len(text) + 2])
        if self._echoed or not text or not there.lstrip(b"\n").startswith(text[:5]):
            return False
        if len(there) < len(text) + 2 and not final:
            return None
        if not there.startswith(text) or there[len(text) :][:1] not in (b"\r", b"\n"):
            return False
        end = signs.END.search(self._buffer, pos + skip + len(text))
        self._tell(COMMAND, text, pos, echo=True)
        self._echoed = True
        self._pos = end.end() if end is not None else len(self._buffer)
        return True

    def _take_in(self, final):
        """Take a payload whose length the module has announced."""
        buffer, pos, n = self._buffer, self._pos, self._count
        end = pos + n
        if end + 5 > len(buffer) and not final:
            return False
        if buffer[end : end + 5] == b"AT-S." or end == len(buffer):
            return self._payload(IN, pos, end)
        match = signs.FINAL.search(buffer, pos)
        if match is None:
            match = signs.LINE.search(buffer, pos)
        if match is None and not final:
            return False
        stop = match.start() if match is not None else min(end, len(buffer))
        stop = self._plausible(pos, stop)
        if self._altered and bytes(buffer[end:stop]).strip(b"\r\n") == b"":
            # the line end behind the payload is one of the text
            self._payload(IN, pos, min(end, stop))
            self._pos = stop
            return True
        return self._payload(IN, pos, stop)

    def _take_body(self, final):
        """Take raw data of unknown length; AT-S.OK follows without a line end. [j]"""
        buffer, pos = self._buffer, self._pos
        final_line = signs.FINAL.search(buffer, pos)
        other = signs.LINE.search(buffer, pos)
        found = [m.start() for m in (final_line, other) if m is not None]
        if not found and not final:
            return False
        end = min(found) if found else len(buffer)
        if end > pos:
            return self._payload(IN, pos, end, counted=False)
        self._state = 0
        return True

    def _payload(self, kind, start, end, lf=False, counted=True):
        data = bytes(self._buffer[start:end])
        self._tell(kind, data, start, n=self._count if counted else None, lf=lf)
        self._pos = end
        self._state = 0
        return True

    # lines -----------------------------------------------------------------------------------
    def _take_line(self, final):
        buffer, pos = self._buffer, self._pos
        match = signs.END.search(buffer, pos)
        if match is None and not final:
            return False
        if match is not None and match.end() == len(buffer) and match[0] == b"\r" and not final:
            return False  # a LF may follow
        stop, end = match.span() if match is not None else (len(buffer), len(buffer))
        line = bytes(buffer[pos:stop]).lstrip(b"\0")
        self._pos = end
        if line.strip():
            self._line(line, pos, bytes(match[0]) if match is not None else b"")
        return True

    def _line(self, line, pos, ends):
        at = signs.START.search(line)
        if line.strip().upper() == b"AT":
            self._command(line, pos, ends)
            return
        if at is None or (at.start() and self._prose(line[: at.start()], line)):
            self._other(line, pos)
            return
        if at.start():
            self._prefix(line[: at.start()], pos)
            line = line[at.start() :]
        word = line[:8].upper()
        if word.startswith(b"AT+S.WIN"):  # SPI
            self.spi = True
            self._module(b"+" + signs.WIFISTATE.sub(b"", line[5:]), pos)
        elif word.startswith((b"AT-S.", b"+WIND:")):
            self._module(line, pos)
        else:
            self._command(line, pos, ends)
        self._first = False

    def _prose(self, before, line):
        """True if a person only writes about the command in this line."""
        glued = self._open is not None and signs.FINAL.search(line) is not None
        return (
            self._altered and not glued and not signs.rubbish(before) and bool(before.strip(b" >"))
        )

    def _prefix(self, before, pos):
        """Take bytes before a piece of the protocol."""
        if not before.strip(b" >\t"):
            return
        if signs.rubbish(before):
            self._tell(RUBBISH, before, pos)
        elif self._open is not None:
            self._module(before, pos)
        else:
            self._tell(NOTE, before, pos)

    def _module(self, line, pos):
        self._tell(LINE, line, pos)
        counted = signs.COUNTED.match(line)
        if counted is not None:
            self._count = int(counted[1])
            self._state = _IN if self._count else 0
        elif line.startswith(b"AT-S.Http Server Status Code:") and self._body:
            self._state = _BODY
        elif signs.FINAL.match(line):
            self._open, self._body = None, False

    def _command(self, line, pos, ends):
        text = line.decode("utf-8", "surrogateescape").rstrip()
        way = self._mark(pos)[1]
        again = text == self._open and not self._echoed
        if again and way != ">" and self.both and (way == "<" or ends != b"\r"):
            self._echoed = True
            self._tell(COMMAND, line, pos, echo=True)
            return
        found = parse(text, self._delimiter)
        if found is None and self._altered:
            self._tell(NOTE, line, pos)
            return
        self._tell(COMMAND, line.rstrip(), pos, heard=way == "<")
        self._open, self._echoed = text, way == "<"
        if found is None:
            return
        self._body = found.body
        self._free = self._body and not (self._altered and found.name.startswith("HTTP"))
        if found.name == "SCFG" and found.argument(0) == "console_delimiter":
            self._delimiter = signs.delimiter(found.argument(1)) or self._delimiter
        if found.data:
            self._state, self._count = _OUT, found.data
            self._typed = ends == b"\r" and not self._altered
            if ends.endswith(b"\r\n") and not self._altered:
                self._pos -= 1  # the LF may be the first byte of the payload

    def _other(self, line, pos):
        """Take a line that begins like no piece of the protocol."""
        way = self._mark(pos)[1]
        if self._first:
            self._first = False
            wind, reply = signs.CUT_WIND.fullmatch(line), signs.CUT_REPLY.fullmatch(line)
            if wind is not None:
                self._module(b"+WIND:%s:%s" % (wind[1], wind[2]), pos)
                return
            if reply is not None:
                self._module(b"AT-S." + reply[1], pos)
                return
        if signs.rubbish(line):
            self._tell(RUBBISH, line, pos)
        elif way == "<" or (
            self._open is not None and (self._free or signs.SCAN.match(line) or not self._altered)
        ):
            self._module(line, pos)
        else:
            self._tell(NOTE, line, pos)
