"""The AT channel against a scripted peer: one exchange in flight, deadlines, resynchronisation."""

import pytest

from spwf04.arguments import argument
from spwf04.at import channel as at
from spwf04.at import uart
from spwf04.at.channel import ATChannel
from spwf04.at.exchange import RUNNING, TIMED_OUT, Exchange
from spwf04.at.reading import fetch
from spwf04.errors import LinkLost, ModuleError, ModuleRestarted, NotFound
from spwf04.tls import slot
from spwf04.tls import store as certs
from tests.shims.script import FOUND, SET, Script, ScriptClock


def test_numbers_that_stand_in_two_files_are_the_same():
    assert at._LINES == len(uart.UART(Script())._chunks[1])
    assert slot.FORMS - 1 == certs.CertificateStore.forms_left


def channel(*steps, found=True, at_once=None):
    script = Script(*(FOUND if found else ()), *steps, at_once=at_once)
    made = ATChannel(script, script.clock)
    made.script = script
    return made


def lines_of(made, command):
    lines = []
    made.command(command, None, 1000, lambda parser: lines.append(parser.raw()))
    return lines


def test_making_a_channel_sends_nothing():
    assert channel("> x", found=False).script.sent == b""


def test_the_first_command_finds_the_module_and_switches_the_echo_off():
    made = channel("> AT\r", "< AT-S.OK\r\n")
    made.command(b"AT\r")
    assert made.script.done


def test_leftovers_of_an_earlier_run_are_not_taken_for_replies():
    made = channel(
        "< AT-S.OK\r\nAT-S.Reading:3:3\r\nabcAT-S.OK\r\n\0\0+WIND:55:Pending Data::0:1:1\r\nrubb",
        *FOUND,
        "> AT+S.SOCKQ=0\r",
        "< AT-S.Query:31\r\nAT-S.OK\r\n",
        found=False,
    )
    assert lines_of(made, b"AT+S.SOCKQ=0\r") == [b"AT-S.Query:31"]


def test_an_echo_is_not_a_reply():
    made = channel("> AT+S.SOCKQ=0\r", "< at+s.sockq=0\r\nAT-S.Query:31\r\nAT-S.OK\r\n")
    assert lines_of(made, b"AT+S.SOCKQ=0\r") == [b"AT-S.Query:31"]


def test_unknown_lines_before_the_end_are_the_features_business():
    made = channel("> AT+S.X\r", "< AT-S.Skip CA\r\nhello\r\nAT-S.OK:1234:10\r\n")
    assert lines_of(made, b"AT+S.X\r") == [b"AT-S.Skip CA", b"hello"]


def test_an_indication_between_lines_goes_to_its_handler():
    made = channel(
        "> AT+S.X\r", "< +WIND:55:a\r\nAT-S.x\r\n+WIND:55:b\r\nAT-S.OK\r\n+WIND:55:c\r\n"
    )
    seen = []
    made.on_indication[55] = lambda parser: seen.append(parser.text(9))
    assert lines_of(made, b"AT+S.X\r") == [b"AT-S.x"]
    made.poll()
    assert seen == ["a", "b", "c"]


def test_a_module_error_carries_number_text_and_advice():
    made = channel("> AT+S.SOCKC=3\r", "< AT-S.ERROR:76:Illegal Socket ID\r\n")
    with pytest.raises(ModuleError) as caught:
        made.command(b"AT+S.SOCKC=3\r")
    assert (caught.value.code, caught.value.text) == (76, "Illegal Socket ID")
    words = "SOCKC: AT-S.ERROR:76:Illegal Socket ID (the module has closed this socket)"
    assert words in str(caught.value)


def test_an_error_without_text_is_an_error():
    for reply in ("AT-S.ERROR:111:", "AT-S.ERROR:111"):
        made = channel("> AT+S.X\r", "< " + reply + "\r\n")
        with pytest.raises(ModuleError) as caught:
            made.command(b"AT+S.X\r")
        assert (caught.value.code, caught.value.text) == (111, "")


