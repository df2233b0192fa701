"""The blocks of a page: programs, commands with what they print, and outputs."""

import re

from tests.shims.micropython import ROOT


def text(name):
    """A page of docs/."""
    return (ROOT / "docs" / name).read_text("utf-8")


def section(page, heading):
    """What stands below a heading of a page, down to the next one of its level or above."""
    level, _, _ = heading.partition(" ")
    below = page.split(f"\n{heading}\n", 1)[1]
    return re.split(rf"^#{{1,{len(level)}}} ", below, maxsplit=1, flags=re.M)[0]


def placed(part, language):
    """[(line, block)] of the fenced blocks of a language; "" for those without one."""
    found = re.finditer(r"^```(\w*)\n(.*?)^```$", part, re.S | re.M)
    return [(part.count("\n", 0, m.start(2)) + 1, m[2]) for m in found if m[1] == language]


def blocks(part, language):
    """The fenced blocks of a language, as a list of str."""
    return [block for _, block in placed(part, language)]


def commands(block):
    """[(command, what it prints)] of a block of commands."""
    parts = re.split(r"^\$ (.*)\n", block, flags=re.M)
    return list(zip(parts[1::2], parts[2::2]))
