"""Every published transcript of the real module is played against the simulated one."""

import pathlib

import pytest

from tests.sim.replay import Stage

TRANSCRIPTS = sorted((pathlib.Path(__file__).parent / "transcripts").glob("*.txt"))


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda p: p.stem)
def test_the_simulated_module_says_what_the_real_one_said(path):
    stage = Stage()
    stage.name = path.stem
    stage.play(path.read_text())
