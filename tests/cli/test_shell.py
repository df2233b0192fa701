"""spwf04 shell: what it does with what is typed."""

import pytest
from prompt_toolkit.document import Document
from prompt_toolkit.layout.processors import TransformationInput

from spwf04_cli import output
from spwf04_cli.shell.console import Console, Refused, rows, unescaped
from spwf04_cli.shell.prompt import Hidden, Kept, Words, remembered
from spwf04_sim import Peer, Quirks
from tests.cli import Done, at_port, spwf04
from tests.shims.desk import simulated

JOIN = """SSIDTXT=home
SCFG=wifi_wpa_psk_text
correct horse
SCFG=wifi_priv_mode,2
wait 32
WIFI=0
wait 38
WIFI=1
wait 24
"""


def typed(lines, module=None, joined=False):
    """Type these lines into the shell; returns a Done."""
    made = simulated() if module is None else None
    with at_port(made.module if made is not None else module) as port:
        return spwf04("shell", "--port", port, stdin=(JOIN if joined else "") + lines)


def answer(done, command):
    """What was shown between a command and the next prompt, without indications: those of a start
    or a scan come when they come, also between the lines of a reply."""
    shown = done.out.partition(f"spwf04> {command}\n")[2].partition("spwf04> ")[0]
    return without_indications(shown)


def without_indications(shown):
    """What was shown, without indications. What one means stands behind it, or below it."""
    kept, behind_one = [], False
    for line in shown.splitlines(True):
        behind_one = line.startswith("+WIND:") or (behind_one and line.startswith("    "))
        kept += [] if behind_one else [line]
    return "".join(kept)


def test_an_indication_in_the_middle_of_an_answer_is_not_part_of_it():
    told = (
        "spwf04> FSP=a\n+WIND:21:WiFi Scanning  it scans\nhello\n+WIND:35:x:00\nOK\nspwf04> AT\n"
    )
    assert answer(Done(0, told, ""), "FSP=a") == "hello\nOK\n"
    told = told.replace("  it scans", "\n    it scans")
    assert answer(Done(0, told, ""), "FSP=a") == "hello\nOK\n"


# Commands -------------------------------------------------------------------------------------
def test_a_command_is_sent_and_its_reply_explained():
    done = typed("AT+S.GCFG=wifi_priv_mode\n")
    assert "AT-S.Var:wifi_priv_mode=2" in answer(done, "AT+S.GCFG=wifi_priv_mode")
    assert "encryption: WPA and WPA2" in done.out
    assert done.code == output.DONE


def test_the_prefix_may_be_left_out_and_letters_may_be_small():
    done = typed("gcfg=nv_model\nat+s.gcfg=nv_model\nat\n")
    assert done.out.count("AT-S.Var:nv_model=SPWF04SA") == 2
    assert done.code == output.DONE


def test_an_error_comes_with_what_to_do_and_makes_a_script_fail():
    done = typed("SOCKC=5\n")
    assert "ERROR 76 Illegal Socket ID" in answer(done, "SOCKC=5")
    assert "The module has closed this socket" in done.out
    assert done.code == output.FAILED


def test_an_unknown_command_is_not_sent_and_near_ones_are_named():
    made = simulated()
    done = typed("SOKON=1\nfoo bar\n", made.module)
    assert "SOCKON" in answer(done, "SOKON=1")
    assert "help lists the commands" in answer(done, "foo bar")
    assert not any("SOKON" in line or "foo" in line for line in made.module.log)
    assert done.code == output.FAILED


def test_a_command_that_only_newer_firmware_may_know_is_sent_with_its_prefix():
    assert "ERROR 1 " in answer(typed("AT+S.NEWTHING=1\n"), "AT+S.NEWTHING=1")


def test_a_line_that_is_too_long_is_not_sent():
    assert "512" in typed(f"SSIDTXT={'x' * 600}\n").out


