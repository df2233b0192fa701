"""Commands without an answer, payloads of a wrong length, bytes that make no sense."""

from ..decode import ERROR as FAILED
from ..decode import NONE, OPEN
from ..finding import ERROR, NOTE, WARNING
from .rule import Rule

_LINE_MAX = 512

# Commands and variables of the older SPWF01 [vs 01]
_OLD = (
    "SETTIME TLSCERT2 TLSDOMAIN SOCKD HTTPREQ FSA CFUN S.HTTPD SETUART SOCKON01 BSSIDSET".split()
)
_OLD_VARIABLES = ("localecho1", "console1_", "wind_off_", "ip_use_dhcp,", "ip_dns,")


class Answers(Rule):
    """Each command is answered once, after exactly the payload that it announced."""

    def __init__(self, recording):
        super().__init__(recording)
        self._unanswered = []
        self._silent = []  # commands since the module last said something
        self._open = False  # a payload was left open, so what follows is taken for it
        self._refused = None  # a command whose payload the module may have read as commands

    def exchange(self, item):
        if item.result not in (NONE, OPEN) or item.replies:
            self._silent = []
        elif item.command:
            self._silent.append(item)
        self._length(item)
        if self._refused is not None and not item.command:
            if item.code == 1:
                item.explained = True
                self._became_commands(self._refused)
            return
        self._refused = item if item.sent is not None and item.result == FAILED else None
        if not item.command:
            if item.result != OPEN and self._unanswered and self.recording.both:
                self._burst(item)
            return
        if len(item.command) > _LINE_MAX:
            self.tell(
                "long-line",
                WARNING,
                f"a command line of {len(item.command)} bytes",
                f"The module takes at most {_LINE_MAX} bytes",
                item,
            )
        if item.result == NONE and self.recording.both:
            self._silence(item)

    def note(self, item):
        if item.recovery:
            self.tell(
                "recovery",
                NOTE,
                "the driver had to end a payload that was left open",
                "Bytes were lost on the way to the module: check the wiring and flow control",
                item,
            )

    def indication(self, item):
        self._silent = []

    def end(self):
        if self.recording.both and len(self._silent) > 1 and not self._open:
            self._hangs()
        for item in self._unanswered:
            self.tell(
                "no-answer",
                WARNING,
                f"no answer to {item.name or item.command}",
                "Its last line, AT-S.OK or AT-S.ERROR, is not in the log: it is missing there, or "
                "the module did not answer. Send the next command only after that line",
                item,
            )

    def _hangs(self):
        for item in self._silent:
            item.explained = True
        first = self._silent[0]
        self._unanswered = [item for item in self._unanswered if not item.explained]
        self.tell(
            "silent",
            ERROR,
            f"the module said nothing any more, from {first.name or first.command} on",
            "It hangs, has no power, or does not hear. Switch it off and on; spwf04 doctor tests "
            "the line",
            first,
        )

    def _silence(self, item):
        sent = item.sent
        if sent is not None and sent.data is not None and sent.size < (sent.announced or 0):
            self._open = True
            missing = sent.announced - sent.size
            self.tell(
                "open-payload",
                ERROR,
                f"{item.name}: {sent.announced} bytes were announced, {sent.size} sent, and then "
                "something else",
                f"The module waits for the {missing} that are missing, and takes what follows for "
                "them. Send as many bytes as announced. To get out of this, send line ends until "
                "the module answers, then close the socket or delete the file; or reset it",
                item,
            )
        else:
            self._unanswered.append(item)

    def _burst(self, item):
        self.tell(
            "burst",
            WARNING,
            "commands were sent before the last one was answered",
            "Send one command at a time, because the module loses bursts. Wait for AT-S.OK or "
            "AT-S.ERROR",
            self._unanswered.pop(0),
        )

    def _length(self, item):
        sent, got = item.sent, item.received
        if sent is not None and sent.lf:
            self.tell(
                "line-feed",
                WARNING,
                f"{item.name}: a LF was sent between the CR and the payload",
                "The payload begins right after the CR, so the LF counts as its first byte. End a "
                "command that has a payload with CR alone",
                item,
            )
        exact = not self.recording.altered
        if exact and sent is not None and sent.data is not None and item.result != NONE:
            if sent.size > (sent.announced or 0):
                self.tell(
                    "long-payload",
                    WARNING,
                    f"{item.name}: {sent.announced} bytes were announced, {sent.size} sent",
                    "The module takes the rest for commands: error 1 follows",
                    item,
                )
        if exact and got is not None and got.data is not None and got.announced is not None:
            if got.size != got.announced and item.result != OPEN:
                self.tell(
                    "lost-bytes",
                    ERROR,
                    f"{item.name or 'a read'}: the module announced {got.announced} bytes, "
                    f"{got.size} are in the log",
                    "Bytes were lost on the way from the module: use a larger receive buffer, or "
                    "flow control",
                    item,
                )

    def _became_commands(self, item):
        self.tell(
            "refused-payload",
            WARNING,
            f"{item.name} was refused, and its payload was taken for commands",
            "The error comes right after the command line, and the module reads the payload as "
            "commands. Drop what comes, send a CR, and close the socket",
            item,
        )


