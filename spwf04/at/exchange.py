"""A command and what becomes of it."""

from ..const import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from typing import Callable

_LINE_MAX = const(512)  # [a.2]
_HALF = const(0x10000000)  # of the period of the channel's clock

# Exchange.code, when it is not 0 (OK) or the module's number
RUNNING = const(-1)
TIMED_OUT = const(-2)  # no final line within timeout_ms
RESTARTED = const(-3)  # the module restarted meanwhile
LOST = const(-4)  # not sent: the module could not be found again
ASLEEP = const(-5)  # not sent: the module sleeps


class Exchange:
    """A command and what became of it. Its owner keeps it and uses it again.

    on_line: called with the Parser for each line of the reply but the last; it may call
    expect_data(). payload: what follows the command, bytes or bytearray, from byte `at` to byte
    `end`. restarts: the command restarts the module, so it may end without an OK.

    code: 0 (OK), the module's error number, or RUNNING, TIMED_OUT, RESTARTED, LOST or ASLEEP,
    which are negative. text: the module's words for its number. damaged: it is TIMED_OUT because
    bytes of the reply were lost.

    awaits_payload: the command asked for a payload that has not been announced in full. If a byte
    of the announcement was lost, a line of the payload can look like the end of the reply. So the
    channel believes an end only when nothing follows it. plain: the payload may come without an
    announcement. on_line() is then called for an empty line, and calls the parser's take_plain().
    doubtful: the payload may be refused, so that the channel waits for that before it sends it.

    then: a prepared Exchange that the channel begins as soon as this one has ended, before any
    other; only after an OK, unless this one followed another itself. It is not begun once the
    module is out of step. follows: it was begun so, and its owner's start() has nothing to do.

    guard: a function that is called as it is begun; if that returns False, AT is sent instead, and
    `stale` is True: its owner has to prepare it anew.
    """

    restarts = awaits_payload = damaged = plain = doubtful = follows = stale = False
    guard: "Callable | None" = None
    then: "Exchange | None" = None
    code = timeout_ms = 0
    command = b""
    payload: "bytes | bytearray | None" = None
    text = ""

    def __init__(self, on_line=None):
        if on_line is not None and not callable(on_line):
            raise TypeError("on_line must be a function, or None")
        self.on_line = on_line

    def prepare(self, command, payload=None, timeout_ms=5000, size=-1):
        """Set what is sent; return self.

        command: bytes that end in CR, 512 at most. payload: bytes-like or None; its first `size`
        bytes are sent, -1: all. timeout_ms: time limit for the whole reply. TypeError, ValueError.
        """
        if type(command) is not bytes or type(timeout_ms) is not int or type(size) is not int:
            raise TypeError("command must be bytes, timeout_ms and size int")
        if not 0 <= timeout_ms < _HALF:
            raise ValueError("timeout_ms must be 0 to 268435455")
        end = command.find(b"\r")
        if end != len(command) - 1 or end >= _LINE_MAX:
            raise ValueError("command must be 512 bytes at most, CR at the end")
        if payload is not None and type(payload) is not bytes and type(payload) is not bytearray:
            from ..payload import payload as as_bytes

            payload = as_bytes(payload, "payload")
        self.command = command
        self.payload = payload
        self.at = 0
        if size < 0:
            size = 0 if payload is None else len(payload)
        self.end = size
        self.timeout_ms = timeout_ms
        self.damaged = self.follows = self.stale = False
        self.then = None
        return self

    def keep_text(self, parser, code):
        """It ends with a number: keep the module's words for that, if there is memory for them."""
        try:
            self.text = parser.text(12 + len(str(code)))
        except MemoryError:
            self.text = ""

    def following(self):
        """It has ended: return what follows, or None."""
        then, self.then = self.then, None
        if then is None or (self.code and not self.follows):
            return None
        then.follows = True
        then.code = RUNNING
        return then

    def go_on(self, channel):
        """It follows: have it begun if the line is free, and the module still in step."""
        channel.then = None
        if not channel.in_step():
            self.code = LOST if channel.lost() else RESTARTED
        elif channel.busy():
            channel.then = self
        else:
            try:
                channel.launch(self)
            except:  # as in ATChannel.start()
                channel.break_off(self)
                raise

    def launched(self, channel):
        """The channel begins to send it."""
        if not self.is_stale(channel):
            channel.parser.plain = self.plain

    def is_stale(self, channel):
        """Ask guard() as it is begun. True: AT is sent instead."""
        if self.guard is not None and not self.guard():
            self.stale = True
            self.payload = None
            self.command = channel.outgoing = b"AT\r"
            channel.out_end = 3
        return self.stale

    def is_harmful(self):
        """True if the payload might do harm as commands, which a refused one becomes. [g.4]"""
        data, at, end = self.payload, self.at, self.end
        return (
            data.find(b"+S.", at, end) >= 0
            or data.find(b"+s.", at, end) >= 0
            or data.find(b"T&", at, end) >= 0
            or data.find(b"t&", at, end) >= 0
        )
