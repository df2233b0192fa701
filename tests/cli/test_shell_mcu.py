"""spwf04 shell --via-mcu: the shell on a module behind a real MicroPython."""

import signal

import pytest

from spwf04_cli import output
from spwf04_cli.mcu.wire import Wire
from tests.cli import spwf04
from tests.cli.terminal import Terminal
from tests.cli.test_shell import JOIN, answer
from tests.shims.mcu import behind_mcu
from tests.shims.micropython import tool

_JOIN = JOIN.replace("wait 32\n", "")  # its radio has started long ago


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    with behind_mcu(tmp_path_factory.mktemp("mcu")) as made:
        made.first = typed(made, "GCFG=nv_model\n", "--board", made.board_file)
        yield made


def typed(bench, lines, *more):
    return spwf04("shell", "--via-mcu", bench.port, *more, stdin=lines)


def test_a_command_is_sent_and_its_reply_explained(bench):
    assert bench.first.code == output.DONE, bench.first.err
    assert f"SPWF04SA, firmware 1.1.0, at {bench.port}." in bench.first.out
    assert "AT-S.Var:nv_model=SPWF04SA" in answer(bench.first, "GCFG=nv_model")


def test_it_does_what_it_does_directly(bench):
    lines = "RESET\nwait 32\nSOKON\nSOCKC=5\nGCFG\nFSC=a.txt,?\nhello\\r\\n\\x00\\xff\nFSP=a.txt\n"
    done = typed(bench, lines)
    assert "payload of FSC> hello" in done.out
    assert bench.controller.module.flash.files[2, "a.txt"] == b"hello\r\n\0\xff"
    assert answer(done, "FSP=a.txt").startswith("hello\n")
    assert "SOCKON" in answer(done, "SOKON")
    assert "ERROR 76 Illegal Socket ID" in answer(done, "SOCKC=5")
    assert answer(done, "GCFG").count("AT-S.Var:") == len(bench.controller.module.variables)
    assert "+WIND:0:Console active" in done.out
    assert done.code == output.FAILED  # because of SOKON and SOCKC


def test_indications_and_payloads_of_sockets_come_through(bench):
    lines = "SOCKON=echo.example,7,,t\nSOCKW=0,?\nhello\nwait 55\nSOCKR=0,\n"
    done = typed(bench, _JOIN + lines)
    assert "socket 0 has 5 bytes to be read" in done.out
    assert "hello\nOK" in answer(done, "SOCKR=0,")
    assert "Closed: socket 0." in done.out
    assert done.code == output.DONE
    assert "correct horse" not in done.out + done.err


def test_a_payload_of_many_pieces_goes_there_and_comes_back(bench, tmp_path):
    data = bytes(range(256)) * 5
    (tmp_path / "a.bin").write_bytes(data)
    lines = f"FSC=b.bin,?\n@{tmp_path / 'a.bin'}\nSOCKON=echo.example,7,,t\n"
    lines += f"SOCKW=0,?\n@{tmp_path / 'a.bin'}\npause 1\nSOCKR=0,\n"
    done = typed(bench, _JOIN + lines, "--debug")
    assert done.code == output.DONE, done.out
    assert bench.controller.module.flash.files[2, "b.bin"] == data
    assert "03f0  f0 f1 f2" in answer(done, "SOCKR=0,")
    assert "… 256 more bytes" in answer(done, "SOCKR=0,")
    assert "> AT+S.FSC=b.bin,1280" in done.err


def test_it_is_the_drivers_module_again_when_the_shell_has_ended(bench):
    assert spwf04("info", "--via-mcu", bench.port).code == output.DONE


def test_a_person_sees_indications_while_the_prompt_waits(bench):
    command = [tool("spwf04"), "shell", "--via-mcu", bench.port, "--no-history"]
    with Terminal(command) as terminal:
        terminal.until("spwf04>")
        terminal.type("WIFI=0\r")
        terminal.until("+WIND:38")
        terminal.until("spwf04>")
        terminal.type("GCFG=nv_model\r")
        terminal.until("AT-S.Var:nv_model=SPWF04SA")
        terminal.until("spwf04>")
        terminal.type("\x04")
        assert terminal.ended() == output.DONE


def test_ctrl_c_waits_until_a_piece_has_been_carried():
    class Board:
        whole = False

        def run(self, text):
            pass

        def ask(self, text, take):
            signal.raise_signal(signal.SIGINT)
            self.whole = True
            return 5

    board = Board()
    with pytest.raises(KeyboardInterrupt):
        Wire(board)
    assert board.whole


def test_a_module_that_does_not_answer_is_told_as_by_every_command(tmp_path, bench):
    bench.controller.unplug()
    done = typed(bench, "AT\n")
    assert done.code == output.NO_MODULE
    words = " ".join(done.err.replace("│", "").split())
    assert "no SPWF04 answers the board" in words
    assert f"spwf04 doctor --via-mcu {bench.port}" in words


def test_port_and_board_are_not_both_taken():
    done = spwf04("shell", "--port", "sim", "--via-mcu", "/dev/ttyNONE")
    assert done.code == output.USAGE