def test_payload_follows_the_command_at_once():
    made = channel("> AT+S.SOCKW=0,5\rhello", "< AT-S.OK\r\n")
    made.command(b"AT+S.SOCKW=0,5\r", b"hello")
    assert made.script.done


def test_a_long_payload_goes_out_in_pieces_and_whole():
    data = bytes(range(256)) * 6
    made = channel(b"> AT+S.FSC=a,1536\r" + data, "< AT-S.OK\r\n")
    made.command(b"AT+S.FSC=a,1536\r", data)
    assert made.script.done


def test_one_command_in_flight():
    made = channel("> AT+S.X\r")
    first, second = Exchange().prepare(b"AT+S.X\r"), Exchange().prepare(b"AT+S.Y\r")
    assert made.start(first)
    assert made.busy()
    assert not made.start(second)


def test_a_step_never_waits():
    made = channel("> AT+S.X\r")
    exchange = Exchange().prepare(b"AT+S.X\r")
    made.start(exchange)
    for _ in range(100):
        made.poll()
    assert exchange.code == RUNNING
    assert made.script.clock.ms == 0


def test_a_blocking_call_lets_the_command_in_flight_end_first():
    made = channel("> AT+S.X\r", "~ 50", "< AT-S.OK\r\n", "> AT+S.Y\r", "< AT-S.OK\r\n")
    first = Exchange().prepare(b"AT+S.X\r")
    made.start(first)
    made.command(b"AT+S.Y\r")
    assert first.code == 0
    assert made.script.done


def test_a_missing_reply_ends_at_its_deadline():
    made = channel("> AT+S.X\r", "~ 100000")
    with pytest.raises(LinkLost, match="X: no answer within 700 ms"):
        made.command(b"AT+S.X\r", None, 700)
    assert 700 <= made.script.clock.ms <= 701


def test_a_flood_of_indications_does_not_hold_a_deadline_open():
    script = Script(*FOUND, "> AT+S.X\r", b"< " + b"+WIND:52:0:1\r\n" * 2000, at_once=1)
    made = ATChannel(script, script.clock)
    read = script.readinto

    def slow(buffer, n=None):  # one byte each millisecond
        script.clock.ms += 1
        return read(buffer, n)

    script.readinto = slow
    with pytest.raises(LinkLost):
        made.command(b"AT+S.X\r", None, 500)


SILENT = "~ 100000"


def test_a_late_reply_is_not_taken_for_the_next_one():
    made = channel(
        "> AT+S.SLOW\r",
        "> \rAT+S.GCFG=console_errs\r",
        "< AT-S.late\r\nAT-S.OK\r\nAT-S.ERROR:1:\r\nAT-S.Var:console_errs=2\r\nAT-S.OK\r\n",
        *FOUND[2:],
        "> AT+S.SOCKQ=0\r",
        "< AT-S.Query:31\r\nAT-S.OK\r\n",
    )
    with pytest.raises(LinkLost):
        made.command(b"AT+S.SLOW\r", None, 700)
    assert lines_of(made, b"AT+S.SOCKQ=0\r") == [b"AT-S.Query:31"]
    assert made.resyncs == 1


def test_answers_to_questions_asked_too_early_pass_by():
    """The module was busy for seconds. Then it answers all questions of that time, in order."""
    made = channel(
        "> AT+S.SLOW\r",
        "> \rAT+S.GCFG=console_errs\r",
        "> " + "\n" * 2600 + "\rAT+S.GCFG=console_enabled\r",
        "< AT-S.OK\r\nAT-S.Var:console_errs=2\r\nAT-S.OK\r\n",
        "< AT-S.Var:console_enabled=1\r\nAT-S.OK\r\n",
        *FOUND[2:],
        "> AT+S.SOCKQ=0\r",
        "< AT-S.Query:31\r\nAT-S.OK\r\n",
    )
    with pytest.raises(LinkLost):
        made.command(b"AT+S.SLOW\r", None, 700)
    assert lines_of(made, b"AT+S.SOCKQ=0\r") == [b"AT-S.Query:31"]


