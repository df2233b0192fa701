"""Writes the table of situations into docs/tls.md: what `spwf04 check`, diagnose() and the error
of connect() say of each, and what the two engines do.

    python -m tools.situations
"""

import pathlib
import re

from tests.shims.situations import outcome, situations

PAGE = pathlib.Path(__file__).resolve().parents[1] / "docs" / "tls.md"
_BEGIN, _END = "<!-- situations -->\n", "<!-- end of situations -->\n"
_HEAD = "| situation | what the three say | the module | this computer |\n|---|---|---|---|\n"
_KEY = re.compile(r"\b[0-9a-f]{40}\b")


def row(situation, found):
    """A line of the table for a Situation and its Outcome."""
    words = sorted(found.diagnosed) or ["nothing is wrong"]
    if found.unseen:
        words = [f"only `spwf04 check`, on a PC: {sorted(found.unseen)[0]}"]
    said = _KEY.sub("…", "; ".join(words)).replace("|", "/")
    ends = ["verified" if e is None else "refused" for e in (found.module, found.host)]
    return f"| {situation.what} | {said} | {ends[0]} | {ends[1]} |\n"


def main():
    """Write the table."""
    rows = "".join(row(situation, outcome(situation)) for situation in situations())
    text = PAGE.read_text("utf-8")
    before, _, rest = text.partition(_BEGIN)
    after = rest.partition(_END)[2]
    PAGE.write_text(before + _BEGIN + "\n" + _HEAD + rows + "\n" + _END + after, "utf-8")


if __name__ == "__main__":
    main()