@pytest.mark.parametrize(
    "line", ["SCFG=console_echo,1", "SCFG=console_delimiter,0x7C", "SCFG=console_speed,921600"]
)
def test_settings_that_the_shell_stands_on_are_not_changed(line):
    made = simulated()
    assert "Not sent" in answer(typed(line + "\n", made.module), line)
    assert not any(line in sent for sent in made.module.log)


def test_factory_settings_bring_the_echo_back_and_the_shell_copes():
    done = typed("FCFG\nGCFG=nv_model\nGCFG=console_echo\n")
    assert "SPWF04SA" in answer(done, "GCFG=nv_model")
    assert "console_echo=0" in done.out
    assert done.code == output.DONE


def test_a_reset_shows_the_boot_and_goes_on():
    done = typed("RESET\nwait 32\nGCFG=nv_model\n")
    assert "+WIND:32:WiFi Hardware Started" in done.out
    assert "it has started" in done.out
    assert "SPWF04SA" in answer(done, "GCFG=nv_model")


def test_a_restart_under_way_is_told():
    made = simulated()
    made.module.faults.add("restart", way="<", at=1400)
    done = typed("GCFG\n", made.module)
    assert "restarted by itself" in done.out
    assert done.code == output.FAILED


# Data -----------------------------------------------------------------------------------------
def test_a_payload_is_asked_for_until_it_is_long_enough():
    done = typed("FSC=a.txt,5\nhe\nllo\nFSP=a.txt\n")
    assert "5 bytes> he\n3 bytes> llo\nOK" in without_indications(done.out)
    assert "hello" in answer(done, "FSP=a.txt")


def test_a_length_may_be_left_to_the_shell():
    made = simulated()
    done = typed("FSC=a.txt,?\nx\\r\\n\\x00y\n", made.module)
    assert done.code == output.DONE
    assert bytes(made.module.flash.files[2, "a.txt"]) == b"x\r\n\0y"


def test_a_payload_may_come_from_a_file(tmp_path):
    made = simulated()
    (tmp_path / "a.bin").write_bytes(bytes(range(256)))
    typed(f"FSC=a.bin,?\n@{tmp_path / 'a.bin'}\n", made.module)
    assert bytes(made.module.flash.files[2, "a.bin"]) == bytes(range(256))


def test_a_payload_that_is_too_long_is_not_sent():
    made = simulated()
    done = typed("FSC=a.txt,3\nhello\nAT\n", made.module)
    assert "nothing was sent" in " ".join(done.out.split())
    assert not made.module.flash.files
    assert answer(done, "AT").startswith("OK")


def test_a_script_that_ends_where_a_payload_is_wanted_has_sent_nothing():
    made = simulated()
    done = typed("FSC=a.txt,5\n", made.module)
    assert done.code == output.FAILED
    assert not any("FSC" in line for line in made.module.log)


def test_a_length_of_0_is_the_modules_to_refuse():
    assert "ERROR 33" in typed("FSC=a.txt,0\n").out


def test_binary_data_are_shown_as_digits_and_text_as_text():
    assert list(rows(b"one\r\ntwo\n")) == ["one", "two"]
    assert list(rows(b"\0\1A")) == [f"0000  {'00 01 41':<47}  ..A"]


@pytest.mark.parametrize(
    ("text", "data"),
    [(r"a\r\n", b"a\r\n"), (r"\x00\xfF", b"\0\xff"), (r"\\n", b"\\n"), ("é", "é".encode())],
)
def test_escapes_of_a_payload(text, data):
    assert unescaped(text) == data


@pytest.mark.parametrize("text", [r"\q", r"\x1", "\\", "@/no/such/file"])
def test_what_is_no_escape_is_told(text):
    with pytest.raises(ValueError):
        unescaped(text)


class Page(Peer):
    """A web server; its page does not end with a line end."""

    def on_data(self, data):
        self.send(b"HTTP/1.1 200 OK\r\n\r\n<html>no line end</html>")
        self.close()