def test_an_open_data_phase_is_filled_before_the_question():
    made = channel(
        "> AT+S.SOCKW=0,5\rhello",
        "> \n\n\n\n\n\rAT+S.GCFG=console_errs\r",
        "< AT-S.OK\r\nAT-S.Var:console_errs=2\r\nAT-S.OK\r\n",
        *FOUND[2:],
        "> AT\r",
        "< AT-S.OK\r\n",
    )
    with pytest.raises(LinkLost):
        made.command(b"AT+S.SOCKW=0,5\r", b"hello", 700)
    made.command(b"AT\r")
    assert made.script.done


@pytest.mark.parametrize(
    ("data", "waits"),
    [
        (b"GET / HTTP/1.0", False),
        (b"x+S.y", True),
        (b"x+s.y", True),
        (b"+S.", True),
        (b"AT&F", True),
        (b"at&f", True),
        (b"T&", True),
        (b"+Sx", False),
        (b"A&T", False),
    ],
)
def test_a_payload_that_could_be_a_command_waits_whether_it_is_refused(data, waits):
    made = channel("> AT+S.SOCKW=0,%d\r" % len(data), "> " + data.decode(), "< AT-S.OK\r\n")
    before = made.script.clock.ms
    made.command(b"AT+S.SOCKW=0,%d\r" % len(data), data)
    assert made.script.done
    assert (made.script.clock.ms - before >= 60) == waits


def pending(made):
    """A list that gets the text of each indication 55 from now on."""
    seen = []
    made.on_indication[55] = lambda parser: seen.append(parser.text(9))
    return seen


def test_a_command_waits_for_the_end_of_a_line_that_comes_in_pieces():
    made = channel(
        "> AT\r", "< AT-S.OK\r\n", "~ 100", "< +WIND:55:a", "~ 15", "< bc\r\n", "> AT+S.X\r",
        "< AT-S.OK\r\n",
    )  # fmt: skip
    seen = pending(made)
    made.command(b"AT\r")
    made.wait(lambda: made.parser.begun, 200)
    made.command(b"AT+S.X\r")
    assert seen == ["abc"]
    assert made.script.done


def test_a_command_does_not_wait_for_a_line_that_stops_for_20_ms():
    made = channel("> AT\r", "< AT-S.OK\r\n+WIND:55:a", "> AT+S.X\r", "< AT-S.OK\r\n")
    seen = pending(made)
    made.command(b"AT\r")
    before = made.script.clock.ms
    made.command(b"AT+S.X\r")
    assert 19 <= made.script.clock.ms - before <= 22
    assert seen == []
    assert made.script.done


@pytest.mark.parametrize("lie", ["AT-S.Reading:99999:1", "AT-S.Reading:4107:1", "hello:3", "+x:3"])
def test_an_announcement_that_cannot_be_ends_a_read_of_a_file_at_once(lie):
    made = channel("> AT+S.FSP=a\r", "< " + lie + "\r\nabcAT-S.OK\r\n")
    buffer = bytearray(10)
    with pytest.raises(OSError):
        made.take(fetch(made, b"AT+S.FSP=a\r", buffer, 1000))
    assert buffer == bytearray(10)
    assert made.script.clock.ms < 500


def test_a_refused_payload_puts_the_channel_out_of_step():
    made = channel(
        "> AT+S.SOCKW=0,5\rhello",
        "< AT-S.ERROR:76:Illegal Socket ID\r\n",
        "> \n\n\n\n\n\rAT+S.GCFG=console_errs\r",
        "< AT-S.ERROR:1:Command not found\r\nAT-S.Var:console_errs=2\r\nAT-S.OK\r\n",
        *FOUND[2:],
        "> AT\r",
        "< AT-S.OK\r\n",
    )
    with pytest.raises(ModuleError, match="76"):
        made.command(b"AT+S.SOCKW=0,5\r", b"hello", 700)
    made.command(b"AT\r")
    assert made.script.done


