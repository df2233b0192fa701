"""Nothing is overwritten unless --force says so; text is read as any editor saves it."""

import json

import pytest

from spwf04_cli.output import DONE, FAILED, USAGE
from tests.cli import spwf04
from tests.cli.benches import Bench, says
from tests.cli.everywhere import PASSWORD, PORT, desk

LOG = "> AT\n< AT-S.OK\n"


@pytest.fixture
def bench(tmp_path):
    with desk(tmp_path) as made:
        yield made


def twice(target, *arguments):
    """Run a command that writes a file, which is there: it is refused, and --force does it."""
    target.write_bytes(b"mine")
    refused = spwf04(*arguments)
    assert refused.code == FAILED
    assert says(refused.err, f"{target} exists") and "--force" in refused.err
    assert target.read_bytes() == b"mine"
    assert spwf04(*arguments, "--force").code == DONE
    assert target.read_bytes() != b"mine"
    assert [p for p in target.parent.iterdir() if p.suffix in (".new", ".part")] == []


def test_get(bench):
    target = bench.folder / "copy.txt"
    twice(target, "get", "1:/here.txt", "-o", str(target), "--port", PORT)


def test_bundle(bench):
    target = bench.folder / "roots.bin"
    ca = bench.names["ca"]
    twice(target, "bundle", "-o", str(target), "--no-certifi", "--roots", ca)


def test_ca_export(bench):
    ca = bench.folder / "one.pem"
    ca.write_text((bench.folder / "ca.pem").read_text().partition("\n\n")[0])
    assert spwf04("trust", "--pem", bench.names["ca"], "--port", PORT).code == DONE
    there = json.loads(spwf04("ca", "list", "--json", "--port", PORT).out)
    ski = next(entry["ski"] for entry in there if entry["where"] == "file")
    target = bench.folder / "out.pem"
    twice(target, "ca", "export", ski, "-o", str(target), "--port", PORT)
    assert target.read_text().startswith("-----BEGIN CERTIFICATE-----")


def test_the_drawing_of_trace(tmp_path):
    (tmp_path / "log.txt").write_text(LOG)
    target = tmp_path / "log.svg"
    twice(target, "trace", str(tmp_path / "log.txt"), "--svg", str(target))


def test_a_file_on_the_module(bench):
    file = bench.folder / "new.txt"
    file.write_text("new")
    refused = spwf04("put", str(file), "1:/here.txt", "--port", PORT)
    assert refused.code == FAILED
    assert says(refused.err, "1:/here.txt exists on the module") and "--force" in refused.err
    files = bench.controller.module.flash.files
    assert bytes(files[1, "here.txt"]) == b"some text"
    assert spwf04("put", str(file), "1:/here.txt", "--force", "--port", PORT).code == DONE
    assert bytes(files[1, "here.txt"]) == b"new"


def test_a_folder_and_a_file_in_no_folder(tmp_path):
    (tmp_path / "log.txt").write_text(LOG)
    for wrong, why in (
        (tmp_path, "is no file"),
        (tmp_path / "no" / "a.svg", "there is no folder"),
    ):
        done = spwf04("trace", str(tmp_path / "log.txt"), "--svg", str(wrong), "--force")
        assert done.code == USAGE
        assert says(done.err, why)


# The report of a bench ------------------------------------------------------------------------
@pytest.fixture
def modules(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCH_PASSWORD", "correct horse")
    plan = '[network]\nssid = "bench"\npassword_env = "BENCH_PASSWORD"\n'
    return Bench(tmp_path, plan=plan)


def test_the_report_of_a_bench_is_written_anew_because_it_remembers_all_modules(modules):
    assert modules.run().code == DONE
    assert modules.run().code == DONE


def test_a_report_with_modules_that_nobody_remembers_is_kept(modules):
    assert modules.run().code == DONE
    (modules.folder / "plan-state.json").unlink()
    before = (modules.folder / "plan-report.json").read_bytes()
    refused = modules.run()
    assert refused.code == USAGE
    assert says(refused.err, "does not remember") and "--force" in refused.err
    assert (modules.folder / "plan-report.json").read_bytes() == before
    assert modules.run("--force").code == DONE


@pytest.mark.parametrize("name", ["plan-report.json", "plan-report.csv"])
@pytest.mark.parametrize("content", ["", "mine", "{}", "[]", '{"modules": [1]}'])
def test_what_is_no_report_is_kept(modules, name, content):
    (modules.folder / name).write_text(content)
    refused = modules.run()
    assert refused.code == USAGE
    assert says(refused.err, "is no report")
    assert (modules.folder / name).read_text() == content


# Text -----------------------------------------------------------------------------------------
PLAN = '[settings]\r\nuser_desc = "door"\r\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r", "\r\r\n"])
def test_a_plan_is_read_as_any_editor_saves_it(tmp_path, encoding, ends):
    (tmp_path / "plan.toml").write_bytes(PLAN.replace("\r\n", ends).encode(encoding))
    done = spwf04("provision", str(tmp_path / "plan.toml"), "--check", "--port", "sim")
    assert done.code == DONE, done.err


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_plan_and_a_world_in_utf_16_are_told_what_to_do(tmp_path, encoding):
    (tmp_path / "a.toml").write_bytes(PLAN.encode(encoding))
    for done in (
        spwf04("provision", str(tmp_path / "a.toml"), "--check", "--port", "sim"),
        spwf04("info", "--port", f"sim:{tmp_path / 'a.toml'}"),
    ):
        assert done.code == USAGE
        assert says(done.err, "UTF-16, or no text: save it as UTF-8")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_log_is_read_as_any_editor_saves_it(tmp_path, encoding):
    (tmp_path / "log.txt").write_bytes(LOG.encode(encoding))
    done = spwf04("trace", str(tmp_path / "log.txt"))
    assert done.code == DONE
    assert "1 command" in done.out


def test_a_password_is_read_as_powershell_pipes_it(bench):
    bench.controller.module.restart()
    done = spwf04("join", "home", "--password", "-", "--port", PORT, stdin=f"\ufeff{PASSWORD}\r\n")
    assert done.code == DONE


# --roots --------------------------------------------------------------------------------------
def test_a_plan_takes_roots_from_the_command_line_too(modules):
    modules.plan(
        '[network]\nssid = "bench"\npassword_env = "BENCH_PASSWORD"\n'
        '[roots]\ncertifi = false\n[[host]]\nname = "www.example.com"\n'
    )
    assert says(modules.run("--check").err, "no roots for the hosts")
    roots = "--roots", str(modules.folder / "ca.pem")
    assert modules.run(*roots).code == DONE, modules.report()
    assert modules.told()["verified"]


@pytest.mark.parametrize("command", ["check", "trust", "bundle", "provision"])
def test_roots_means_the_same_everywhere(command):
    shown = " ".join(spwf04(command, "--help").out.replace("│", "").split())
    assert "--roots" in shown
    assert "Trust the CAs of this file (PEM, DER or PKCS#7) too. May be repeated." in shown