class Garbage(Rule):
    """Bytes that are neither of the host nor of the module."""

    def __init__(self, recording):
        super().__init__(recording)
        self._odd = self._good = 0
        self._first = None
        self._speed = False

    def rubbish(self, item):
        self._odd += len(item.data)
        self._first = self._first or item

    def exchange(self, item):
        if not self._odd and item.name == "SCFG" and item.argument(0) == "console_speed":
            self._speed = True
        self._good += len(item.command) + sum(map(len, item.replies)) + 8

    def indication(self, item):
        self._good += len(item.text) + 10

    def end(self):
        if not self._odd:
            return
        if self._odd > self._good:
            do = (
                "Most likely the rate is wrong: the module's is 115200 unless console_speed was "
                "changed, and spwf04 doctor finds it. Else the line is inverted (RS-232 levels), "
                "or the ground is not connected"
            )
            self.tell("baud-rate", ERROR, f"{self._odd} bytes make no sense", do, self._first)
            return
        do = "A few come when something is switched on or plugged in; many mean a bad line"
        if self._speed:
            do = "console_speed was changed before: set the host to the same rate"
        what = f"{self._odd} bytes in between make no sense"
        self.tell("noise", WARNING, what, do, self._first)


class Dialect(Rule):
    """Commands of the older module, and the other interface."""

    def __init__(self, recording):
        super().__init__(recording)
        self._open = False  # the last command has no answer of this module

    def exchange(self, item):
        self._open = item.result in (NONE, OPEN)
        if item.line is None or item.line.command is not None:
            old = item.name == "SCFG" and item.command.partition("=")[2].startswith(_OLD_VARIABLES)
            if not old:
                return
        elif item.name not in _OLD:
            if item.name and item.result == FAILED and item.code == 1:
                item.explained = True
                self.tell(
                    "unknown-command",
                    ERROR,
                    f"AT+S.{item.name} is no command of this module",
                    "help in spwf04 shell lists the commands",
                    item,
                )
            return
        item.explained = True
        self.tell(
            "spwf01",
            ERROR,
            f"{item.command.partition('=')[0]} belongs to the SPWF01, the older module",
            "The SPWF04 has other commands and variables: help in spwf04 shell lists them",
            item,
        )

    def note(self, item):
        if self._open and (item.text == "OK" or item.text.startswith("ERROR: ")):
            self.tell(
                "spwf01",
                WARNING,
                f"{item.text!r} without AT-S. is an answer of the SPWF01",
                "This command and the driver are for the SPWF04",
                item,
            )

    def end(self):
        if self.recording.spi:
            self.tell(
                "spi",
                NOTE,
                "this is a log of the SPI interface",
                "Only indications are understood in it",
            )