def test_a_delimiter_left_changed_is_put_right():
    made = channel(
        "> \rAT+S.GCFG=console_echo\r",
        "< AT-S.Var:console_echo=0\r\nAT-S.OK\r\n",
        "> AT+S.GCFG=console_delimiter\r",
        "< AT-S.Var:console_delimiter=0x7C\r\nAT-S.OK\r\n",
        "> AT+S.SCFG=console_delimiter|0x2C\r",
        "< AT-S.OK\r\n",
        *SET,
        "> AT\r",
        "< AT-S.OK\r\n",
        found=False,
    )
    made.command(b"AT\r")
    assert made.script.done


def test_a_delimiter_that_was_put_right_is_not_put_right_again():
    made = channel(
        "> \rAT+S.GCFG=console_echo\r",
        "< AT-S.Var:console_echo=0\r\nAT-S.OK\r\n",
        "> AT+S.GCFG=console_delimiter\r",
        "< AT-S.Var:console_delimiter=0x7C\r\nAT-S.OK\r\n",
        "> AT+S.SCFG=console_delimiter|0x2C\r",
        "< AT-S.OK\r\n",
        "> AT+S.SCFG=console_errs,2\r",  # the answer to this is lost
        "> " + "\n" * 2600 + "\rAT+S.GCFG=console_errs\r",
        "< AT-S.Var:console_errs=2\r\nAT-S.OK\r\n",
        *SET,
        "> AT\r",
        "< AT-S.OK\r\n",
        found=False,
    )
    made.command(b"AT\r")
    assert made.script.done


def test_a_reply_without_the_keyword_has_it_shown_first():
    for line in ("AT-S.console_echo=1\r\n", "console_echo=1\r\n", ""):
        made = channel(
            "> \rAT+S.GCFG=console_echo\r",
            "< " + line + "AT-S.OK\r\n",
            "> AT+S.SCFG=console_verbose,1\r",
            "< AT-S.OK\r\n",
            "> \rAT+S.GCFG=console_errs\r",
            "< AT-S.Var:console_errs=2\r\nAT-S.OK\r\n",
            *FOUND[2:],
            "> AT\r",
            "< AT-S.OK\r\n",
            found=False,
        )
        made.command(b"AT\r")
        assert made.script.done
        assert made.clock.ms < 2000


class Device(Script):
    """What is at the port answers each write with the same; and sends it unasked each `every`
    ms."""

    def __init__(self, answer, every=0):
        self.answer = answer
        self.every = every
        self.next = 0
        super().__init__()

    def _advance(self):
        if self.sent or (self.every and self.clock.ms >= self.next):
            self.sent.clear()
            self.next = self.clock.ms + self.every
            self.waiting += self.answer


@pytest.mark.parametrize(
    "device",
    [
        Device(b"AT-S.OK\r\n"),
        Device(b"AT-S.ERROR:1:\r\n"),
        Device(b"AT-S.OK\r\n", every=700),
        Device(b"+WIND:0:Console active\r\n", every=1000),
        Device(b"+WIND:1:Poweron:x\r\n", every=1000),
        Device(b"+WIND:1:Poweron:x\r\n+WIND:0:Console active\r\n", every=1000),
        Device(b"+WIND:1:Poweron:x\r\n+WIND:0:Console active\r\nAT-S.OK\r\n", every=1000),
        Device(b"AT-S.Var:console_echo=1\r\nAT-S.OK\r\n"),
        Device(b"AT-S.Var:console_delimiter=?\r\nAT-S.OK\r\n"),
    ],
    ids=lambda device: f"{device.answer[:24]!r} {device.every}",
)
def test_the_search_for_a_module_ends_whatever_is_at_the_port(device):
    made = ATChannel(device, device.clock)
    exchange = Exchange().prepare(b"AT\r")
    made.start(exchange)
    while exchange.code == RUNNING and device.clock.ms < 60000:
        made.step()
    assert exchange.code != RUNNING
    assert device.clock.ms < 30000


def test_a_firmware_without_a_setting_of_the_console_is_no_hindrance():
    made = channel(
        *FOUND[:4],
        SET[0],
        "< AT-S.ERROR:4:Variable not found\r\n",
        SET[2],
        "< AT-S.ERROR:4:Variable not found\r\n",
        *SET[4:],
        "> AT\r",
        "< AT-S.OK\r\n",
        found=False,
    )
    made.command(b"AT\r")
    assert made.script.done


