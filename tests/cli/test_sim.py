"""spwf04 sim, and --port sim."""

import contextlib
import json
import os
import re
import socket
import ssl
import subprocess
import sys
from unittest import mock

import pytest
import serial

from spwf04 import SPWF04, SocketPool
from spwf04_cli import output, ports
from spwf04_cli.simulated import bench as benches
from spwf04_cli.simulated import note
from spwf04_sim import RealClock
from tests import HANG
from tests.cli import spwf04
from tests.cli.benches import running, says
from tests.shims.micropython import tool

WORLD = """
[timing]
fast = true
[[access_point]]
ssid = "home"
[[module]]
name = "one"
[[module]]
name = "two"
serial = "4711"
powered = false
"""


@pytest.fixture
def world(tmp_path):
    path = tmp_path / "world.toml"
    path.write_text(WORLD)
    return str(path)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Where a bench of these tests leaves its note."""
    monkeypatch.setenv("SPWF04_BENCH", str(tmp_path / "noted"))
    return tmp_path / "noted"


@pytest.fixture
def at_once():
    """The command ends as soon as it has printed its ports."""
    with mock.patch("spwf04_cli.commands.sim._ended", lambda: True):
        yield


def test_the_modules_of_a_file_are_told_for_machines(world, at_once):
    done = spwf04("sim", world, "--json")
    assert done.code == output.DONE
    one, two = json.loads(done.out)
    assert (one["name"], one["serial"], one["powered"]) == ("one", "17111984", True)
    assert (two["name"], two["serial"], two["powered"]) == ("two", "4711", False)
    assert one["port"].startswith("/dev/")
    assert two["mac"] == "00:80:E1:BD:00:3A"


def test_without_a_file_there_is_one_module(at_once):
    (only,) = json.loads(spwf04("sim", "--json").out)
    assert only["serial"] == "17111984"


def test_another_program_uses_the_port_and_its_commands_are_shown_without_secrets(world):
    command = [tool("spwf04"), "sim", world]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            lines = iter(process.stdout.readline, "")
            path = next(line.split()[-1] for line in lines if "/dev/" in line)
            with serial.Serial(path, timeout=0) as uart:
                radio = SPWF04(uart, clock=RealClock(speed=0.1))
                radio.set("wifi_wpa_psk_text", "hunter22")
                radio.set("ip_hostname", "last")
            seen = [next(lines)]
            while "last" not in seen[-1]:
                seen.append(next(lines))
        finally:
            process.terminate()
    assert "one > AT+S.SCFG=wifi_wpa_psk_text,********\n" in seen
    assert "hunter22" not in "".join(seen)


def test_ctrl_c_ends_it_and_nothing_is_left_behind(world, folder):
    command = [tool("spwf04"), "sim", world, "--quiet"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in iter(process.stdout.readline, ""):
            if "two (off)" in line:
                break
        noted = folder.exists()
        process.send_signal(2)
        assert process.wait(HANG) == output.DONE
    assert noted and not folder.exists()


def test_a_mistake_in_the_file_is_told_with_its_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a long path would be wrapped
    (tmp_path / "world.toml").write_text('[[access_point]]\nname = "home"\n')
    done = spwf04("sim", "world.toml")
    assert done.code == output.USAGE
    assert says(done.err, "world.toml:2: access_point 1, name: no such key")
    assert says(done.err, "world.toml:1: access_point 1: ssid is missing")


def test_a_module_of_a_file_is_a_port_of_other_commands(world):
    assert json.loads(spwf04("info", "--port", f"sim:{world}", "--json").out)["hostname"]
    done = spwf04("info", "--port", f"sim:{world}#two")
    assert done.code == output.NO_MODULE  # it is not powered


def test_a_name_that_the_file_does_not_have_is_told(world):
    done = spwf04("info", "--port", f"sim:{world}#three")
    assert done.code == output.NO_MODULE
    assert "It has: one, two" in done.err


def test_what_is_no_command_is_not_shown(world):
    from spwf04_sim.desk.serve import command

    assert command("-----BEGIN EC PRIVATE KEY-----") == "(30 bytes that are no command)"
    assert command("AT+S.SSIDTXT=\x1b[2J") == "AT+S.SSIDTXT=\\x1b[2J"


# the bench that remembers ----------------------------------------------------------------------
def test_what_is_typed_is_kept_from_command_to_command(folder):
    with running(folder):
        assert spwf04("join", "simulated", "--password", "password", "--port", "sim").code == 0
        info = json.loads(spwf04("info", "--port", "sim", "--json").out)
        (folder / "file").write_text("kept")
        assert spwf04("put", str(folder / "file"), "1:/kept", "--port", "sim").code == 0
        there = json.loads(spwf04("ls", "--port", "sim", "--json").out)
    assert info["address"] == "192.168.1.23"
    assert "kept" in str(there)


def test_the_module_verifies_the_server_of_the_bench_which_this_computer_asked_too(folder):
    with running(folder) as bench:
        trust = ["trust", bench.server, "--roots", bench.roots]
        done = spwf04(*trust, "--join", "simulated", "--password", "password", "--port", "sim")
        assert done.code == 0, done.out + done.err
        assert "verified by the module's TLS" in done.out
        (ca,) = json.loads(spwf04("ca", "list", "--json", "--port", "sim").out)
        assert ca["where"] == "slot"


def test_a_command_while_another_has_the_module_is_told_that_it_is_in_use(folder):
    with running(folder) as bench, serial.Serial(bench.first, exclusive=True):
        done = spwf04("info", "--port", "sim")
    assert done.code == output.NO_MODULE
    assert says(done.err, "another command has the simulated module")


def test_a_command_whose_bench_ends_says_how_to_begin_another(folder):
    with pytest.raises(output.Failure) as lost:
        with contextlib.ExitStack() as bench:
            bench.enter_context(running(folder))
            with ports.opened("sim") as radio:
                assert radio.get("nv_model") == "SPWF04SA"
                bench.close()
                radio.get("nv_model")
    assert lost.value.code == output.NO_MODULE
    assert lost.value.todo == "The bench may have ended. Begin another one: spwf04 sim"


def test_a_client_that_says_nothing_keeps_no_other_waiting(folder):
    with running(folder) as bench:
        name, port = bench.server.split(":")
        context = ssl.create_default_context(cafile=bench.roots)
        with socket.create_connection((name, port)), socket.create_connection((name, port)) as s:
            with context.wrap_socket(s, server_hostname=name) as tls:
                tls.sendall(b"GET / HTTP/1.0\r\n\r\n")
                assert tls.recv(12) == b"HTTP/1.0 200"


def test_without_a_bench_the_module_is_new_each_time_and_that_is_said():
    done = spwf04("info", "--port", "sim")
    assert done.code == output.DONE
    assert done.err.count("\n") == 1
    assert "nothing is kept" in done.err and "spwf04 sim keeps one" in done.err


def test_where_no_bench_can_run_the_shell_is_named(monkeypatch):
    monkeypatch.setattr("spwf04_cli.simulated.POSSIBLE", False)
    assert "spwf04 shell keeps it" in spwf04("info", "--port", "sim").err


def test_it_says_what_a_person_needs(at_once, folder):
    done = spwf04("sim")
    assert done.code == output.DONE
    assert "simulated, its password is password" in done.out
    assert "https://localhost:" in done.out and str(folder / "ca.pem") in done.out
    for line in ("spwf04 info --port sim", f"--roots {folder}/ca.pem --port sim"):
        assert line in done.out
    assert "Ctrl-C" in done.err


def test_it_leaves_nothing_behind(folder):
    with running(folder) as bench:
        kept = os.stat(folder / "bench.json"), os.stat(bench.roots)
    assert [known.st_mode & 0o777 for known in kept] == [0o600, 0o600]
    assert not folder.exists()


def test_a_second_bench_says_that_it_is_not_what_port_sim_means(at_once, folder):
    with running(folder):
        done = spwf04("sim")
        assert says(done.err, "another bench is running already")
    (path,) = {line.split()[-1] for line in done.out.splitlines() if " info --port " in line}
    assert path.startswith("/dev/")


def test_of_a_world_file_the_first_module_that_is_on_is_meant(folder, tmp_path):
    file = tmp_path / "w.toml"
    file.write_text(WORLD.replace("[[module]]", "[[module]]\npowered = false", 1))
    file.write_text(file.read_text().replace('"4711"\npowered = false', '"4711"'))
    with running(folder, str(file)):
        assert json.loads(spwf04("info", "--port", "sim", "--json").out)["serial"] == "4711"


def test_the_note_of_a_process_that_was_killed_is_not_believed_and_the_next_bench_takes_over(
    folder, at_once
):
    code = (
        "import os\nfrom spwf04_cli.simulated.note import Note\n"
        "Note().write({'port': '/dev/nowhere'})\nos._exit(9)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=False)
    assert "/dev/nowhere" in (folder / "bench.json").read_text()
    assert "nothing is kept" in spwf04("info", "--port", "sim").err
    assert "another bench" not in spwf04("sim").err
    assert not folder.exists()


@pytest.mark.parametrize("name", ["bench.json", "ca.pem"])
def test_a_link_in_place_of_its_files_leads_it_to_no_other_file(folder, at_once, tmp_path, name):
    folder.mkdir(0o700)
    other = tmp_path / "other"
    other.write_text("precious")
    (folder / name).symlink_to(other)
    done = spwf04("sim")
    assert done.code == output.DONE and other.read_text() == "precious"
    assert says(done.err, "cannot find this bench") == (name == "bench.json")


@pytest.mark.parametrize("spoilt", ["folder", "note", "link", "owner"])
def test_a_note_that_others_could_have_written_is_not_believed(folder, spoilt, monkeypatch):
    with running(folder):
        assert note.read()
        if spoilt == "folder":
            folder.chmod(0o770)
        elif spoilt == "note":
            (folder / "bench.json").chmod(0o620)
        elif spoilt == "link":
            folder.with_name("link").symlink_to(folder)
            monkeypatch.setenv("SPWF04_BENCH", str(folder.with_name("link")))
        else:
            monkeypatch.setattr(note, "_ME", -1)
        assert note.read() is None


@pytest.mark.parametrize("text", ["", "[]", '{"port', "{}"])
def test_a_note_without_a_port_is_none(folder, text):
    with running(folder):
        (folder / "bench.json").write_text(text)
        assert note.read() is None


def test_a_folder_that_others_can_write_to_gets_no_note(folder, at_once):
    folder.mkdir()
    folder.chmod(0o777)
    done = spwf04("sim")
    assert done.code == output.DONE
    assert says(done.err, "only you can write")
    assert list(folder.iterdir()) == []


def test_the_note_lies_in_the_runtime_folder_or_in_a_temporary_one_of_this_user(
    tmp_path, monkeypatch
):
    monkeypatch.delenv("SPWF04_BENCH")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert note.folder() == tmp_path / "spwf04"
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "nowhere"))
    assert str(os.getuid()) in note.folder().name


def test_the_commands_that_it_names_are_ready_to_be_pasted(folder):
    with running(folder.with_name("a folder")) as bench:
        checks = [line for line in benches.tour(bench) if " check " in line]
    assert f"'{folder.with_name('a folder')}/ca.pem'" in checks[0]


def test_it_tells_where_a_port_of_the_module_really_is(world):
    command = [tool("spwf04"), "sim", world]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            lines = iter(process.stdout.readline, "")
            path = next(line.split()[-1] for line in lines if "/dev/" in line)
            with serial.Serial(path, timeout=0) as uart:
                radio = SPWF04(uart, clock=RealClock(speed=0.1))
                radio.connect("home")
                server = SocketPool(radio).socket()
                server.bind(("0.0.0.0", 8080))
                server.listen(1)
                said = next(line for line in lines if "port 8080" in line)
                address = re.findall(r"is ([\d.]+):(\d+) of this computer", said)[0]
                with socket.create_connection((address[0], int(address[1])), HANG):
                    assert server.accept()[1]
        finally:
            process.terminate()
