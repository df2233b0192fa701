"""spwf04 trace: the command, its output, the timeline, listening on a port."""

import json
import os
import re
import signal
import subprocess
import tty
import xml.etree.ElementTree as ET

import pytest

from spwf04_cli import output
from spwf04_cli.uartlog import decode
from spwf04_sim.logs import reader
from tests import HANG
from tests.cli import spwf04
from tests.cli.logs import (
    FORMS,
    HELLO,
    PSK,
    TRANSCRIPTS,
    Session,
    everyday,
    raw,
    transcript,
)
from tests.shims.micropython import tool

LOG = b"> AT+S.SOCKON=h.example,443,,h.example\n< AT-S.Certificate Error:23\n< AT-S.ERROR:74:\n"
KEY = b"AT+S.FSC=tls.key,27\r-----BEGIN PRIVATE KEY-----AT-S.OK\r\n"


@pytest.fixture
def file(tmp_path):
    """A function that writes a file and returns its name."""

    def write(data, name="log.txt"):
        (tmp_path / name).write_bytes(data)
        return str(tmp_path / name)

    return write


def test_it_says_what_was_said_what_it_means_and_what_to_do(file):
    done = spwf04("trace", file(LOG))
    text = " ".join(done.out.split())
    assert "AT+S.SOCKON=h.example,443,,h.example" in text
    assert "opens a socket to h.example, port 443: TLS, for the name h.example" in text
    assert "Error: h.example was not trusted: Certificate Error:23 (line 1)" in text
    assert "spwf04 trust h.example" in text


def test_it_ends_with_1_if_something_went_wrong_and_0_if_nothing_did(file):
    assert spwf04("trace", file(LOG)).code == output.FAILED
    done = spwf04("trace", file(b"AT\nAT-S.OK\n"))
    assert done.code == output.DONE
    assert "Nothing went wrong here." in done.out


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path):
    done = spwf04("trace", str(tmp_path / "none"))
    assert done.code == output.USAGE
    assert "Name a file that holds the log" in done.err


def test_a_file_without_anything_in_it_is_told():
    done = spwf04("trace", "-", stdin="")
    assert done.code == output.FAILED
    assert "nothing in it" in " ".join(done.err.replace("│", "").split())


@pytest.mark.parametrize(
    "text",
    [
        "the quick brown fox\n",
        "ATTENTION\nATH0\nOK\n",
        "\n".join("0123456789"),
        "# spwf04 trace 1\n",
        'AT+CWJAP="home"\nready\n',
    ],
)
@pytest.mark.parametrize("more", [[], ["--all"], ["--json"]], ids=["", "all", "JSON"])
def test_where_nothing_was_recognised_there_is_no_verdict(file, text, more):
    done = spwf04("trace", file(text.encode()), *more)
    assert done.code == output.FAILED
    assert "went wrong" not in done.out
    if more == ["--json"]:
        assert json.loads(done.out)["recognised"] is False
    else:
        assert "nothing in it" in " ".join(done.err.replace("│", "").split())


@pytest.mark.parametrize("number", [4, 6, 8, 9, 10, 12, 23, 40, 41, 63, 78])
def test_a_line_that_is_marked_bad_is_a_finding_and_the_exit_code(file, number):
    log = file(f"AT+S.SOCKL\r\nAT-S.List:0:t:1\r\nAT-S.OK\r\n+WIND:{number}:x\r\n".encode())
    done = spwf04("trace", log)
    assert done.code == output.FAILED
    assert "Nothing went wrong" not in done.out


@pytest.mark.parametrize("cut", [0, 1])
@pytest.mark.parametrize("mark", ["", "> ", "Nov 29 10:00:00 pi app[7]: "])
def test_no_line_of_a_key_is_shown_though_nothing_announced_it(file, mark, cut):
    lines = ["-----BEGIN EC PRIVATE KEY-----"]
    lines += [("S3CR" * 16), ("S3CR" * 16), "S3CRS3CR", "-----END EC PRIVATE KEY-----"]
    said = ["AT+S.TLSERT=key,227", *lines[cut:], "AT-S.ERROR:1:Command not found"]
    log = file("".join(f"{mark}{line}\n" for line in said).encode())
    for more in (["--all"], ["--json"], ["--payload"]):
        assert "S3CR" not in spwf04("trace", log, *more).out


def test_it_reads_standard_input():
    done = spwf04("trace", "-", "--json", stdin=LOG.decode())
    assert json.loads(done.out)["source"] == "standard input"


def test_json_has_items_and_findings(file):
    done = spwf04("trace", file(raw(everyday())), "--json")
    found = json.loads(done.out)
    socket = next(i for i in found["items"] if i.get("command", "").startswith("AT+S.SOCKON"))
    assert socket["result"] == "ok"
    assert socket["replies"][0] == "AT-S.On:93.184.216.34:0"
    assert [f["name"] for f in found["findings"]] == ["pending-data"]
    error = next(i for i in found["items"] if i.get("error"))
    assert (error["error"], bool(error["hint"])) == (77, True)
    assert "correct" not in done.out
    assert done.err == ""