def test_a_setting_that_is_refused_otherwise_was_damaged_and_is_made_again():
    made = channel(
        *FOUND[:4],
        SET[0],
        "< AT-S.ERROR:7:Invalid argument(s)\r\n",
        "> " + "\n" * 2600 + "\rAT+S.GCFG=console_errs\r",
        "< AT-S.Var:console_errs=2\r\nAT-S.OK\r\n",
        *FOUND[2:],
        "> AT\r",
        "< AT-S.OK\r\n",
        found=False,
    )
    made.command(b"AT\r")
    assert made.script.done


@pytest.mark.parametrize("value", ["0xG1", "", "0x", "0x100", "0x00"])
def test_a_delimiter_that_cannot_be_is_asked_for_again(value):
    asked, answered, put_off = FOUND[2:4], FOUND[3], FOUND[4:]
    made = channel(
        *FOUND[:3],
        answered.replace("=0x2C", "=" + value),
        "> " + "\n" * 2600 + "\rAT+S.GCFG=console_errs\r",
        "< AT-S.Var:console_errs=2\r\nAT-S.OK\r\n",
        *asked,
        *put_off,
        "> AT\r",
        "< AT-S.OK\r\n",
        found=False,
    )
    made.command(b"AT\r")
    assert made.script.done


def test_silence_at_the_start_says_what_to_check():
    made = channel(SILENT, found=False)
    with pytest.raises(NotFound) as caught:
        made.command(b"AT\r")
    for word in ("wiring", "baud rate", "flow control", "reset pin"):
        assert word in str(caught.value)
    assert made.script.clock.ms < 5000


def test_a_restart_in_the_middle_of_a_command_is_told():
    made = channel(
        "> AT+S.X\r",
        "< +WIND:8:Hard Fault:x\r\n+WIND:1:Poweron:171117-0328fe3-SPWF04S\r\n",
        "< +WIND:0:Console active\r\n",
        "> \rAT+S.GCFG=console_errs\r",
        "< AT+S.GCFG=console_errs\r\nAT-S.Var:console_errs=2\r\nAT-S.OK\r\n",
        *FOUND[2:],
        "> AT\r",
        "< AT-S.OK\r\n",
    )
    restarts = []
    made.on_restart.append(lambda: restarts.append(1))
    with pytest.raises(ModuleRestarted):
        made.command(b"AT+S.X\r")
    made.command(b"AT\r")  # the driver switches the echo off again
    assert restarts == [1]
    assert made.generation == 1
    assert made.script.done


def test_one_boot_is_one_restart_whichever_indications_are_missed():
    for boot in ("1:a 0:b 3:c", "0:b 3:c 32:d", "1:a 65:1 0:b", "65:1 0:b", "1:a 3:c 0:b"):
        text = "".join("+WIND:%s\r\n" % x for x in boot.split())
        made = channel("> AT\r", "< AT-S.OK\r\n" + text)
        made.command(b"AT\r")
        made.poll()
        assert made.generation == 1, boot


def test_what_follows_the_end_of_a_boot_in_the_same_breath_is_heard():
    made = channel(
        "> \rAT+S.GCFG=console_echo\r",
        "< +WIND:1:Poweron:x\r\n",
        "~ 50",
        "< +WIND:0:Console active\r\n+WIND:32:WiFi Hardware Started\r\n",
        "> \rAT+S.GCFG=console_errs\r",
        "< AT-S.Var:console_errs=2\r\nAT-S.OK\r\n",
        *FOUND[2:],
        "> AT\r",
        "< AT-S.OK\r\n",
        found=False,
    )
    seen = []
    made.on_indication[32] = lambda parser: seen.append(parser.number(1))
    made.command(b"AT\r")
    assert seen == [32]


def test_a_question_lost_in_a_boot_is_asked_again_when_the_console_is_there():
    made = channel(
        "> \rAT+S.GCFG=console_echo\r",
        "< +WIND:1:Poweron:x\r\n",
        "~ 5000",
        "< +WIND:0:Console active\r\n",
        "> \rAT+S.GCFG=console_errs\r",
        "< AT-S.Var:console_errs=2\r\nAT-S.OK\r\n",
        *FOUND[2:],
        "> AT\r",
        "< AT-S.OK\r\n",
        found=False,
    )
    made.command(b"AT\r")
    assert made.script.done


