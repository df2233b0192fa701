"""spwf04 shell with a person at a terminal."""

import pytest

from spwf04_cli import output
from tests.cli.terminal import Terminal
from tests.shims.micropython import tool


@pytest.fixture
def terminal(tmp_path):
    """The installed command over the simulator, in a pty."""
    history = {"SPWF04_HISTORY": str(tmp_path / "history"), "HOME": str(tmp_path)}
    with Terminal([tool("spwf04"), "shell", "--port", "sim"], **history) as made:
        made.until("spwf04>")
        yield made


def test_tab_completes_and_ctrl_d_ends(terminal):
    terminal.type("GCFG=nv_mo\t")
    terminal.until("del")
    terminal.type("\r")
    shown = terminal.until(" ms")
    assert "AT-S.Var:nv_model=SPWF04SA" in shown
    terminal.until("spwf04>")
    terminal.type("\x04")
    assert terminal.ended() == output.DONE


def test_indications_come_while_the_prompt_waits(terminal):
    assert "its radio is ready" in terminal.until("it scans for networks")
    terminal.type("AT\r")
    terminal.until("OK")


def test_a_password_is_neither_shown_nor_kept(terminal, tmp_path):
    terminal.type("SCFG=wifi_wpa_psk_text,hunter2\r")
    terminal.until("spwf04>")
    terminal.type("SCFG=wifi_wpa_psk_text\r")
    terminal.until("wifi_wpa_psk_text>")
    terminal.type("hunter2\r")
    terminal.until("spwf04>")
    terminal.type("\x1b[A\r")  # the line before, once more: the shell asks again
    terminal.until("wifi_wpa_psk_text>")
    terminal.type("\x04")
    terminal.until("Not sent.")
    terminal.until("spwf04>")
    terminal.type("\x04")
    assert terminal.ended() == output.DONE
    assert b"hunter2" not in terminal.shown
    assert "hunter2" not in (tmp_path / "history").read_text()


def test_a_payload_is_asked_for(terminal):
    terminal.type("FSC=a.txt,?\r")
    terminal.until("payload of FSC>")
    terminal.type("hello\r")
    terminal.until("spwf04>")
    terminal.type("FSP=a.txt\r")
    assert "hello" in terminal.until(" ms")


def test_ctrl_c_throws_a_line_away_and_then_ends(terminal):
    terminal.type("GCFG=nv")
    terminal.until("GCFG=nv")
    terminal.type("\x03")
    terminal.type("AT\r")
    assert "ERROR" not in terminal.until("OK")  # it sends AT, not GCFG=nvAT
    terminal.until("spwf04>")
    terminal.type("\x03")
    assert terminal.ended() == output.INTERRUPTED


def test_ctrl_c_gives_a_command_up_and_the_module_is_found_again(tmp_path):
    (tmp_path / "world.toml").write_text(
        '[[access_point]]\nssid = "home"\n[[module]]\nfaults = ["late,command=SCAN,ms=4000"]\n'
    )
    port = f"sim:{tmp_path / 'world.toml'}"
    with Terminal([tool("spwf04"), "shell", "--port", port, "--no-history"]) as terminal:
        terminal.until("it scans for networks")
        terminal.type("SCAN\r")
        terminal.until("SCAN\r")
        terminal.until("it scans for networks")  # meanwhile
        terminal.type("\x03")
        terminal.until("Given up")
        terminal.until("spwf04>")
        terminal.type("GCFG=nv_model\r")
        terminal.until("AT-S.Var:nv_model=SPWF04SA")
        terminal.until("OK")