def test_a_web_page_without_a_line_end_does_not_hide_the_end_of_the_reply():
    made = simulated()
    made.world.route("page.example", 80, Page)
    line = "HTTPGET=page.example,/,80,0,,,,"
    done = typed(line + "\nGCFG=nv_model\n", made.module, joined=True)
    assert "<html>no line end</html>\nOK" in answer(done, line)
    assert "SPWF04SA" in answer(done, "GCFG=nv_model")


# Sockets --------------------------------------------------------------------------------------
def test_what_is_read_is_shown_and_unasked_indications_are_explained():
    lines = "SOCKON=echo.example,7,,t\nSOCKW=0,?\nhello\nwait 55\nSOCKR=0,\nSOCKC=0\n"
    done = typed(lines, joined=True)
    assert "socket 0 has 5 bytes to be read" in done.out
    assert "AT-S.Reading:5:5" in answer(done, "SOCKR=0,")
    assert "hello\nOK" in answer(done, "SOCKR=0,")
    assert done.code == output.DONE


def test_sockets_that_were_opened_are_closed_at_the_end_with_what_waits_in_them():
    made = simulated()
    lines = "SOCKON=echo.example,7,,t\nSOCKW=0,?\nhello\nwait 55\nSOCKON=echo.example,7,,t\n"
    done = typed(lines, made.module, joined=True)
    assert "Closed: socket 0, 1." in done.out
    assert made.module.sockets == [None] * 8


# Secrets --------------------------------------------------------------------------------------
def test_passwords_are_asked_for_and_never_shown():
    made = simulated()
    lines = "SCFG=wifi_wpa_psk_text,hunter2\nHTTPGET=h,/,80,0,me,hunter2,,\nGCFG\n"
    lines += "SCFG=wifi_wpa_psk_text\nhunter2\n"
    done = typed(lines, made.module)
    assert made.module.variables["wifi_wpa_psk_text"] == "hunter2"
    assert "hunter2" not in done.out + done.err
    assert "wifi_wpa_psk_text> ********" in done.out


def test_the_debug_trace_has_no_secrets_either():
    made = simulated()
    with at_port(made.module) as port:
        lines = "SCFG=wifi_wpa_psk_text,hunter2\n"
        done = spwf04("shell", "--port", port, "--debug", stdin=lines)
    assert "> AT+S.SCFG=wifi_wpa_psk_text,********" in done.err
    assert "hunter2" not in done.err


def test_a_key_that_is_printed_is_not_shown():
    done = typed("FSC=tls.key,?\nthe private key\nFSP=tls.key\nFSP=tls.key,0,99\n")
    assert "private" not in done.out
    assert "FSP=tls.key\n********\n" in without_indications(done.out)
    assert "(15 bytes, not shown)" in done.out


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("SCFG=wifi_wpa_psk_text,hunter2", "SCFG=wifi_wpa_psk_text"),
        ("  at+s.scfg=wifi_wpa_psk_text,hunter2", "at+s.scfg=wifi_wpa_psk_text"),
        ("AT+S.HTTPGET=h,/,443,2,me,hunter2,,", ""),
        ("WPS=12345670", ""),
        ("SOCKW=0,18", "SOCKW=0,18"),
        ("HTTPGET=h,/,443,2,,,,", "HTTPGET=h,/,443,2,,,,"),
    ],
)
def test_the_history_keeps_no_secrets(line, kept, tmp_path):
    assert remembered(line) == kept
    history = Kept(str(tmp_path / "history"))
    history.append_string(line)
    written = (tmp_path / "history").read_text()
    assert "hunter2" not in written and "12345670" not in written
    assert (tmp_path / "history").stat().st_mode & 0o777 == 0o600
    assert list(history.load_history_strings()) == ([kept] if kept else [])
    assert history.get_strings() == ([kept] if kept else [])


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ("SCFG=wifi_wpa_psk_text,hunter2", "SCFG=wifi_wpa_psk_text,*******"),
        ("HTTPGET=h,/?k=hunter2,80,0,me,pw,,", "HTTPGET=h,/?*********,80,0,**,**,,"),
        ("SCFG=blink_led,1", "SCFG=blink_led,1"),
    ],
)
def test_a_secret_is_hidden_while_it_is_typed(line, seen):
    given = TransformationInput(None, Document(line), 0, lambda i: i, [("", line)], 100, 1)
    fragments = Hidden().apply_transformation(given).fragments
    assert "".join(text for _, text, *_ in fragments) == seen


