"""A log says the same in whatever form it was written."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spwf04.at.trace import record, stop
from spwf04_cli.uartlog import decode
from spwf04_cli.uartlog.decode import Exchange, Indication, Note, Rubbish
from spwf04_cli.uartlog.findings import examine
from spwf04_sim.logs import reader
from tests import ALL
from tests.cli.logs import (
    AWKWARD,
    FORMS,
    HELLO,
    TRANSCRIPTS,
    Session,
    everyday,
    lines,
    raw,
    transcript,
)
from tests.faults.exchanges import Stage

COMMANDS = [
    "AT+S.WIFI=0",
    "AT+S.SSIDTXT=home",
    "AT+S.SCFG=wifi_wpa_psk_text,********",
    "AT+S.SCFG=wifi_priv_mode,2",
    "AT+S.SCFG=wifi_mode,1",
    "AT+S.WIFI=1",
    "AT+S.SCAN=s,",
    "AT+S.SOCKON=www.example.com,80,,t",
    "AT+S.SOCKW=0,18",
    "AT+S.SOCKC=0",
    "AT+S.SOCKQ=0",
    "AT+S.SOCKR=0,31",
    "AT+S.SOCKC=0",
    "AT+S.FSL",
]


def read(data):
    """(recording, exchanges, indications, other items)"""
    heard = reader.read(data)
    items = decode.decoded(heard)
    exchanges = [item for item in items if isinstance(item, Exchange)]
    winds = [item for item in items if isinstance(item, Indication)]
    return heard, exchanges, winds, [i for i in items if isinstance(i, (Note, Rubbish))]


def told(exchanges):
    return [(e.command, e.result, e.code, e.replies) for e in exchanges]


@pytest.mark.parametrize("echo", [True, False], ids=["echo", "no echo"])
@pytest.mark.parametrize("form", FORMS)
def test_a_session_reads_the_same_in_every_form(form, echo):
    said = everyday(echo)
    _, exchanges, winds, others = read(FORMS[form](said))
    if not echo:
        assert exchanges.pop(0).command == "AT+S.SCFG=console_echo,0"
    assert [e.command for e in exchanges] == COMMANDS
    assert [e.result for e in exchanges] == ["ok"] * 9 + ["error"] + ["ok"] * 4
    assert exchanges[9].code == 77
    assert exchanges[6].replies[1].startswith("1:  BSS")
    assert exchanges[8].sent.kind == "HTTP request, GET"
    assert exchanges[11].received.kind == "text"
    assert [w.number for w in winds][:5] == [1, 13, 0, 3, 32]
    assert [w.number for w in winds][-1] == 55
    assert others == []


@pytest.mark.parametrize("form", FORMS)
def test_no_form_shows_the_password(form):
    heard, *_ = read(FORMS[form](everyday()))
    shown = str(decode.decoded(heard))
    assert "correct" not in shown
    assert "********" in shown


@pytest.mark.parametrize("form", ["time stamps", "arrows"])
def test_time_stamps_give_the_time_of_each_exchange(form):
    said = everyday()
    _, exchanges, _, _ = read(FORMS[form](said))
    moments = [ms for ms, way, data in said if way == ">" and data.startswith(b"AT")]
    start = exchanges[0].at
    assert [round(e.at - start) for e in exchanges] == [ms - moments[0] for ms in moments]
    assert all(e.ended >= e.at for e in exchanges)


def test_a_time_past_midnight_goes_on():
    text = b"[23:59:59.900] > AT\n[00:00:00.100] < AT-S.OK\n"
    _, (exchange,), _, _ = read(text)
    assert exchange.ended - exchange.at == pytest.approx(200)


@pytest.mark.parametrize("echo", [True, False], ids=["echo", "no echo"])
def test_a_capture_of_bytes_keeps_payloads_that_look_like_the_protocol(echo):
    said = everyday(echo, answer=AWKWARD, payload=AWKWARD)
    heard, exchanges, _, others = read(raw(said))
    by_name = {e.name: e for e in exchanges}
    assert by_name["SOCKW"].sent.data == AWKWARD
    assert by_name["SOCKR"].received.data == AWKWARD
    assert by_name["SOCKR"].result == "ok"
    assert others == []
    assert not heard.altered


# (a payload of line ends alone cannot be told from the end of the line before)
@given(st.binary(min_size=1, max_size=300).filter(lambda payload: payload.strip(b"\r\n")))
@settings(max_examples=50, deadline=None)
def test_any_payload_comes_out_of_a_capture_as_it_went_in(payload):
    sent = b"AT+S.SOCKW=0,%d\r" % len(payload) + payload
    got = b"AT+S.SOCKW=0,%d\r\nAT-S.OK\r\nAT+S.SOCKR=0,\r\nAT-S.Reading:%d:%d\r\n"
    got = got % (len(payload), len(payload), len(payload)) + payload + b"AT-S.OK\r\n"
    _, (exchange,), _, _ = read(sent)
    assert exchange.sent.data == payload
    _, (written, was_read), _, _ = read(b"\xff\r\n" + got)
    assert (written.result, was_read.result) == ("ok", "ok")
    assert was_read.received.data == payload


def test_the_module_alone_with_its_echo_tells_the_commands():
    said = everyday()
    _, exchanges, _, _ = read(raw(said, "<"))
    assert [e.command for e in exchanges] == COMMANDS
    assert exchanges[8].sent.data is None
    assert exchanges[11].received.data == HELLO


def test_the_module_alone_without_echo_tells_its_answers():
    said = everyday(echo=False)
    _, exchanges, winds, _ = read(raw(said, "<"))
    assert [e.command for e in exchanges] == ["AT+S.SCFG=console_echo,0"] + [""] * len(COMMANDS)
    assert [e.result for e in exchanges].count("error") == 1
    assert any(e.reply("On") == "93.184.216.34:0" for e in exchanges)
    assert winds


def test_the_host_alone_is_not_said_to_be_without_answers():
    heard, exchanges, _, _ = read(raw(everyday(echo=False), ">"))
    assert [e.command for e in exchanges][1:] == COMMANDS
    assert exchanges[9].sent.data == b"GET / HTTP/1.0\r\n\r\n"
    assert not heard.both
    assert examine(exchanges, heard) == []


def test_a_recording_of_the_driver_is_read_with_its_payloads():
    stage = Stage()
    written = []
    record(stage.radio, written.append, True)
    stage.connect()
    stage.sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
    stage.receive(18)
    stop(stage.radio)
    heard, exchanges, _, _ = read("".join(written).encode())
    assert heard.form == "a recording of spwf04.at.trace"
    by_name = {e.name: e for e in exchanges}
    assert by_name["SOCKW"].sent.data == b"GET / HTTP/1.0\r\n\r\n"
    assert by_name["SOCKR"].received.data == b"GET / HTTP/1.0\r\n\r\n"
    assert {e.result for e in exchanges} == {"ok"}


def test_a_recording_among_other_lines_of_the_program_is_read():
    text = b"starting\n12 > AT+S.SOCKW=0,18\n12 >> 18\nhello 18\n17 < AT-S.OK\n"
    _, (exchange,), _, notes = read(text)
    assert (exchange.result, exchange.at, exchange.ended) == ("ok", 12, 17)
    assert exchange.sent.data is None and exchange.sent.size == 18
    assert [n.text for n in notes] == ["starting", "hello 18"]


def test_a_clock_that_wraps_goes_on():
    text = b"536870900 > AT\n10 < AT-S.OK\n"
    _, (exchange,), _, _ = read(text)
    assert exchange.ended - exchange.at == 22


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda p: p.stem)
@pytest.mark.parametrize("form", ["bytes", "markers", "visible line ends", "a terminal"])
def test_a_published_transcript_is_understood_to_the_last_line(path, form):
    said = transcript(path)
    _, exchanges, winds, others = read(FORMS[form](said))
    assert others == []
    asked = [d for _, way, d in said if way == ">"]
    echoes = {bytes(line.split(b"\r")[0]) for line in asked}
    assert [e.command.encode() for e in exchanges] == [
        re.sub(rb"(psk_text,).*", rb"\1********", line.split(b"\r")[0]) for line in asked
    ]
    answers = [d.strip() for _, way, d in lines(said) if way == "<"]
    answers = [a for a in answers if a not in echoes and a != HELLO.strip()]
    told_lines = sum(len(e.replies) + (e.result in ("ok", "error")) for e in exchanges)
    bodies = sum(
        e.received.data.count(b"\n") for e in exchanges if e.name == "HTTPGET" and e.received
    )
    assert told_lines + len(winds) + bodies == len(answers)


PASTED = {
    "a prompt": "spwf> AT+S.STS=build\nAT-S.Var:build=171117\nAT-S.OK\n",
    "a quotation": "> AT+S.STS=build\n> AT-S.Var:build=171117\n> AT-S.OK\n",
    "an Arduino monitor": "10:00:00.000 -> AT+S.STS=build\n10:00:00.005 -> AT-S.Var:build=171117\n"
    "10:00:00.005 -> AT-S.OK\n",
    "line ends in words": "AT+S.STS=build\\r\nAT-S.Var:build=171117\\r\\nAT-S.OK\\r\\n\n",
    "two records on a line": "> AT+S.STS=build␍     < AT-S.Var:build=171117␍␊\n"
    "< AT-S.OK␍␊   C-AP\n",
    "entities": "&gt; AT+S.STS=build<br>&lt; AT-S.Var:build=171117<br>&lt; AT-S.OK<br>",
    "code marks": "`AT+S.STS=build`\n`AT-S.Var:build=171117`\n`AT-S.OK`\n",
    "a kernel's clock": "[   12.500] > AT+S.STS=build\n[   12.510] < AT-S.Var:build=171117\n"
    "[   12.511] < AT-S.OK\n",
    "a dump": "00000000  41 54 2b 53 2e 53 54 53  3d 62 75 69 6c 64 0d 0a  |AT+S.STS=build..|\n"
    "00000010  41 54 2d 53 2e 56 61 72  3a 62 75 69 6c 64 3d 31  |AT-S.Var:build=1|\n"
    "00000020  37 31 31 31 37 0d 0a 41  54 2d 53 2e 4f 4b 0d 0a  |71117..AT-S.OK..|\n",
}


@pytest.mark.parametrize("habit", PASTED)
def test_habits_of_terminals_and_forums_are_undone(habit):
    _, exchanges, _, _ = read(PASTED[habit].encode())
    assert told(exchanges) == [("AT+S.STS=build", "ok", 0, ["AT-S.Var:build=171117"])]


SAID = [
    (">", "AT+S.STS=build"),
    ("<", "AT-S.Var:build=171117"),
    ("<", "AT-S.OK"),
    ("<", "+WIND:32:WiFi Hardware Started"),
    (">", "AT"),
    ("<", "AT-S.OK"),
    (">", "AT+S.SCAN=s,"),
    ("<", "AT-S.Parsing Networks:1"),
    ("<", "1:\t BSS 00:11:22:33:44:55 CHAN: 01 RSSI: -38 SSID: 'home' CAPS: 0421 WPA2 "),
    ("<", "AT-S.OK"),
]
# (number of the line, way, what was said) -> the line of the log
LOGGERS = {
    "journalctl": lambda n, w, t: f"Nov 29 10:00:{n:02} pi app[{70 + n}]: {t}",
    "logging": lambda n, w, t: f"2024-05-01 10:00:{n:02},1 DEBUG uart: {w} {t}",
    "logging, plain": lambda n, w, t: f"DEBUG:root:{t}",
    "ISO 8601": lambda n, w, t: f"2024-05-01T10:00:{n:02}.123456Z INFO module {t}",
    "ISO 8601, zone": lambda n, w, t: (
        f"2024-05-01T10:00:{n:02}.1+02:00 {'->' if w == '>' else '<-'} {t}"
    ),
    "ESP-IDF": lambda n, w, t: f"I ({1234 + n}) wifi: {t}",
    "Zephyr": lambda n, w, t: f"[00:00:{n:02}.123,000] <inf> wifi: {t}",
    "minicom": lambda n, w, t: f"[2024-05-01 10:00:{n:02}] {t}",
    "Arduino": lambda n, w, t: f"10:00:{n:02}.123 -> {t}",
    "arrows": lambda n, w, t: f"[12:00:{n:02}.123] {'->' if w == '>' else '<-'} {t}",
    "TX and RX": lambda n, w, t: f"{'TX' if w == '>' else 'RX'}: {t}",
    "words": lambda n, w, t: f"{'sending' if w == '>' else 'received'} {t}",
    "columns": lambda n, w, t: f"{n}\t{'tx' if w == '>' else 'rx'}\t{t}",
    "commas": lambda n, w, t: f"{n},{'tx' if w == '>' else 'rx'},{t}",
    "a file and its line": lambda n, w, t: (
        f"main.c:{40 + n} uart_{'tx' if w == '>' else 'rx'}(): {t}"
    ),
    "Python's bytes": lambda n, w, t: (
        f"uart.write(b'{t}\\r')" if w == ">" else f"uart.readline() = b'{t}\\r\\n'"
    ),
    "quotation marks": lambda n, w, t: f'[{n}.001] {"sent" if w == ">" else "got"}: "{t}"',
    "colours": lambda n, w, t: f"\x1b[32m[10:00:{n:02}] INFO\x1b[0m uart | {t}",
}


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["LF", "CR LF"])
@pytest.mark.parametrize("logger", LOGGERS)
def test_what_a_logger_writes_before_a_line_is_no_part_of_it(logger, ends):
    text = "".join(LOGGERS[logger](n, way, t) + ends for n, (way, t) in enumerate(SAID))
    _, exchanges, winds, others = read(text.encode())
    assert told(exchanges) == [
        ("AT+S.STS=build", "ok", 0, ["AT-S.Var:build=171117"]),
        ("AT", "ok", 0, []),
        ("AT+S.SCAN=s,", "ok", 0, [t.replace("\t", " ") for _, t in SAID[7:9]]),
    ]
    assert [w.number for w in winds] == [32]
    assert others == []
    moments = [e.at for e in exchanges]
    if "10:00" in text or "12:00" in text:
        assert [m - moments[0] for m in moments] == [0, 4000, 6000]


ONE = ["> AT+S.STS=build", "< AT-S.Var:build=171117", "< AT-S.OK"]
STAMPED = [f"[10:00:0{n}.500] {line}" for n, line in enumerate(ONE)]
ENDS = {
    "CR alone": lambda lines: "\r".join(lines) + "\r",
    "CR CR LF": lambda lines: "\r\r\n".join(lines) + "\r\r\n",
    "a CR in the middle": lambda lines: "10 %\r20 %\r\n" + "\n".join(lines),
    "mixed": lambda lines: lines[0] + "\r\n" + lines[1] + "\r" + lines[2] + "\n",
    "LF CR": "\n\r".join,
}


@pytest.mark.parametrize("form", [ONE, STAMPED], ids=["markers", "stamps"])
@pytest.mark.parametrize("ends", ENDS)
def test_a_bare_cr_does_not_make_a_capture_of_bytes_of_a_text(ends, form):
    heard, exchanges, _, _ = read(ENDS[ends](form).encode())
    assert heard.form == "a log as text"
    assert told(exchanges) == [("AT+S.STS=build", "ok", 0, ["AT-S.Var:build=171117"])]
    if form is STAMPED:
        assert exchanges[0].ended - exchanges[0].at == 2000


@pytest.mark.parametrize("stray", [b"\0", b"\xff", b"\x07", b"\x1b"])
def test_a_stray_byte_does_not_make_a_capture_of_bytes_of_a_text(stray):
    text = "\n".join(STAMPED).encode().replace(b"[10:00:02", stray + b"\n[10:00:02")
    heard, exchanges, _, _ = read(text)
    assert heard.form == "a log as text"
    assert told(exchanges) == [("AT+S.STS=build", "ok", 0, ["AT-S.Var:build=171117"])]


def test_lines_are_numbered_as_an_editor_numbers_them():
    _, exchanges, _, _ = read(b"10 %\r20 %\r30 %\n> AT\r\r\n< AT-S.OK\n> AT\n< AT-S.OK\n")
    assert [exchange.place for exchange in exchanges] == [2, 4]


def test_a_capture_with_a_cr_too_much_before_each_line_end_is_still_one():
    data = raw([m for m in everyday() if m[1] == "<"]).replace(b"\r\n", b"\r\r\n")
    _, exchanges, _, _ = read(data.replace(b"\r\r\r", b"\r\r"))
    assert [e.command for e in exchanges] == COMMANDS


def test_a_recording_behind_the_prefix_of_another_logger_is_read():
    lines = ["# spwf04 trace 1", "12 > AT+S.SOCKW=0,18", "12 >> 18", "17 < AT-S.OK"]
    text = "".join(f"Nov 29 10:00:00 pi app[3]: {line}\n" for line in lines)
    heard, (exchange,), _, _ = read(text.encode())
    assert heard.form == "a recording of spwf04.at.trace"
    assert (exchange.sent.size, exchange.at, exchange.ended) == (18, 12, 17)


def test_words_around_a_log_are_not_part_of_it():
    text = (
        "I sent AT+S.RESET and then\nAT+S.WIFI=0\nand got\nAT-S.ERROR:18:Radio not running\n"
        "AT+S.RESET hangs sometimes.\n"
    )
    _, exchanges, _, notes = read(text.encode())
    assert told(exchanges) == [("AT+S.WIFI=0", "error", 18, [])]
    assert len(notes) == 3


def test_lines_that_are_cut_at_either_end_are_understood():
    text = b"IND:32:WiFi Hardware Started\r\nAT+S.WIFI=0\r\nAT-S.ERROR:18\r\n+WIND:3"
    _, exchanges, winds, _ = read(text)
    assert [w.number for w in winds] == [32, 3]
    assert told(exchanges) == [("AT+S.WIFI=0", "error", 18, [])]


def test_a_payload_that_is_only_named_is_taken_for_as_long_as_it_was_announced():
    text = b"AT+S.TLSCERT=ca,969<cr><data>\nAT-S.OK<cr><lf>\n"
    _, (exchange,), _, _ = read(text)
    assert exchange.result == "ok"
    assert exchange.sent.data is None and exchange.sent.size == 969


def test_an_http_body_without_a_line_end_is_told_from_the_last_line():
    text = (
        b"AT+S.HTTPGET=h,/,80,0,,,,\r\r\nAT-S.Http Server Status Code:200\r\n<html>\x00AT-S.OK\r\n"
    )
    _, (exchange,), _, _ = read(text)
    assert exchange.result == "ok"
    assert exchange.received.data == b"<html>\x00"


def test_the_log_of_the_spi_interface_gives_its_indications():
    text = "RX:02 10 01 16 00 AT+S.WIND:1:Poweron:<wifistate=Hardware power up>:170726-b7ac1ba\n"
    heard, _, winds, _ = read(text.encode())
    assert [(w.number, w.text) for w in winds] == [(1, "Poweron:170726-b7ac1ba")]
    assert [f.name for f in examine(winds, heard)] == ["spi"]


def test_another_delimiter_is_followed():
    text = b"AT+S.SCFG=console_delimiter,0x7C\rAT+S.FSC=a,b|5\rhello"
    text += b"AT+S.SCFG=console_delimiter|0x2C\r"
    _, exchanges, _, _ = read(text)
    assert [e.name for e in exchanges] == ["SCFG", "FSC", "SCFG"]
    assert exchanges[1].argument(0) == "a,b"
    assert exchanges[1].sent.data == b"hello"


@given(st.one_of(st.binary(max_size=400), st.text(max_size=400).map(str.encode)))
@settings(max_examples=200, deadline=None)
def test_nothing_that_can_be_in_a_file_is_too_much_for_it(data):
    heard = reader.read(data)
    examine(decode.decoded(heard), heard)


_PIECES = [b"AT+S.", b"SOCKW=0,5", b"\r", b"\n", b"AT-S.", b"OK", b"ERROR:", b"Reading:3:3"]
_PIECES += [
    b"+WIND:",
    b"55:",
    b"::0:3:3",
    b"\0",
    b"\xff",
    b"HTTPGET=a",
    b"> ",
    b"1 < ",
    b"=",
    b",",
]


@given(st.lists(st.sampled_from(_PIECES), max_size=40).map(b"".join))
@settings(max_examples=300 if ALL else 150, deadline=None)
def test_no_order_of_its_pieces_is_too_much_for_it(data):
    heard = reader.read(data)
    examine(decode.decoded(heard), heard)


def test_bytes_come_one_at_a_time_from_a_port_and_mean_the_same():
    from spwf04_sim.logs.sorter import Sorter

    data = raw(everyday(answer=AWKWARD), "<")
    items = []
    decoder = decode.Decoder(items.append)
    sorter = Sorter(decoder.feed)
    for n in range(len(data)):
        sorter.feed(data[n : n + 1], n)
        sorter.advance()
    sorter.pause()
    decoder.finish()
    _, whole, _, _ = read(data)
    assert told([i for i in items if isinstance(i, Exchange)]) == told(whole)


def test_a_session_of_a_real_start_has_a_module_and_a_firmware():
    session = Session()
    session.power_on()
    _, _, winds, _ = read(raw(session.said))
    assert [w.number for w in winds] == [1, 13, 0, 3, 32]


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_byte_order_mark_is_no_rubbish(ends):
    log = ends.join(["AT+S.PING=a.example", "AT-S.OK", "+WIND:0:Console active", ""])
    read = reader.read(log.encode("utf-8-sig"))
    assert read == reader.read(log.encode())
    assert not [item for item in decode.decoded(read) if isinstance(item, Rubbish)]


@pytest.mark.parametrize(
    "odd",
    [
        "9 < +WIND:1:Poweron \u2212 \u00e9 \udcff",
        "9 >> 5 zz",
        "9 << many",
        "9 >> " + "9" * 30,
        "9 > (" + "9" * 30 + " LF to end an open payload)",
        "9" * 5000 + " < x",
        "9 < a\x0c9 < b\x85c\u2028d",
        "\u0663 > AT",
    ],
)
def test_what_somebody_has_written_into_a_trace_is_no_exception(odd):
    log = "1 > AT+S.STS=version\n2 < AT-S.OK\n" + odd + "\n3 > AT\n4 < AT-S.OK\n"
    heard = reader.read(log.encode("utf-8", "surrogateescape"))
    items = decode.decoded(heard)
    assert [item.command for item in items if isinstance(item, Exchange)][-1] == "AT"
    assert sum(len(event.data or b"") for event in heard.events) < 2 * len(
        log.encode("utf-8", "replace")
    )
    examine(items, heard)
