"""docs/compatibility.md: one line for each thing that a test saw a library do.

Each test gives its line to record(), which compares it with the document. With
SPWF04_COMPATIBILITY=FOLDER in the environment record() keeps the line in that folder instead, for
`python -m tests.libraries`.
"""

import hashlib
import os
import pathlib

FILE = pathlib.Path(__file__).parents[2] / "docs" / "compatibility.md"


def line(library, version, interpreter, link, what, result):
    """A line of the table."""
    return f"| {library} | {version} | {interpreter} | {link} | {what} | {result} |"


def record(*columns):
    """Keep the line, or check that the document has it."""
    text = line(*columns)
    folder = os.environ.get("SPWF04_COMPATIBILITY")
    if folder:
        name = hashlib.sha256(text.encode()).hexdigest()[:16]
        (pathlib.Path(folder) / name).write_text(text + "\n")
    else:
        assert text in FILE.read_text(), f"not in {FILE.name}: {text}; run: make compatibility"
