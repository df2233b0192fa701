"""mail: a mail that the module sends."""

import json

import pytest

from spwf04_cli.output import FAILED, USAGE
from tests.cli import at_port, spwf04
from tests.shims.desk import simulated
from tests.shims.posts import MailServer

WORDS = ["--from", "door@a.example", "--to", "me@b.example", "--subject", "Tür"]


@pytest.fixture
def desk():
    """A joined module at the port; its Controller, with the box of a mail server."""
    controller = simulated()
    controller.box = []
    controller.world.route("mail.example", 25, lambda: MailServer(controller.box))
    controller.world.route(
        "mail.example", 2525, lambda: MailServer(controller.box, "door", "hun,ter2")
    )
    with at_port(controller.module) as controller.port:
        assert spwf04("join", "open", "--open", "--port", controller.port).code == 0
        yield controller


def run(desk, *arguments, **more):
    return spwf04("mail", *arguments, *WORDS, "--port", desk.port, **more)


def test_a_text_from_the_command_line(desk):
    done = run(desk, "mail.example", "--text", "It is open.", "--cc", "you@b.example")
    assert done.code == 0, done.err
    assert "mail.example has taken it." in done.out
    [(sender, to, text)] = desk.box
    assert (sender, to) == ("door@a.example", ["me@b.example", "you@b.example"])
    assert text.endswith(b"It is open.\r\n")


def test_a_text_from_stdin_for_machines(desk):
    done = run(desk, "mail.example", "--json", stdin="one\ntwo\n")
    assert json.loads(done.out) == {"server": "mail.example", "port": 25, "to": ["me@b.example"]}
    assert desk.box[0][2].endswith(b"one\r\ntwo\r\n")


def test_a_login_whose_password_is_never_shown(desk, monkeypatch):
    server = ["mail.example:2525", "--user", "door", "--debug"]
    done = run(desk, *server, "--text", "x", stdin="hun,ter2\n")
    assert done.code == 0, done.err
    assert "Password of door" in done.err
    assert "hun,ter2" not in done.out + done.err
    assert run(desk, *server, "--password", "-", stdin="hun,ter2\nthe text\n").code == 0
    assert desk.box[1][2].endswith(b"the text\r\n")
    monkeypatch.setenv("SPWF04_PASSWORD", "hun,ter2")
    assert run(desk, *server, stdin="the text\n").code == 0
    assert desk.box[2][2].endswith(b"the text\r\n")
    done = run(desk, *server, "--text", "x", "--password", "wrong word")
    assert done.code == FAILED
    assert "Check user and password" in done.err
    assert "wrong word" not in done.out + done.err


def test_attachments_of_here_and_of_the_module(desk, tmp_path):
    (tmp_path / "log.txt").write_bytes(b"12:00 open")
    here = str(tmp_path / "log.txt")
    assert run(desk, "mail.example", "--text", "x", "--attach", here).code == 0
    desk.module.flash.files[1, "log.txt"] = bytearray(b"12:05 shut")
    assert run(desk, "mail.example", "--text", "x", "--attach", "1:/log.txt").code == 0
    assert [b"log.txt" in text for _, _, text in desk.box] == [True, True]
    assert list(desk.module.flash.files) == [(1, "log.txt")]
    done = run(desk, "mail.example", "--text", "x", "--attach", "1:/none.txt")
    assert done.code == FAILED
    assert "spwf04 ls" in done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["a b"], "HOST"),
        (["mail.example:0"], "HOST"),
        (["mail.example", "--password", "x"], "--password goes with --user"),
        (["mail.example", "--attach", "/no/such/file"], "cannot be read"),
        (["mail.example", "--to", "nobody"], "name@host"),
    ],
)
def test_what_cannot_be_sent_is_said(desk, words, said):
    done = run(desk, *words, "--text", "x")
    assert done.code == USAGE
    assert said in " ".join(done.err.replace("│", "").split())
    assert desk.box == []


def test_a_server_that_is_not_trusted_gets_no_login(desk):
    assert spwf04("time", "--set", "--port", desk.port).code == 0
    done = run(
        desk, "www.example.com:443", "--tls", "--text", "x", "--user", "a", "--password", "b"
    )
    assert done.code == FAILED
    assert "spwf04 trust" in done.err