def test_payloads_are_summarised_and_shown_if_asked(file):
    name = file(raw(everyday()))
    assert "GET /" not in spwf04("trace", name).out
    shown = spwf04("trace", name, "--payload")
    assert "GET / HTTP/1.0\\r\\n" in shown.out
    items = json.loads(spwf04("trace", name, "--payload", "--json").out)["items"]
    assert bytes.fromhex(next(i for i in items if i.get("sent"))["sent"]["data"])[:3] == b"GET"


def test_keys_are_never_shown(file):
    done = spwf04("trace", file(KEY), "--payload")
    assert "a private key" in done.out
    assert "BEGIN" not in done.out
    assert b"BEGIN".hex() not in spwf04("trace", file(KEY), "--payload", "--json").out


@pytest.mark.parametrize("announced", [10, 150, 1000])
@pytest.mark.parametrize("command", ["TLSCERT=key", "FSC=tls.key", "FSC=a.txt"])
def test_no_line_of_a_key_is_shown_even_where_its_length_is_wrong(file, command, announced):
    pem = (
        "-----BEGIN PRIVATE KEY-----\n" + ("S3CR" * 16 + "\n") * 4 + "-----END PRIVATE KEY-----\n"
    )
    text = f"> AT+S.{command},{announced}\n{pem}< AT-S.OK\n"
    for written in (text, text.replace("\n", "\r\n"), text.replace("> ", "").replace("< ", "")):
        for more in ([], ["--json"]):
            done = spwf04("trace", file(written.encode()), "--all", *more)
            assert "S3CR" not in done.out


def test_repetitions_become_one_line_unless_all_is_asked_for(file):
    lines = b"AT+S.SOCKW=0,1\rxAT-S.OK\r\n" * 20
    assert "20 × SOCKW" in spwf04("trace", file(lines)).out
    assert spwf04("trace", file(lines), "--all").out.count("AT+S.SOCKW") == 20


def test_a_command_that_is_polled_becomes_one_line(file):
    lines = b"AT+S.STS=uptime\r\nAT-S.Var:uptime=1\r\nAT-S.OK\r\n" * 300
    shown = spwf04("trace", file(lines)).out
    assert "300 × AT+S.STS=uptime" in shown
    assert len(shown.splitlines()) < 10


def test_a_line_without_an_end_is_cut(file):
    done = spwf04("trace", file(b"> AT+S.STS=" + b"a" * 200_000 + b"\n< AT-S.OK\n"))
    assert "199409morecharacters" in "".join(done.out.split())
    assert len(done.out) < 5000


def test_long_replies_are_cut_unless_all_is_asked_for(file):
    lines = b"AT+S.GCFG\r" + b"AT-S.Var:blink_led=1\r\n" * 30 + b"AT-S.OK\r\n"
    assert "26 more lines" in spwf04("trace", file(lines)).out
    assert spwf04("trace", file(lines), "--all").out.count("AT-S.Var") == 30


def test_escape_sequences_of_a_log_do_not_reach_the_terminal(file):
    done = spwf04("trace", file(b"+WIND:25:in:\x1b[2Jname\r\n\x1b]0;x\x07\r\n"), "--all")
    assert "\x1b" not in done.out
    assert "\x07" not in done.out


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda p: p.stem)
def test_a_timeline_can_be_drawn_of_every_transcript(path, file, tmp_path):
    spwf04("trace", file(FORMS["markers"](transcript(path))), "--svg", str(tmp_path / "a.svg"))
    root = ET.parse(tmp_path / "a.svg").getroot()
    assert root.tag.endswith("svg")


def drawn(file, tmp_path, data):
    """(root of the drawing, all its text)"""
    spwf04("trace", file(data), "--svg", str(tmp_path / "a.svg"))
    root = ET.parse(tmp_path / "a.svg").getroot()
    words = [e.text or "" for e in root.iter() if e.tag.endswith("}text")]
    return root, words


def test_the_timeline_has_text_that_is_text_and_marks_errors(file, tmp_path):
    root, words = drawn(file, tmp_path, LOG)
    assert "AT+S.SOCKON=h.example,443,,h.example" in words
    assert "✗ ERROR 74 " in words
    assert any("was not trusted" in w for w in words)
    classes = [e.get("class", "") for e in root.iter()]
    assert classes.count("bar error") == 1
    assert not any(e.tag.endswith(("}image", "}script")) for e in root.iter())


def test_the_timeline_has_two_lanes_a_bar_per_exchange_and_a_tick_per_indication(file, tmp_path):
    session = Session()
    session.power_on()
    session.type("AT")
    session.type("AT+S.STS=build")
    root, _ = drawn(file, tmp_path, raw(session.said))
    classes = [e.get("class", "") for e in root.iter()]
    assert classes.count("lane") == 2
    assert classes.count("bar ok") == 2
    assert sum(c.startswith("tick") for c in classes) == 5


TIMED = "10:00:01.500 > AT\n10:00:01.600 < AT-S.OK\n"
TIMED += "10:00:04.000 > AT+S.SOCKON=h.example,443,,h.example\n"
TIMED += "10:00:04.250 < AT-S.Certificate Error:23\n10:00:04.250 < AT-S.ERROR:74:\n"


