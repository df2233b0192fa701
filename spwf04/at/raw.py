"""A reply that brings bytes of unknown length without a frame, such as the body of a web page. [j]

    exchange = RawExchange(sink, on_line).prepare(command, None, timeout_ms)
    yield exchange

Its last line follows the bytes without a line end, and the bytes may hold the same text, lines of
indications and of errors: they are a stranger's. So from the moment the command is sent, nothing
of what arrives is looked at as lines, but for those before the bytes. When nothing comes for a
while, and the last bytes look like the end of a reply, the module is asked for three of its
settings, chosen by chance. It answers only once it has ended the reply, and a server cannot know
what was asked. So the end is where these answers begin, and the channel is in step.

If a caller gives up before, Raw stays in the place of the parser and drops what comes. The next
command asks likewise before it is sent.
"""

from struct import pack_into

from ..const import const
from .exchange import LOST, RESTARTED, TIMED_OUT, Exchange
from .parser import ERROR, INDICATION, LINE, OK

try:
    from os import urandom
except ImportError:
    urandom = None

_SLOT = const(256)
_PATTERNS = {256: "256s", 64: "64s", 16: "16s", 4: "4s", 1: "1s"}  # see parser.py
_READY = const(1)  # ATChannel._state
_OUT_OF_STEP = const(2)

_QUIET_MS = const(20)  # after what looks like the end of the reply
_STALL_MS = const(2000)  # after anything else: the end may have been damaged
_ANSWER_MS = const(1500)  # to an answer; the pause doubles, because questions may be answered late
_AFTER_MS = const(25000)  # to find the module behind bytes that were given up
_ENOUGH = const(3)  # answers
_KEPT = const(4)  # questions whose answers may still come: with the end they fit into a slot

# Variables whose values are short: five bits of chance each [f.3]
_NAMES = (
    "standby_time standby_enabled sleep_enabled etf_mode blink_led ext_volume ramdisk_memsize "
    "console_enabled console_speed console_hwfc console_echo console_errs console_winds "
    "console_verbose console_repeater console_delimiter wifi_ht_mode wifi_mode wifi_auth_type "
    "wifi_powersave wifi_tx_power wifi_channelnum wifi_region wifi_priv_mode ip_sock_memsize "
    "ip_num_clients ip_use_dhcpd ip_use_httpd ip_use_tftpd ip_use_dhcpc ip_dhcp_timeout ip_use_v6"
)


