"""A reply whose bytes have no frame, against a scripted peer: where it ends, what is believed."""

import pytest

from spwf04.at import channel as at
from spwf04.at import raw
from spwf04.at.channel import ATChannel
from spwf04.at.exchange import RESTARTED, TIMED_OUT
from tests.shims.script import FOUND, Script

COMMAND = b"AT+S.HTTPGET=h,/,80,0,,,,\r"
NAMES = raw._NAMES.split(" ")
SENT = "> AT+S.HTTPGET=h,/,80,0,,,,\r"
STATUS = "AT-S.Http Server Status Code:200\r\n"
AGAIN = ("> AT\r", "< AT-S.OK\r\n")


@pytest.fixture(autouse=True)
def _questions(monkeypatch):
    """The questions are about the first variables of the list, one after the other."""
    count = iter(range(10000))
    monkeypatch.setattr(raw, "urandom", lambda n: bytes((next(count) & 31,)))


def question(n):
    return "> AT+S.GCFG=%s\r" % NAMES[n]


def answer(n, value="0"):
    return "< AT-S.Var:%s=%s\r\nAT-S.OK\r\n" % (NAMES[n], value)


def asked(first=0):
    """The steps of three questions that are answered."""
    steps = []
    for n in range(first, first + 3):
        steps += [question(n), answer(n)]
    return steps


class Got:
    """What a reply brought. exchange: the RawExchange."""

    def __init__(self, *steps, at_once=None, ms=60000, head=True):
        self.script = Script(*FOUND, *steps, at_once=at_once)
        self.channel = ATChannel(self.script, self.script.clock)
        self.data = bytearray()
        self.lines = []
        self.winds = []
        self.channel.on_other_indication = lambda parser: self.winds.append(parser.code)
        self.exchange = raw.RawExchange(self.sink, self.head if head else None)
        self.channel.run(self.exchange.prepare(COMMAND, None, ms))

    def sink(self, view, n):
        self.data += bytes(view[:n])

    def head(self, parser):
        self.lines.append(parser.text())
        return parser.starts(b"AT-S.Http Server Status Code:")

    def again(self):
        """The next command is answered."""
        self.channel.command(b"AT\r")
        return self.script.done and type(self.channel.parser).__name__ == "Parser"


def test_numbers_that_stand_in_two_files_are_the_same():
    assert (raw._READY, raw._OUT_OF_STEP) == (at._READY, at._OUT_OF_STEP)
    assert len(NAMES) == len(set(NAMES)) == 32
    longest = len("AT-S.Var:%s=0x0123456789\r\nAT-S.OK:12345678:10\r\n" % max(NAMES, key=len))
    assert raw._KEPT * longest + 31 < raw._SLOT + 62


@pytest.mark.parametrize("at_once", [1, 2, 7, 64, None])
@pytest.mark.parametrize("size", [0, 1, 5, 255, 256, 257, 511, 512, 513, 5000])
def test_bytes_and_their_end(size, at_once):
    body = (bytes(range(1, 256)) * 20)[:size]
    said = b"< " + STATUS.encode() + body + b"AT-S.OK\r\n"
    got = Got(SENT, said, *asked(), *AGAIN, at_once=at_once)
    assert (got.exchange.code, got.exchange.damaged, got.exchange.size) == (0, False, size)
    assert got.data == body
    assert got.again()
    assert got.channel.resyncs == 0


HOSTILE = (
    "AT-S.OK\r\n",
    "AT-S.ERROR:111:Request failed\r\n",
    "+WIND:1:Poweron:x\r\n+WIND:0:Console active\r\n",
    "+WIND:33:WiFi Network Lost\r\n",
    "AT+S.HTTPGET\r\n",
    "AT-S.Reading:700:700\r\n",
    "AT-S.Var:standby_time=0\r\nAT-S.OK\r\n",
    "AT-S.OK\r\nAT-S.Var:standby_time=0\r\nAT-S.OK\r\n",
    "\0\0\0\r\n\r\n",
)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("before", ["", "x", "\r\n"])
def test_no_byte_of_a_server_is_a_line_of_the_module(text, before):
    body = before + text
    got = Got(SENT, "< " + STATUS + body + "AT-S.OK\r\n", *asked(), *AGAIN)
    assert (got.exchange.code, got.data.decode()) == (0, body)
    assert got.winds == []
    assert got.again()
    assert got.channel.generation == 0