def test_a_command_line_has_one_cr_and_at_most_512_bytes():
    for bad in (b"AT", b"AT\rAT+S.FCFG\r", b"AT+S.X=" + b"a" * 512 + b"\r"):
        with pytest.raises(ValueError):
            Exchange().prepare(bad)
    Exchange().prepare(b"AT+S.X=" + b"a" * 504 + b"\r")


@pytest.mark.parametrize("bad", ["a\rAT+S.FCFG", "a\nb", "a\0b", b"\r", bytearray(b"x\n")])
def test_an_argument_cannot_end_a_command(bad):
    with pytest.raises(ValueError, match="password"):
        argument(bad, "password")


def test_an_error_about_an_argument_does_not_show_it():
    with pytest.raises(ValueError) as caught:
        argument("hunter2\r", "password")
    assert "hunter2" not in str(caught.value)


def test_a_comma_would_start_another_argument():
    with pytest.raises(ValueError, match="comma"):
        argument("a,b", "host", 255, True)


def test_a_run_with_a_deadline_gives_the_caller_back():
    made = channel("> AT+S.SLOW\r", "~ 20000", "< AT-S.OK\r\n")
    exchange = Exchange().prepare(b"AT+S.SLOW\r", None, 35000)
    assert not made.run(exchange, made.deadline(1000))
    assert exchange.code == RUNNING
    other = Exchange().prepare(b"AT\r")
    assert not made.run(other, made.deadline(1000))
    assert other.code == TIMED_OUT
    made.wait(lambda: exchange.code == 0, 30000)
    assert exchange.code == 0


@pytest.mark.parametrize("at_once", [1, 3, 7, 64])
def test_a_uart_that_gives_few_bytes_at_a_time(at_once):
    made = channel("> AT+S.X\r", "< AT-S.x\r\nAT-S.OK\r\n", at_once=at_once)
    assert lines_of(made, b"AT+S.X\r") == [b"AT-S.x"]


@pytest.mark.parametrize("early", [False, True])
def test_the_pieces_of_a_reply_end_where_its_lines_do(early):
    """If a piece held a header and bytes of its payload, these would be copied one by one."""
    wind = "+WIND:55:Pending Data::0:730:8192\r\n"
    reply = f"AT-S.Reading:730:8192\r\n{'x' * 730}AT-S.OK\r\n"
    steps = []
    for _ in range(3):
        if early:  # the indication comes between two commands
            steps += [f"< {wind}", "> AT+S.SOCKR=0,730\r", f"< {reply}"]
        else:
            steps += ["> AT+S.SOCKR=0,730\r", f"< {wind}{reply}"]
    made = channel(*steps)
    pieces = []
    made.script.readinto, readinto = (
        lambda buffer, n=None: pieces.append(n) or readinto(buffer, n),
        made.script.readinto,
    )
    sink = bytearray(730)
    exchange = Exchange(lambda parser: parser.expect_data(parser.number(1), sink, 730))
    for _ in range(3):
        if early:
            made.poll()
        del pieces[:]
        made.run(exchange.prepare(b"AT+S.SOCKR=0,730\r"))
        assert exchange.code == 0
    assert pieces == ([] if early else [35]) + [23, 218, 256, 256, 9]
    assert sink == b"x" * 730


def test_a_uart_needs_a_way_to_ask_how_much_has_arrived():
    with pytest.raises(TypeError):
        ATChannel(object())