class Raw:
    """Stands in the place of the channel's parser while a stranger's bytes come.

    It touches no UART and no clock, and takes no memory while they come. sink: called with
    (memoryview, n) for each piece of 256 bytes, and for the rest at the end: its first n bytes are
    the next ones, and have to be copied. None: they are dropped. The last 256 bytes or more stay
    here until the end is known.

    lines: the parser. head: the Ending that gets each line before the bytes, or None. size: count
    of bytes that came. delivered: of those that the sink got. error: what the sink raised.
    """

    strict = plain = False
    begun = pos = end = code = 0

    def __init__(self, lines, sink):
        self.lines = lines
        self.sink = sink
        self.head: "Ending | None" = None
        self.error: "Exception | None" = None
        self.size = self.delivered = 0
        self.remaining = _SLOT  # bytes that fit into the slot: bounds the next read of the UART
        self._slots = bytearray(_SLOT), bytearray(_SLOT)
        self._views = memoryview(self._slots[0]), memoryview(self._slots[1])
        self._now = 0  # the slot that is being filled
        self._full = False  # the other one is full
        self._head = b""
        self.over = False  # the reply has ended before the bytes
        self.rest = b""  # what came behind it then

    def receive_data(self, chunk, n=-1):
        """Take the first n bytes of chunk (-1: all), which are no more than `remaining`."""
        if n < 0:
            n = len(chunk)
        if self.head is not None:
            self._take_head(bytes(memoryview(chunk)[:n]))
            return False
        at = _SLOT - self.remaining
        if len(chunk) in _PATTERNS and len(chunk) <= self.remaining:
            # What this copies beyond n bytes is overwritten by those that follow
            pack_into(_PATTERNS[len(chunk)], self._slots[self._now], at, chunk)
        else:
            slot = self._slots[self._now]
            for i in range(n):
                slot[at + i] = chunk[i]
        self.size += n
        self.remaining -= n
        if not self.remaining:
            if self._full:
                self._deliver(1 - self._now, _SLOT)
            self._full = True
            self._now = 1 - self._now
            self.remaining = _SLOT
        return False

    def next_event(self):
        """There are no events."""
        return 0

    def messages(self):
        """As of the parser, whose place this has."""
        return self.lines.messages()

    def reset(self):
        """The caller gave up: drop what comes."""
        self.sink = self.head = None

    def find(self, channel, exchange):
        """Find the module behind bytes that were given up, then send the exchange."""
        Ending(channel, self, exchange, _AFTER_MS, True)

    def leave(self, channel):
        """Put the parser back in its place."""
        self.reset()
        self.lines.reset()
        channel.parser = self.lines

    def drop(self):
        """The memory of the sink is its owner's again."""
        self.sink = None

    def last(self):
        """Return the last byte that came, -1 before the first."""
        at = _SLOT - self.remaining
        if at:
            return self._slots[self._now][at - 1]
        return self._slots[1 - self._now][_SLOT - 1] if self._full else -1

    def tail(self):
        """Return the last bytes: 256 or more, or all."""
        tail = bytes(self._views[self._now][: _SLOT - self.remaining])
        return bytes(self._slots[1 - self._now]) + tail if self._full else tail

    def finish(self, size):
        """Give the first `size` bytes of tail() to the sink."""
        if self._full:
            self._deliver(1 - self._now, min(size, _SLOT))
            size -= _SLOT
        if size > 0:
            self._deliver(self._now, size)

    def _deliver(self, slot, n):
        if n and self.sink is not None:
            self.delivered += n
            try:
                self.sink(self._views[slot], n)
            except Exception as e:  # the rest has to be read all the same
                self.error = e
                self.sink = None

    def _take_head(self, data):
        data = self._head + data
        while self.head is not None:
            at = data.find(b"\n") + 1
            if not at and len(data) < _SLOT:
                self._head = data
                return
            if not at or self.head.on_head(data[:at]):
                self.head = None
            data = data[at:]
        self._head = b""
        if self.over:
            self.rest = data
            return
        while data:
            n = min(len(data), self.remaining)
            self.receive_data(data[:n])
            data = data[n:]


class RawExchange(Exchange):
    """A command whose reply brings bytes without a frame.

    sink: see Raw. on_line: called with the parser for each line before the bytes; it returns True
    if they begin behind this line. None: they begin at once.

    At the end: code, as that of each Exchange. damaged: the module answers, but the end of the
    reply was not seen, so that the last bytes may be some of its. size: count of bytes. error:
    what the sink raised. If time is over before the end (TIMED_OUT, not damaged), the bytes that
    still come are dropped.
    """

    size = 0
    error: "Exception | None" = None

    def __init__(self, sink, on_line=None):
        super().__init__(on_line)
        self.sink = sink

    def launched(self, channel):
        """The channel begins to send it."""
        if self.is_stale(channel):
            return
        raw = Raw(channel.parser, self.sink)
        ending = Ending(channel, raw, self, self.timeout_ms)
        if self.on_line is not None:
            raw.head = ending
        channel.parser = raw


def is_end(text, end):
    """Return where the last line of a reply begins in text that ends at byte `end`; -1: there is
    none."""
    at = text.rfind(b"AT-S.", 0, end)
    line = text[at:end]
    if at < 0 or line[-2:] != b"\r\n" or b"\r" in line[:-2]:
        return -1
    if line[:8] in (b"AT-S.OK\r", b"AT-S.OK:"):
        return -1 if line[7:].strip(b":0123456789\r\n") else at
    return at if line[:11] in (b"AT-S.ERROR\r", b"AT-S.ERROR:") else -1


