"""ls, get, put, rm."""

import json

import pytest

from spwf04_cli.output import FAILED, USAGE
from tests.cli import at_port, spwf04
from tests.shims.desk import simulated


@pytest.fixture
def desk(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    controller = simulated()
    with at_port(controller.module) as controller.port:
        yield controller


def run(desk, *arguments):
    return spwf04(*arguments, "--port", desk.port)


def test_a_file_goes_there_and_comes_back(desk, tmp_path):
    data = bytes(range(256)) * 9
    (tmp_path / "data.bin").write_bytes(data)
    done = run(desk, "put", "data.bin", "1:/site.bin")
    assert done.code == 0
    assert "2304 bytes (user flash)" in done.out
    assert run(desk, "get", "1:/site.bin", "-o", "copy.bin").code == 0
    assert (tmp_path / "copy.bin").read_bytes() == data
    found = json.loads(run(desk, "ls", "--json").out)
    assert found["files"] == [{"name": "site.bin", "size": 2304, "volume": "I"}]
    assert run(desk, "rm", "1:/site.bin").code == 0
    assert desk.files() == []


def test_ls_for_people_shows_volume_and_room(desk):
    desk.put_file("notes.txt", b"12345")
    said = run(desk, "ls").out
    assert "notes.txt" in said
    assert "RAM disk: lost at a restart" in said
    assert "16379 bytes left" in said
    assert "Free:" in said


def test_get_does_not_overwrite_unless_told(desk, tmp_path):
    desk.put_file("notes.txt", b"new")
    (tmp_path / "notes.txt").write_text("mine")
    done = run(desk, "get", "notes.txt")
    assert done.code == FAILED
    assert "--force" in done.err
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert run(desk, "get", "notes.txt", "--force").code == 0
    assert (tmp_path / "notes.txt").read_text() == "new"


def test_the_private_key_is_not_given_out(desk, tmp_path):
    desk.put_file("tls.key", b"secret")
    for name in ("tls.key", "2:/tls.key", "/tls.key", "TLS.KEY"):
        done = run(desk, "get", name)
        assert done.code == FAILED
        assert "stays on the module" in done.err
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_not_there(desk):
    for command in (("get", "no.txt"), ("rm", "no.txt")):
        done = run(desk, *command)
        assert done.code == FAILED
        assert "no file no.txt" in done.err
        assert "spwf04 ls" in done.err


def test_a_file_that_changes_on_its_way_is_not_written(desk, tmp_path):
    desk.put_file("notes.txt", bytes(2000))
    module = desk.module
    payload = module.payload

    def changed(data):
        if len(data) > 100:
            desk.put_file("notes.txt", b"\x01" * 2000)
            module.payload = payload
        payload(data)

    module.payload = changed
    done = run(desk, "get", "notes.txt")
    assert done.code == FAILED
    assert "nothing was written" in done.err
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_use_says_so(desk):
    desk.put_file("page.html", b"x")
    desk.module.faults.add("file_not_deleted")
    done = run(desk, "rm", "page.html")
    assert done.code == FAILED
    assert "web server" in done.err


def test_what_does_not_fit_is_told_with_the_way_out(desk, tmp_path):
    (tmp_path / "large.bin").write_bytes(bytes(20000))
    done = run(desk, "put", "large.bin")
    assert done.code == FAILED
    assert "1:/large.bin" in done.err
    assert desk.files() == []


def test_a_failed_upload_leaves_the_old_content_and_no_rest(desk, tmp_path):
    desk.put_file("notes.txt", b"old")
    (tmp_path / "notes.txt").write_bytes(bytes(1500))
    desk.module.faults.add("refuse", command="HASH", number=51)
    assert run(desk, "put", "notes.txt").code == FAILED
    assert desk.files() == ["notes.txt"]
    assert bytes(desk.module.flash.files[2, "notes.txt"]) == b"old"


@pytest.mark.parametrize("name", ["a,b", "a\rAT+S.RESET", "9:/x", "", "a:b", "x" * 191])
def test_a_name_that_cannot_be_one_is_a_usage_error_and_nothing_is_sent(desk, tmp_path, name):
    (tmp_path / "file.txt").write_text("x")
    for command in (("get", name), ("rm", name), ("put", "file.txt", name or "/")):
        assert run(desk, *command).code == USAGE
    assert not [c for c in desk.module.log if "=F" in c or "FS" in c]


def test_a_file_of_this_computer_that_is_not_there_or_empty(desk, tmp_path):
    assert run(desk, "put", "no.txt").code == USAGE
    (tmp_path / "empty").touch()
    done = run(desk, "put", "empty")
    assert done.code == USAGE
    assert "empty" in done.err


def test_rm_of_several_names_checks_all_of_them_first(desk):
    desk.put_file("a.txt", b"x")
    assert run(desk, "rm", "a.txt", "b,c").code == USAGE
    assert desk.files() == ["a.txt"]
    desk.put_file("b.txt", b"x")
    assert json.loads(run(desk, "rm", "a.txt", "b.txt", "--json").out) == {
        "deleted": ["a.txt", "b.txt"]
    }