# Hooks -------------------------------------------------------------------------------------------
def test_each_command_is_told_as_it_is_begun():
    made = channel("> AT+S.A\r", "< AT-S.OK\r\n", "> AT+S.SOCKW=0,5\rhello", "< AT-S.OK\r\n")
    told = []
    made.on_sent = lambda exchange: told.append((exchange.command, exchange.payload))
    made.command(b"AT+S.A\r")
    made.command(b"AT+S.SOCKW=0,5\r", b"hello")
    assert [command for command, _ in told[:5]] == [
        b"\rAT+S.GCFG=console_echo\r",
        b"AT+S.GCFG=console_delimiter\r",
        b"AT+S.SCFG=console_errs,2\r",
        b"AT+S.SCFG=console_winds,2\r",
        b"AT+S.SCFG=console_echo,0\r",
    ]
    assert told[5:] == [(b"AT+S.A\r", None), (b"AT+S.SOCKW=0,5\r", b"hello")]
    assert made.commands == len(told)


def test_an_echo_that_is_expected_is_no_restart():
    made = channel(
        "> AT+S.A\r",
        "< AT-S.OK\r\n",
        "> AT+S.SCFG=console_echo,1\r",
        "< AT-S.OK\r\n",
        "> AT+S.B\r",
        "< AT+S.B\r\nAT-S.OK\r\n",
    )
    made.command(b"AT+S.A\r")
    made.expect_echo()
    made.command(b"AT+S.SCFG=console_echo,1\r")
    made.command(b"AT+S.B\r")
    assert made.generation == 0


def test_what_came_behind_what_raised_is_read_at_the_next_poll():
    made = channel("> AT\r", "< AT-S.OK\r\n", "~ 100", "< +WIND:55:a\r\n+WIND:55:b\r\n")
    seen = []

    def handler(parser):
        seen.append(parser.text(9))
        if len(seen) == 1:
            raise MemoryError

    made.command(b"AT\r")
    made.on_indication[55] = handler
    with pytest.raises(MemoryError):
        made.wait(lambda: False, 200)
    made.poll()
    assert seen == ["a", "b"]


def test_a_message_of_mqtt_is_read_when_there_is_memory_for_its_reader(monkeypatch):
    line = "+WIND:86:MQTT Published:0:a:0:0:0:11:11:AT-S.OK\r\n\r\n\r\n"
    made = channel("> AT\r", "< AT-S.OK\r\n", "~ 100", "< " + line + "+WIND:55:b\r\n")
    seen = pending(made)

    def no_memory():
        monkeypatch.undo()
        raise MemoryError

    monkeypatch.setattr(made.parser, "messages", no_memory)
    made.command(b"AT\r")
    with pytest.raises(MemoryError):
        made.wait(lambda: False, 200)
    made.wait(lambda: seen, 200)
    assert seen == ["b"] and made.parser.messages().whole


class Busy:
    """A module that answers at once, but from `busy` on only at the time `until`: to all that it
    was told meanwhile."""

    def __init__(self):
        self.clock = ScriptClock()
        self.busy = self.until = 0
        self._told = b""
        self._said = b""

    def any(self):
        if not self.busy <= self.clock.ms < self.until:
            *lines, self._told = self._told.split(b"\r")
            for line in lines:
                name = line.strip().partition(b"GCFG=")[2]
                if name:
                    value = b"0x2C" if name == b"console_delimiter" else name
                    self._said += b"AT-S.Var:%s=%s\r\n" % (name, value)
                if line.strip():
                    self._said += b"AT-S.OK\r\n"
        return len(self._said)

    def readinto(self, buffer, n=None):
        n = min(len(buffer) if n is None else n, self.any())
        buffer[:n] = self._said[:n]
        self._said = self._said[n:]
        return n or None

    def write(self, data, at=0, n=None):
        data = bytes(data[at:] if n is None else data[at : at + n])
        self._told += data
        return len(data)


@pytest.mark.parametrize("seconds", [1, 3, 5, 8, 12, 20, 40])
def test_no_answer_to_an_earlier_question_is_taken_for_one_to_a_command(seconds):
    module = Busy()
    made = ATChannel(module, module.clock)
    made.command(b"AT\r")
    module.busy, module.until = module.clock.ms, module.clock.ms + 1000 * seconds
    for n in range(99):
        name = "wifi_%d" % n
        try:
            lines, _ = made.lines(b"AT+S.GCFG=%s\r" % name.encode(), None, 700)
        except LinkLost:
            continue
        assert lines == [f"AT-S.Var:{name}={name}"]