# Help and completion --------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("topic", "words"),
    [
        ("", "Sockets SOCKON"),
        ("SOCKON", "SOCKON=host,port,[local port],[kind]"),
        ("sockw", "payload"),
        ("wifi_mode", "3 an access point (MiniAP)"),
        ("free_heap", "STS shows it"),
        ("77", "ERROR 77 Pending data"),
        ("error 44", "Not joined"),
        ("wind 33", "it has lost the network"),
        ("certificate 23", "no CA"),
        ("wait", "wait N"),
        ("nonsense", "is not known"),
    ],
)
def test_help_explains(topic, words):
    done = typed(f"help {topic}\n")
    assert words in " ".join(done.out.partition("spwf04> help")[2].split())
    assert done.code == output.DONE


class Open:
    """The part of a Console that completion uses."""

    sockets = ["0", "3"]


def completions(text):
    found = Words(Open()).get_completions(Document(text), None)
    return {c.text: c.display_meta_text for c in found}


def test_commands_variables_values_and_sockets_are_completed():
    assert "SOCKON" in completions("so")
    assert "SOCKON" in completions("AT+S.SO")
    assert "help" in completions("he")
    assert "help" not in completions("AT+S.he")
    assert "wifi_priv_mode" in completions("SCFG=wifi_p")
    assert completions("SCFG=wifi_ht_mode,") == {"0": "off", "1": "on"}
    assert completions("SOCKR=") == {"0": "open", "3": "open"}
    assert "www.example.com" in completions("SOCKON=www.example.com,443,,")
    assert "content" in completions("TLSCERT=c")
    assert "fw_version" in completions("STS=f")
    assert "wifi_mode" in completions("help wifi_m")
    assert completions("SCFG=wifi_wpa_psk_text,") == {}


def test_wait_gives_up_and_says_so():
    done = typed("wait 24 2\nwait x\npause\n")
    assert "WIND 24 has not come within 2 s" in done.out
    assert "wait N [SECONDS]" in answer(done, "wait x")
    assert done.code == output.FAILED


def test_comments_and_blank_lines_do_nothing_and_quit_ends():
    done = typed("# a remark\n\nquit\nSOCKC=7\n")
    assert done.code == output.DONE
    assert "SOCKC" not in done.out


def test_endless_scanning_is_shown_no_more_after_a_while():
    done = typed("pause 30\n")
    assert done.out.count("WiFi Scanning") == 2
    assert "further scans are not shown" in done.out


def test_no_module_is_told_as_by_every_command():
    made = simulated()
    made.unplug()
    assert typed("AT\n", made.module).code == output.NO_MODULE


@pytest.mark.parametrize(
    "line", ["", "=", "AT+S.", "help", "SCFG", "SCFG=", "TLSCERT", "FSC=", "?"]
)
def test_no_line_is_too_strange(line):
    done = typed(f"{line}\nx\nx\n")
    assert done.code in (output.DONE, output.FAILED)


def test_understood_is_what_may_be_sent():
    assert Console.understood(" sockq=0 ")[0] == "AT+S.sockq=0"
    with pytest.raises(Refused):
        Console.understood("+WIND:0:")


@pytest.mark.parametrize("name", ["ok_suffix", "error_text", "winds", "nul_bytes", "boot_order"])
def test_every_reading_of_the_lines_will_do(name):
    for choice in Quirks.choices()[name]:
        made = simulated(quirks=Quirks(**{name: choice}))
        done = typed("GCFG=nv_model\nSOCKC=9\nAT\n", made.module)
        assert "AT-S.Var:nv_model=SPWF04SA" in done.out
        assert answer(done, "AT").count("OK") == 1
