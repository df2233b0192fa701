"""`make demo`, which README tells a newcomer to run first."""

import re

import pytest

from tests.shims.micropython import ROOT
from tests.test_install import CLI, without

MAKEFILE = (ROOT / "Makefile").read_text()
# What `make demo` installs, as requirements
INSTALLS = re.findall(r"[^\s']+", re.findall(r"(certifi '.*')$", MAKEFILE, re.M)[0])

CODE = """
import runpy
from spwf04_sim import Timing
sys.exit(runpy.run_path("examples/demo.py")["main"](Timing.fast()))
"""


@pytest.fixture(scope="module")
def demo():
    """The CompletedProcess of the demo, where only that is installed which it installs."""
    named = {re.split(">", requirement)[0] for requirement in INSTALLS}
    lacks = {*CLI} - {"serial" if name == "pyserial" else name for name in named}
    assert {"mpremote", "prompt_toolkit"} <= lacks
    return without([*lacks, "tests", "pytest", "board"], CODE)


def test_the_page_comes_and_the_exit_code_says_so(demo):
    assert demo.returncode == 0, demo.stdout + demo.stderr
    assert "The page was verified and complete." in demo.stdout


def test_error_23_is_explained_with_its_cause_and_what_to_do(demo):
    said = demo.stdout
    assert "the module says  AT-S.Certificate Error:23" in said
    assert "its CA is not trusted here" in said
    assert "what to do       Install that CA" in said


def test_trust_does_the_same_from_the_desk(demo):
    _, _, desk = demo.stdout.partition("$ spwf04 trust localhost:")
    assert "verified by the module's TLS" in desk


def test_without_the_proof_of_trust_the_exit_code_is_1():
    done = without([], "import spwf04_cli.app\nspwf04_cli.app.main = lambda typed: 1\n" + CODE)
    assert done.returncode == 1
    assert "That is not how the story ends." in done.stdout


def test_what_make_installs_is_a_part_of_the_extra_cli():
    extra = re.search(r"^cli = \[(.*?)\]", (ROOT / "pyproject.toml").read_text(), re.M | re.S)
    assert extra is not None
    for requirement in INSTALLS:
        assert f'"{requirement}"' in extra[1]