def may_be_over(text):
    """True if text ends as a reply does, or with an indication: all are masked, so that one tells
    of a restart, and others may follow it for ever."""
    line = text[text.rfind(b"\n", 0, -1) + 1 :]
    return is_end(text, len(text)) >= 0 or (line[:6] == b"+WIND:" and line[-2:] == b"\r\n")


class Ending(Exchange):
    """Finds the end of the bytes; the channel's `_resync` meanwhile.

    exchange: a RawExchange in flight; or, after one was given up, what is sent when the module has
    been found.
    """

    payload = None
    timeout_ms = _ANSWER_MS

    def __init__(self, channel, raw, exchange, ms, after=False):
        self.channel = channel
        self.raw = raw
        self.exchange = exchange
        self.on_line = None
        self._after = after
        self._until = channel.deadline(ms)
        self._stalled = after  # ask, whatever the last bytes are
        self._waits = False  # for an answer, which may be the next thing that comes
        self._pause = _ANSWER_MS
        self._asked = []  # names; the last one is the latest
        self._winds = b""  # indications among the answers
        self._restarted = False
        channel._resync = self
        if after:
            channel.exchange = self
            raw.drop()
            raw.head = None
        self._listen(_QUIET_MS if after else ms)

    def launched(self, channel):
        """As of an Exchange: the parser stays as it is."""

    def _listen(self, ms):
        channel = self.channel
        channel._deadline = channel.deadline(min(ms, channel.left(self._until)))

    # told by the channel and by Raw ----------------------------------------------------------
    def on_head(self, data):
        """A line before the bytes came; True if they begin behind it."""
        channel = self.channel
        lines = self.raw.lines
        lines.receive_data(data)
        event = lines.next_event()
        if event == INDICATION:
            if lines.code > 1:
                channel._on_indication(lines)
                return False
            self._winds = data  # it restarted
            self._over(RESTARTED)
        elif event == LINE:
            if not lines.starts(b"AT+") and not lines.starts(b"at+"):
                return self.exchange.on_line(lines)
            self._over(RESTARTED)  # an echo: nothing else told of it
        elif event:
            if event == ERROR:
                self.exchange.text = lines.text(12 + len(str(lines.code)))
            self._over(0 if event == OK else max(1, lines.code))
        else:
            return False
        self.raw.over = True
        return True

    def booted(self):
        """As of Resync: nothing to do, on_head() sees it."""

    def heard(self):
        """Something came."""
        if self.channel._resync is not self or self.raw.head is not None:
            return
        self._stalled = self._after
        if self.raw.last() != 10:
            self._listen(_STALL_MS)
            return
        if self._waits and self._look(self.raw.tail()):
            return
        # A caller who comes seldom finds that there was silence, and may never find one
        if self.channel.expired(self.channel._deadline) and may_be_over(self.raw.tail()):
            self._ask()
            return
        self._listen(_QUIET_MS)

    def late(self):
        """There is silence."""
        channel = self.channel
        if channel.expired(self._until):
            self._give_up()
            return
        text = self.raw.tail()
        if self._look(text):
            return
        if may_be_over(text) or self._stalled or self._waits:
            self._ask()
        else:
            self._stalled = True
            self._listen(_STALL_MS)

    # asking ----------------------------------------------------------------------------------
    def _ask(self):
        channel = self.channel
        names = _NAMES.split(" ")
        name = b""
        chance = channel.uart.received ^ channel.clock.ticks_ms()
        while not name or name in self._asked:
            if urandom is not None:
                chance = urandom(1)[0]
            name = names[chance & 31].encode()
            chance += 1
        self._asked = self._asked[1 - _KEPT :] + [name]
        # No CR before it: an empty line may have an answer, which would look like the end
        self.command = b"AT+S.GCFG=" + name + b"\r"
        channel.launch(self)
        self._waits = True
        self._listen(self._pause)
        self._pause *= 2

    def _look(self, text):
        """Look for answers at the end of text; True if there are some: it goes on from there."""
        count, at = self._answers(text)
        if not count:
            return False
        self._pause = _ANSWER_MS
        if count < _ENOUGH:
            self._ask()
            return True
        start = is_end(text, at)
        code = TIMED_OUT
        if start >= 0:
            lines = self.raw.lines
            lines.reset()
            lines.receive_data(text[start:at])
            code = 0 if lines.next_event() == OK else max(1, lines.code)
            if code:
                self.exchange.text = lines.text(12 + len(str(code)))
            at = start
            if at < 4 and len(text) == self.raw.size and not text[:at].strip(b"\0"):
                at = 0  # NULs at the start of a line mean nothing [a.6]
        elif self._restarted or b"+WIND:0:" in text or b"+WIND:1:" in text:
            self._restarted = True
            code = RESTARTED
        self._over(code, at)
        return True

    def _answers(self, text):
        """Return (how many questions are answered at the end of text, where the answers begin).

        Among them may be indications, the echo if the module has restarted, and errors for
        questions of which bytes were lost because the module was busy.
        """
        at = len(text)
        count = 0
        names = list(self._asked)
        winds = b""  # behind the line that was looked at last
        doubtful = b""
        ok = 0  # where the answer ends whose OK was seen
        while at:
            start = text.rfind(b"\n", 0, at - 1) + 1
            line = text[start:at].strip(b"\0\r\n")
            if ok and line[:9] == b"AT-S.Var:":
                name = line[9:].split(b"=")[0]
                if name not in names or (not count and name != names[-1]):
                    break
                del names[names.index(name) :]
                count += 1
                ok = 0
                winds = doubtful + winds
                doubtful = b""
            elif line[:6] == b"+WIND:":
                doubtful = text[start:at] + doubtful
            elif ok:
                break
            elif count and line[:10] == b"AT+S.GCFG=":
                self._restarted = True  # the echo is on
            elif line[:7] == b"AT-S.OK" and is_end(text[:at], at) == start + text[start:at].find(
                b"A"
            ):
                ok = at
                winds = doubtful + winds
                doubtful = b""
            elif not (count and names and line[:10] == b"AT-S.ERROR" and is_end(text, start) >= 0):
                if line or not count:
                    break
            at = start
        if not ok:
            # Without an end of the reply, what stands before the answers may be a stranger's, but
            # for what follows the beginning of a boot
            if self._restarted or is_end(text, at) < 0:
                boot = doubtful.rfind(b"+WIND:1:")
                doubtful = doubtful[boot:] if boot >= 0 else b""
            winds = doubtful + winds
        self._winds = winds
        return count, ok or at

    # the end ---------------------------------------------------------------------------------
    def _over(self, code, size=0):
        """The module has ended the reply with this code; `size` bytes of the tail are not its."""
        channel = self.channel
        raw = self.raw
        exchange = self.exchange
        raw.finish(size)
        raw.leave(channel)
        channel._resync = None
        channel._state = _READY
        if self._after:
            channel.exchange = None
            channel._state = _OUT_OF_STEP  # its settings have to be seen to
            self._replay()
            if self._restarted:
                channel._on_restart()
            channel.start(exchange)
            return
        channel.exchange = exchange
        exchange.size, exchange.error = raw.delivered, raw.error
        exchange.damaged = code == TIMED_OUT
        if code != RESTARTED:
            channel._finish(code)
        self._replay()
        if channel.exchange is exchange:  # no indication told of the restart
            channel._on_restart()

    def _replay(self):
        """Handle the indications that came among the answers."""
        channel = self.channel
        lines = channel.parser
        lines.receive_data(self._winds)
        while lines.pos < lines.end:
            if lines.next_event() == INDICATION:
                channel._on_indication(lines)

    def _give_up(self):
        """Time is over. Raw stays, and drops what comes."""
        channel = self.channel
        exchange = self.exchange
        channel._resync = None
        channel.exchange = exchange
        channel._state = _OUT_OF_STEP
        if self._after:
            channel._finish(LOST)
            return
        exchange.size, exchange.error = self.raw.delivered, self.raw.error
        self.raw.drop()
        channel._finish(TIMED_OUT)