@pytest.mark.parametrize("text", HOSTILE)
def test_a_server_that_waits_after_its_false_end_is_not_believed(text):
    """The module, still busy, answers the question after the real end."""
    got = Got(
        SENT,
        "< " + STATUS + text + "AT-S.OK\r\n",
        question(0),
        "~ 400",
        "< more\r\nAT-S.OK\r\n",
        answer(0),
        *asked(1)[:4],
        *AGAIN,
    )
    assert got.exchange.code == 0
    assert got.data.decode() == text + "AT-S.OK\r\nmore\r\n"
    assert got.again()
    assert got.winds == []


def test_a_server_that_knows_the_questions_variables_cannot_know_which_was_asked():
    forged = "".join(answer(n)[2:] for n in (7, 8, 9))
    got = Got(
        SENT,
        "< " + STATUS + "AT-S.OK\r\n",
        question(0),
        "< " + forged + "+WIND:33:Lost\r\n",
        "~ 400",
        "< AT-S.OK\r\n",
        answer(0),
        *asked(1)[:4],
        *AGAIN,
    )
    assert got.data.decode() == "AT-S.OK\r\n" + forged + "+WIND:33:Lost\r\n"
    assert got.winds == []
    assert got.again()


def test_a_question_that_the_busy_module_lost_is_asked_again():
    got = Got(
        SENT,
        "< " + STATUS + "AT-S.OK\r\n",
        question(0),
        "~ 700",
        "< rest AT-S.OK\r\n",
        "~ 10",
        *asked(1),
        *AGAIN,
    )
    assert (got.exchange.code, got.data) == (0, b"AT-S.OK\r\nrest ")
    assert got.again()


def test_a_question_of_which_half_was_lost_leaves_an_error_that_is_no_end():
    got = Got(
        SENT,
        "< " + STATUS + "AT-S.OK\r\n",
        question(0),
        "~ 700",
        "< rest AT-S.OK\r\nAT-S.ERROR:1:Command not found\r\n",
        *asked(1),
        *AGAIN,
    )
    assert (got.exchange.code, got.data) == (0, b"AT-S.OK\r\nrest ")
    assert got.again()


def test_an_error_behind_the_bytes():
    got = Got(SENT, "< " + STATUS + "halfAT-S.ERROR:111:Request failed\r\n", *asked(), *AGAIN)
    assert (got.exchange.code, got.exchange.text, got.data) == (111, "Request failed", b"half")
    assert got.again()


def test_an_error_before_the_bytes_needs_no_question():
    got = Got(
        SENT,
        "< AT-S.Http Client Error:1\r\nAT-S.ERROR:111:Request failed\r\n+WIND:55:x\r\n",
        *AGAIN,
    )
    assert (got.exchange.code, got.exchange.text) == (111, "Request failed")
    assert got.lines == ["AT-S.Http Client Error:1"]
    assert got.again()


def test_without_lines_before_them_the_bytes_begin_at_once():
    got = Got(SENT, "< AT-S.ERROR:111:Request failed\r\n", *asked(), *AGAIN, head=False)
    assert (got.exchange.code, got.data) == (111, b"")
    assert got.again()
    got = Got(SENT, "< +WIND:1:AT-S.OK\r\nxAT-S.OK\r\n", *asked(3), *AGAIN, head=False)
    assert got.data == b"+WIND:1:AT-S.OK\r\nx"


def test_indications_before_the_bytes_and_among_the_answers_go_to_their_handlers():
    got = Got(
        SENT,
        "< +WIND:55:a\r\n" + STATUS + "+WIND:14:body\r\nAT-S.OK\r\n",
        question(0),
        "< +WIND:58:a\r\n" + answer(0)[2:] + "+WIND:52:a\r\n",
        *asked(1)[:4],
        *AGAIN,
    )
    assert got.data == b"+WIND:14:body\r\n"
    assert got.winds == [55, 58, 52]
    assert got.again()


def test_an_end_that_was_damaged_is_said():
    got = Got(SENT, "< " + STATUS + "abcAT-S.K\r\n", "~ 2000", *asked(), *AGAIN)
    assert (got.exchange.code, got.exchange.damaged) == (TIMED_OUT, True)
    assert got.data == b"abcAT-S.K\r\n"
    assert got.again()


