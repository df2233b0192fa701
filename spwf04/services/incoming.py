"""What comes on a WebSocket: how many bytes wait in the module, and where messages end.

Indications tell both; a read tells neither. They can be late, or missing. So the module is asked,
too: no byte is lost, and a message whose end nothing has told ends where silence begins. [j, g.7]
"""

from ..at.exchange import ASLEEP, TIMED_OUT, Exchange
from ..at.reading import announced
from ..at.task import Wait
from ..const import const
from ..errors import SPWF04Error, errno

_MS = const(10000)
_LATE_MS = const(300)  # so late an indication may be
GONE = (72, 76, 78, 79)
_NO_ROOM = "there was too little memory for a message"


class ConnectionClosed(SPWF04Error):
    """The WebSocket is closed: nothing more comes, and nothing can be sent.

    clean: False if the module restarted, or bytes were lost. reason: the module's number for it,
    or None.
    """

    clean = True
    reason: "int | None" = None


class Incoming:
    """The receiving half of a WebSocket."""

    kind = b"w"
    id = -1
    wild = False
    ended = False
    guessed = 0
    over = None  # why nothing can be sent any more
    clean = True
    _reason = None
    known = 0  # bytes that indications have told of, less those that were returned
    _owed = 0  # of those that were guessed, the ones of which an indication may still come
    _guess_at = 0  # _heard at that time
    _extra = -1  # bytes that waited at the last question, though nothing told of them
    _heard = 0  # count of indications
    _asked = 0  # what that was when waiting began
    _ask_at = None
    _got = -1
    _spill = None
    _calls = 0  # that receive, or asking()

    def __init__(self, links):
        self.links = links
        self.channel = links.channel
        self.ends = []  # of messages: how many of the bytes told of, up to there
        self._ahead = b""  # bytes that the module gave beyond those asked for

    def told(self, parser):
        """+WIND:88:WebSocket Data:<id>:<last frame>:<last part>:<received>:<cumulated>"""
        n = parser.number(6)
        if n < 0:
            return
        self._heard += 1
        self._ask_at = None
        self._extra = -1
        self.known += n
        if parser.number(4) == 1 and parser.number(5) == 1:
            try:
                self.ends.append(self.known)
            except MemoryError:  # two messages would come as one
                self.die(_NO_ROOM)

    def die(self, words="bytes were lost"):
        """Bytes of it were lost, or the module restarted: nothing can be read or sent any more."""
        self.over = words
        self.clean = False
        self.known = 0
        self.ends = []
        self._ahead = b""

    def closed(self):
        """Return the exception for a WebSocket that is closed."""
        words = "the WebSocket is closed: " + (self.over or "")
        remedy = "reconnect"
        e = ConnectionClosed(errno.ECONNRESET, words, hint="Connect again", remedy=remedy)
        e.clean = self.clean
        e.reason = self._reason
        return e

    def asking(self):
        """Steps: indications were masked. What they would have told is asked for; a call that
        receives asks by itself."""
        if self._calls or self.id < 0 or self.over:
            return
        self._calls += 1
        try:
            yield from self._ask(True)
            if self._extra > 0:  # asked again, they are a message
                self._asked = self._heard
                yield Wait(self._news, _LATE_MS)
                if not self._news():
                    yield from self._ask(True)
        finally:
            self._calls -= 1

    def piece(self, buffer, size, until):
        """Steps: receive up to `size` bytes of one message into buffer; return how many."""
        channel = self.channel
        waited = until is None or channel.left(until) > 0
        while self._calls:  # asking() is at work, or another caller waits for a message
            if channel.expired(until):
                raise _late(waited)
            yield Wait(lambda: not self._calls, _MS if until is None else channel.left(until))
        self._calls += 1
        self._got = -1
        try:
            return (yield from self._piece(buffer, size, until, waited))
        except MemoryError:
            if self._got >= 0:  # bytes have come, and nobody has them
                self.die(_NO_ROOM)
            raise
        finally:
            self._calls -= 1

    def _piece(self, buffer, size, until, waited):
        channel = self.channel
        channel.poll()
        self.ended = False
        while True:
            if self.ends and not self.ends[0]:
                self.ends.pop(0)
                self.ended = True
                return 0
            if self._owed and self._heard != self._guess_at:
                yield from self._settle()
            n = self.ends[0] if self.ends else self.known
            if n > 0:
                n = yield from self._fetch(buffer, min(n, size))
                if n > 0:
                    return self._count(n)
                continue
            if self.over:
                yield from self._at_end()
                continue
            if channel.expired(until):
                if (yield from self._look()):
                    continue
                raise _late(waited)
            yield from self._silence(until)

    def _count(self, n):
        """n bytes were returned."""
        self.known -= n
        for i in range(len(self.ends)):
            self.ends[i] -= n
        if self.ends and not self.ends[0]:
            self.ends.pop(0)
            self.ended = True
        return n

    def _silence(self, until):
        """Steps: wait for an indication. After pool.quiet_ms ask the module, because indications
        can be missing. [g.7, decision 2]"""
        channel = self.channel
        quiet = self.links.radio.pool.quiet_ms
        if self._ask_at is None:
            self._ask_at = channel.deadline(quiet)
        self._asked = self._heard
        ms = channel.left(self._ask_at)
        if until is not None:
            ms = min(ms, channel.left(until))
        yield Wait(self._news, ms)
        if not self._news() and channel.expired(self._ask_at):
            self._ask_at = None
            yield from self._ask(True)

    def _look(self):
        """Steps: the same without waiting, for a program that polls; True if there is something
        now."""
        if self._ask_at is None:
            self._ask_at = self.channel.deadline(self.links.radio.pool.quiet_ms)
        if not self.channel.expired(self._ask_at):
            return False
        self._ask_at = None
        yield from self._ask(True)
        return self.known > 0 or self.over is not None

    def _at_end(self):
        """Steps: nothing more is told of. ConnectionClosed, unless bytes wait all the same."""
        if self.clean and self.id >= 0:
            yield from self._ask(True, True)
            if self.known > 0:
                return
        raise self.closed()

    def _settle(self):
        """Steps: bytes were guessed. Was the indication that has come theirs, but late?"""
        while self.known > 0 and self._owed and not self.over:
            self._asked = self._heard
            more = yield from self._ask()
            if more is not None and more > 0:  # one more is on its way
                yield Wait(self._news, _LATE_MS)
                if self._heard == self._asked:
                    self._owed = 0

    def _news(self):
        return self._heard != self._asked or self.over is not None

    def _ask(self, guess=False, last=False):
        """Steps: ask how many bytes wait; return how many more than were told of, None: unknown.

        With `guess`, more than was told of are a message if they are as many the second time; with
        `last`, at once.
        """
        found = []
        heard = self._heard

        def on_line(parser):
            if parser.starts(b"AT-S.Query:"):
                found.append(parser.number(1))

        exchange = Exchange(on_line).prepare(b"AT+S.WSOCKQ=%d\r" % self.id, None, _MS)
        yield exchange
        if exchange.code in GONE:
            self.over = self.over or "the other side has closed it"
            self.known = len(self._ahead)
            self.ends = [n for n in self.ends if n <= self.known]
            return None
        if exchange.code < 0 and exchange.code != ASLEEP:
            self.die("the module did not answer")
        self.channel.check(exchange)
        if heard != self._heard or not found or found[0] < 0:
            return None
        more = found[0] + len(self._ahead) - self.known
        self._compare(more, guess, last)
        return more

    def _compare(self, more, guess, last):
        if more < 0:
            self._forget(-more)
        elif more and guess:
            if more != self._extra and not last:
                self._extra = more
                return
            self.known += more
            self._owed += more
            self._guess_at = self._heard
            self.ends.append(self.known)
            self.guessed += 1
        elif not more and self._heard != self._guess_at:
            self._owed = 0
        self._extra = -1

    def _forget(self, n):
        """n bytes that were told of are not there: they came before an indication that was late,
        or one was told twice."""
        late = min(n, self._owed)
        self._owed -= late
        self.known -= late
        ends = [end - late for end in self.ends if end > late]
        self.known -= n - late
        self.ends = [end for end in ends if end <= self.known]
        if len(self.ends) < len(ends) and self.known and self.known not in self.ends:
            self.ends.append(self.known)

    def _fetch(self, buffer, n):
        """Steps: move up to n bytes into buffer; return how many, 0: there were none."""
        if self._ahead:
            self._got = n = min(n, len(self._ahead))
            buffer[:n] = self._ahead[:n]
            self._ahead = self._ahead[n:]
            return n
        if self.id < 0 or not self.clean:
            raise self.closed()
        n = min(n, self.links.radio.pool.chunk)
        channel = self.channel
        self._got = -1
        self._spill = None

        def on_line(parser):
            got = announced(channel, parser, n)
            if got < 0:
                return
            self._got = got
            if got > n:
                self._spill = bytearray(got - n)
            parser.expect_data(got, buffer, min(n, got), self._spill)
            channel.announced(got >= n, self)

        exchange = Exchange(on_line).prepare(b"AT+S.WSOCKR=%d,%d\r" % (self.id, n), None, _MS)
        exchange.awaits_payload = True
        try:
            yield exchange
        except:
            self.die("a read was broken off")
            raise
        return (yield from self._fetched(exchange, n))

    def _fetched(self, exchange, n):
        """Steps: what became of a read."""
        code = exchange.code
        got = self._got
        if not code and got >= 0 and self.clean:
            if self._spill is not None:
                self._ahead, self._spill = self._spill, None
            if not got:
                yield from self._ask()
            return min(got, n)
        if not code or (code > 0 and got >= 0):
            self.channel.lose()  # there was no header, or an error after one
            exchange.damaged = True
            exchange.code = code = TIMED_OUT
        if (code < 0 and code != ASLEEP) or code == 1:
            self.die("bytes were lost")
            self.channel.check(exchange)
        before = self.known
        yield from self._ask()  # the number may have been an old one
        if self.known == before and not self.over:
            self.channel.check(exchange)
        return 0


def _late(waited):
    """The exception if no message has come."""
    if waited:
        return OSError(errno.ETIMEDOUT, "no message came in time")
    return OSError(errno.EAGAIN, "nothing has arrived yet")
