"""Commands without an answer, payloads of another length, bytes that make no sense."""

from ..decode import ERROR as FAILED
from ..decode import NONE, OPEN
from ..finding import ERROR, NOTE, WARNING
from .rule import Rule

_LINE_MAX = 512

# Of the SPWF01, whose commands are others [vs 01]
_OLD = (
    "SETTIME TLSCERT2 TLSDOMAIN SOCKD HTTPREQ FSA CFUN S.HTTPD SETUART SOCKON01 BSSIDSET".split()
)
_OLD_VARIABLES = ("localecho1", "console1_", "wind_off_", "ip_use_dhcp,", "ip_dns,")


class Answers(Rule):
    """Each command is answered once, after exactly the payload that it announced."""

    def __init__(self, recording):
        super().__init__(recording)
        self._unanswered = []
        self._refused = None  # a command whose payload may have become commands

    def exchange(self, item):
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
                f"The module takes {_LINE_MAX} bytes at most",
                item,
            )
        if item.result == NONE and self.recording.both:
            self._silence(item)

    def note(self, item):
        if "line ends, to end a payload" in item.text:
            self.tell(
                "recovery",
                NOTE,
                "the driver had to end a payload that was left open",
                "Bytes had got lost on their way to the module: look at the wiring and at flow "
                "control",
                item,
            )

    def end(self):
        for item in self._unanswered:
            self.tell(
                "no-answer",
                WARNING,
                f"no answer to {item.name or item.command}",
                "Its last line, AT-S.OK or AT-S.ERROR, is not in the log: it was left out, or the "
                "module did not answer. Send the next command only after that line",
                item,
            )

    def _silence(self, item):
        sent = item.sent
        if sent is not None and sent.data is not None and sent.size < (sent.announced or 0):
            missing = sent.announced - sent.size
            self.tell(
                "open-payload",
                ERROR,
                f"{item.name}: {sent.announced} bytes were announced, {sent.size} sent, and then "
                "something else",
                f"The module waits for the missing {missing} for ever, and takes what follows for "
                "them. Send as many bytes as were announced. To get out of it: send line ends "
                "until it answers, then close the socket or delete the file; or reset it",
                item,
            )
        else:
            self._unanswered.append(item)

    def _burst(self, item):
        self.tell(
            "burst",
            WARNING,
            "commands were sent before the one before was answered",
            "One command at a time: the module loses bursts. Wait for AT-S.OK or AT-S.ERROR",
            self._unanswered.pop(0),
        )

    def _length(self, item):
        sent, got = item.sent, item.received
        if sent is not None and sent.lf:
            self.tell(
                "line-feed",
                WARNING,
                f"{item.name}: a LF was sent between the CR and the payload",
                "The payload begins right after the CR: the LF counts as its first byte. End "
                "commands that have a payload with CR alone",
                item,
            )
        exact = not self.recording.altered
        if exact and sent is not None and sent.data is not None and item.result != NONE:
            if sent.size > (sent.announced or 0):
                self.tell(
                    "long-payload",
                    WARNING,
                    f"{item.name}: {sent.announced} bytes were announced, {sent.size} sent",
                    "What is too much is taken for commands: error 1 follows",
                    item,
                )
        if exact and got is not None and got.data is not None and got.announced is not None:
            if got.size != got.announced and item.result != OPEN:
                self.tell(
                    "lost-bytes",
                    ERROR,
                    f"{item.name or 'a read'}: the module announced {got.announced} bytes, "
                    f"{got.size} are there",
                    "Bytes were lost between the module and who recorded this: a receive buffer "
                    "that is too small, or flow control that is missing",
                    item,
                )

    def _became_commands(self, item):
        self.tell(
            "refused-payload",
            WARNING,
            f"{item.name} was refused, and its payload was taken for commands",
            "An error comes right after the command line; the payload is then read as console "
            "input. Throw away what comes, send a CR and go on; close the socket",
            item,
        )


class Garbage(Rule):
    """Bytes that are neither side's."""

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
                "Most likely the rate is not the module's: it is 115200 unless console_speed was "
                "changed (python: radio.find_baudrate()). Else the line is "
                "inverted (RS-232 levels), or ground is not connected"
            )
            self.tell("baud-rate", ERROR, f"{self._odd} bytes make no sense", do, self._first)
            return
        do = "Single ones come with switching on and plugging in; many mean a bad line"
        if self._speed:
            do = "console_speed was changed before: set the other end to the same rate"
        what = f"{self._odd} bytes in between make no sense"
        self.tell("noise", WARNING, what, do, self._first)


class Dialect(Rule):
    """Commands of the older module, and the other interface."""

    def exchange(self, item):
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
                    "See spwf04 shell, help",
                    item,
                )
            return
        item.explained = True
        self.tell(
            "spwf01",
            ERROR,
            f"{item.command.partition('=')[0]} belongs to the SPWF01, the older module",
            "The SPWF04 has other commands and variables: see spwf04 shell, help",
            item,
        )

    def note(self, item):
        if item.text == "OK" or item.text.startswith("ERROR: "):
            self.tell(
                "spwf01",
                WARNING,
                f"{item.text!r} without AT-S. before it is how the SPWF01 answers",
                "This tool and this driver are for the SPWF04",
                item,
            )

    def end(self):
        if self.recording.spi:
            self.tell(
                "spi",
                NOTE,
                "this is a log of the SPI interface",
                "Only its indications are understood here",
            )