def test_a_restart_in_the_middle():
    boot = "+WIND:1:Poweron:x\r\n+WIND:13:ST\r\n+WIND:0:Console active\r\n+WIND:32:Started\r\n"
    echoed = []
    for n in range(3):
        echoed += [question(n), "< AT+S.GCFG=%s\r\r\n" % NAMES[n] + answer(n)[2:]]
    got = Got(SENT, "< " + STATUS + "half" + boot, *echoed, *FOUND, *AGAIN)
    assert got.exchange.code == RESTARTED
    assert got.channel.generation == 1
    got.script.steps.clear()
    assert type(got.channel.parser).__name__ == "Parser"


def test_a_caller_who_comes_seldom_finds_a_restart_among_indications_without_end():
    boot = "+WIND:1:Poweron:x\r\n+WIND:0:Console active\r\n"
    echoed = []
    for n in range(3):
        echoed += [question(n), "< AT+S.GCFG=%s\r\r\n" % NAMES[n] + answer(n)[2:]]
    script = Script(*FOUND, SENT, "< " + STATUS + "half" + boot, *echoed)

    def idle():
        script.clock.ms += 60
        if len(script.steps) <= len(echoed):
            script.waiting += b"+WIND:21:WiFi Scanning\r\n"

    script.clock.idle = idle
    channel = ATChannel(script, script.clock)
    exchange = raw.RawExchange(None, lambda parser: parser.starts(b"AT-S.Http Server Status"))
    channel.run(exchange.prepare(COMMAND, None, 60000))
    assert exchange.code == RESTARTED and script.clock.ms < 3000


def test_a_restart_before_the_bytes():
    boot = "+WIND:1:Poweron:x\r\n+WIND:0:Console active\r\n"
    got = Got(SENT, "< " + boot)
    assert (got.exchange.code, got.channel.generation) == (RESTARTED, 1)
    assert type(got.channel.parser).__name__ == "Parser"


def test_a_caller_who_gives_up_is_not_harmed_by_what_still_comes():
    got = Got(
        SENT,
        "< " + STATUS + "AT-S.OK\r\n",
        question(0),
        "~ 1400",
        "< +WIND:1:Poweron:x\r\n+WIND:0:Console active\r\nAT-S.Var:console_echo=1\r\nAT-S.OK\r\n",
        "~ 2000",
        "< more AT-S.OK\r\n" + answer(0)[2:],
        question(1),
        "< " + answer(1)[2:],
        ms=1000,
    )
    assert (got.exchange.code, got.exchange.damaged) == (TIMED_OUT, False)
    assert got.data == b""


def test_the_next_command_waits_for_the_end_of_bytes_that_were_given_up():
    found = (
        "> \rAT+S.GCFG=console_errs\r",
        "< AT-S.Var:console_errs=2\r\nAT-S.OK\r\n",
        *FOUND[2:],
    )
    got = Got(
        SENT,
        "< " + STATUS + "abc",
        "~ 1500",
        "< +WIND:1:Poweron:x\r\n+WIND:0:Console active\r\nAT-S.Var:console_echo=1\r\nAT-S.OK\r\n",
        *asked(),
        *found,
        *AGAIN,
        ms=1000,
    )
    assert got.exchange.code == TIMED_OUT
    messages = got.channel.parser.messages()  # an MQTTClient is made meanwhile
    got.script.clock.ms += 600
    assert got.again()
    assert got.channel.parser.messages() is messages
    assert got.channel.generation == 0
    assert got.winds == []


def test_a_sink_that_raises_loses_the_rest_and_the_channel_stays_in_step():
    got = Got(SENT, "< " + STATUS + "AT-S.OK\r\n", *asked(), *AGAIN)
    assert got.again()

    def sink(view, n):
        raise ValueError("no room")

    script = Script(*FOUND, SENT, "< " + STATUS + "x" * 2000 + "AT-S.OK\r\n", *asked(3), *AGAIN)
    channel = ATChannel(script, script.clock)
    exchange = raw.RawExchange(sink, lambda parser: True)
    channel.run(exchange.prepare(COMMAND, None, 60000))
    assert exchange.code == 0
    assert isinstance(exchange.error, ValueError)
    channel.command(b"AT\r")
    assert script.done


def test_the_reset_line_ends_it():
    got = Got(SENT, "< " + STATUS + "abc", ms=500)
    assert type(got.channel.parser).__name__ == "Raw"
    got.channel.parser.leave(got.channel)
    assert type(got.channel.parser).__name__ == "Parser"