def test_a_finding_has_the_time_at_which_it_stands_in_the_log(file, tmp_path):
    name = file(TIMED.encode())
    assert "Error:23 (at 2.500 s)" in " ".join(spwf04("trace", name).out.split())
    found = json.loads(spwf04("trace", name, "--json").out)["findings"][0]
    assert (found["at"], found["seconds"], found["line"]) == (36004000, 2.5, 3)
    _, words = drawn(file, tmp_path, TIMED.encode())
    assert any("Error:23 (at 2.500 s)" in w for w in words)


def test_without_times_a_finding_has_its_line_in_the_drawing_too(file, tmp_path):
    _, words = drawn(file, tmp_path, LOG)
    assert any("Error:23 (line 1)" in w for w in words)


def test_words_of_a_program_before_the_log_do_not_make_its_times_differ(file):
    done = spwf04("trace", file(("10:00:00.000 hello\n" + TIMED).encode()))
    row = next(line for line in done.out.splitlines() if "SOCKON" in line)
    assert row.split()[0] == "4.000"
    assert "(at 4.000 s)" in " ".join(done.out.split())


def test_the_timeline_shows_for_how_long_nothing_was_said(file, tmp_path):
    root, words = drawn(file, tmp_path, b"1 > AT\n3 < AT-S.OK\n9003 > AT\n9005 < AT-S.OK\n")
    assert "9.0 s" in words
    assert [e.get("class") for e in root.iter()].count("gap") == 2


def test_the_timeline_is_readable_in_the_dark():
    from spwf04_cli.uartlog.timeline import drawing

    style = re.search(r"<style>.*</style>", drawing([], [], "x"), re.S)[0]
    light, _, dark = style.partition("prefers-color-scheme: dark")
    for name in ("text", ".paper", ".ok", ".error", ".none", ".red", ".amber"):
        assert re.search(rf"{re.escape(name)} {{ [^}}]*fill", light), name
        assert re.search(rf"{re.escape(name)} {{ [^}}]*fill", dark), name


def test_the_drawing_of_the_docs_is_what_is_drawn_now():
    from tests.cli.drawing import FILE, drawn

    assert FILE.read_text() == drawn(), "docs/timeline.svg is out of date: make cli-docs"


def test_a_very_long_log_is_drawn_in_part():
    from spwf04_cli.uartlog.timeline import drawing

    heard = reader.read(b"".join(b"AT+S.FSD=%d\r\nAT-S.OK\r\n" % n for n in range(2100)))
    assert "100 more items" in drawing(decode.decoded(heard), [], "x")


@pytest.fixture
def line():
    """(what the adapter's other end is called, a function that puts bytes on the line)"""
    master, slave = os.openpty()
    tty.setraw(slave)
    yield os.ttyname(slave), lambda data: os.write(master, data)
    os.close(master)
    os.close(slave)


def test_what_is_heard_is_shown_as_it_comes_and_judged_at_ctrl_c(line):
    path, say = line
    listening = subprocess.Popen(
        [tool("spwf04"), "trace", path],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "COLUMNS": "88", "PYTHONUNBUFFERED": "1"},
    )
    assert "Listening" in listening.stderr.readline()
    say(b"AT+S.SOCKR=0,5\r\nAT-S.Reading:5:5\r\nhe")
    say(b"lloAT-S.OK\r\nAT+S.SOCKC=0\r\nAT-S.ERROR:77:Pending data\r\n")
    shown = ""
    while "ERROR:77" not in shown:
        shown += listening.stdout.readline()
    assert "5 bytes" in shown
    listening.send_signal(signal.SIGINT)
    rest, _ = listening.communicate(timeout=HANG)
    assert "The socket stays open" in " ".join(rest.split())
    assert listening.returncode == output.FAILED


def test_it_listens_for_as_long_as_it_is_told(line):
    path, _ = line
    done = spwf04("trace", path, "--seconds", "0.1")
    assert done.code == output.FAILED
    assert "nothing in it" in " ".join(done.err.replace("│", "").split())


def test_a_port_that_cannot_be_opened_is_no_module(tmp_path):
    assert spwf04("trace", "/dev/null").code == output.NO_MODULE


@pytest.mark.parametrize("form", ["time stamps", "a web page"])
def test_any_log_can_be_written_as_the_driver_records_without_secrets(form, file, tmp_path):
    new = tmp_path / "shown.txt"
    source = file(FORMS[form](everyday()))
    done = spwf04("trace", source, "--record", str(new))
    assert str(new) in done.err.replace("\n", "")
    text = new.read_text()
    assert text.startswith("# spwf04 trace 1\n")
    assert PSK not in text
    assert "SCFG=wifi_wpa_psk_text,********" in text
    assert HELLO.hex() not in text
    assert spwf04("sim", "--recording", str(new)).code == output.DONE
    assert (
        spwf04("trace", source, "--record", str(new)).code == output.FAILED
    )  # it is there already
    spwf04("trace", source, "--record", str(new), "--payload", "--force")
    assert HELLO.hex() in new.read_text()
