"""Random tests show their seed, and the seed repeats them."""

import os
import subprocess
import sys

from tests.shims.micropython import ROOT

TEST = """
from hypothesis import given, settings, strategies as st
import {extra}

@settings(max_examples=30)
@given(st.lists(st.binary(max_size=9) | st.integers().map(str) | st.text()))
def test_it(x):
    with open({out!r}, "a") as file:
        print(repr(x), file=file)
    assert not {fails} or len(x) < 3
"""


def examples(folder, seed, extra="os", fails=False):
    """(examples, output) of a test run with this seed, in a process of its own."""
    out = folder / "tried"
    out.write_text("")
    test = folder / "test_it.py"
    test.write_text(TEST.format(out=str(out), extra=extra, fails=fails))
    environment = dict(os.environ)
    environment.pop("SPWF04_SEED", None)
    if seed is not None:
        environment["SPWF04_SEED"] = str(seed)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-p", "no:cacheprovider"]
        + ["-c", os.devnull, "--rootdir", str(folder), str(test)],
        check=False,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == fails, done.stdout + done.stderr
    return out.read_text(), done.stdout


def test_a_seed_repeats_what_was_tried_whatever_else_is_loaded_and_another_tries_something_else(
    tmp_path,
):
    first, _ = examples(tmp_path, 7)
    assert first.count("\n") >= 30
    assert examples(tmp_path, 7, "spwf04.at.hints")[0] == first
    assert examples(tmp_path, 8)[0] != first


def test_without_a_seed_it_is_1(tmp_path):
    assert examples(tmp_path, None)[0] == examples(tmp_path, 1)[0]


def test_a_failure_is_forgotten_and_can_be_repeated(tmp_path):
    tried, said = examples(tmp_path, 7, fails=True)
    assert "SPWF04_SEED=7" in said
    assert "--hypothesis-seed" not in said
    assert "x=[b'', b'', b'']" in said
    assert "@reproduce_failure(" in said
    assert examples(tmp_path, 7, fails=True)[0] == tried


def test_of_generated_cases_a_run_takes_the_same_sample_each_time(tmp_path):
    test = tmp_path / "test_many.py"
    test.write_text(
        "import pytest\n@pytest.mark.generated(3)\n@pytest.mark.parametrize('a', range(4))\n"
        "@pytest.mark.parametrize('b', range(5))\ndef test_it(a, b): ...\n"
        "def test_another(): ...\n"
    )

    def run(seed, *arguments, name=""):
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "tests.conftest",
            "-p",
            "no:cacheprovider",
        ]
        command += ["-c", os.devnull, "--rootdir", str(tmp_path), "--collect-only", "-q"]
        environment = {**os.environ, "SPWF04_SEED": seed, "SPWF04_ALL": "0", **dict(arguments)}
        done = subprocess.run(
            [*command, str(test) + name],
            check=False,
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout
        return [line for line in done.stdout.splitlines() if "::" in line]

    first = run("7")
    assert len(first) == 3 + 1
    assert first == run("7") != run("8")
    assert len(run("7", ("SPWF04_ALL", "1"))) == 20 + 1
    assert len(run("7", name="::test_it[4-3]")) == 1
