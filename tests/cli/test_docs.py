"""docs/cli.md shows what the commands print now."""

import pytest

from tests.cli import transcripts

BLOCKS = transcripts.blocks(transcripts.PAGE.read_text())


@pytest.mark.parametrize(("name", "block"), BLOCKS, ids=[name for name, _ in BLOCKS])
def test_a_block_of_the_page_is_what_the_command_prints(name, block):
    now = transcripts.run(name, block)
    assert now == block, f"docs/cli.md is out of date at {name}: make cli-docs"


def test_every_transcript_has_its_block():
    assert sorted(transcripts.names()) == sorted(name for name, _ in BLOCKS)


def test_no_block_of_the_page_is_without_a_name():
    assert transcripts.PAGE.read_text().count("```console") == len(BLOCKS)
