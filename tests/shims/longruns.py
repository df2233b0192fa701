"""What runs for hours does so in parts: here is what they add up to, and the page that tells it.

The state is docs/longruns.json, a list of rows. A part adds its counts to the row of the same job,
day, revision and interpreter, or makes a new one. Parts may run at the same time.
"""

import contextlib
import datetime
import fcntl
import json
import os
import pathlib
import platform
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
STATE = ROOT / "docs" / "longruns.json"
PAGE = ROOT / "docs" / "reliability.md"
MARKS = "<!-- long runs -->", "<!-- end of long runs -->"
SOURCES = ("spwf04", "spwf04_sim", "spwf04_cli")

SOAK = {
    "moved": "bytes moved",
    "wrong": "bytes lost, doubled or altered, and nobody told",
    "spoiled": "bytes spoiled in a chunk whose sender was told",
    "unseen": "bytes of a chunk with a byte too many of which nobody can know",
    "errors": "exceptions",
    "connections": "connections",
    "resets": "resets by the program",
    "faults": "faults",
    "virtual": "seconds of virtual time",
}


def rows(job):
    """The rows of a job, "soak", "connections" or "fuzz NAME"."""
    return [row for row in _read() if row["job"] == job]


def total(job, count):
    """The sum of one count of a job."""
    return sum(row["counts"].get(count, 0) for row in rows(job))


def revision():
    """The commit that runs, with a + if the sources of what is tested differ from it."""
    try:
        name = _git("rev-parse", "--short=10", "HEAD").strip()
        return name + "+" * bool(_git("status", "--porcelain", "--", *SOURCES))
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def add(job, counts, seeds=(), made=None, interpreter=None):
    """Add the counts of a part, a dictionary of int. made: the revision that ran; None: this one.
    interpreter: what ran it; None: this one."""
    head = {
        "job": job,
        "date": str(datetime.date.today()),
        "revision": made or revision(),
        "interpreter": interpreter or f"CPython {platform.python_version()}",
    }
    with locked(STATE):
        known = _read()
        for row in known:
            if all(row[key] == value for key, value in head.items()):
                break
        else:
            row = {**head, "parts": 0, "seeds": [], "counts": {}}
            known.append(row)
        row["parts"] += 1
        row["seeds"] = sorted({*row["seeds"], *seeds})
        for name, n in counts.items():
            row["counts"][name] = row["counts"].get(name, 0) + n
        known.sort(key=lambda row: (row["job"], row["date"]))
        _write(known)


def write_page():
    """Write the sums into docs/reliability.md."""
    with locked(PAGE):
        text = PAGE.read_text()
        made = fill(text)
        if made != text:
            replace(PAGE, made)


def fill(text):
    """The page with the sums of the long runs between its marks."""
    before, _, rest = text.partition(MARKS[0])
    after = rest.partition(MARKS[1])[2]
    return before + "\n".join([MARKS[0], "", *_sums(), "", MARKS[1]]) + after


def _sums():
    """The sum of all parts, and a line for each day, revision and interpreter."""
    known = _read()
    sums = ["| job | all parts together |", "|---|---|"]
    lines = ["| job | day | revision | interpreter | parts | what |", "|---|---|---|---|---|---|"]
    for job in sorted({row["job"] for row in known}, key=lambda job: (job[:4] == "fuzz", job)):
        names = {name: None for row in rows(job) for name in row["counts"]}
        sums.append(f"| {job} | {_words(job, {n: total(job, n) for n in names}, names)} |")
        for row in rows(job):
            head = [row[key] for key in ("job", "date", "revision", "interpreter", "parts")]
            lines.append(f"| {' | '.join(map(str, head))} | {_words(job, row['counts'])} |")
    return [*sums, "", *lines] if known else ["Nothing has been run yet."]


def _words(job, counts, names=("moved", "connections")):
    """Some counts of a job, as a text."""
    if job.startswith("fuzz"):
        hours, minutes = divmod(counts["cpu_s"] // 60, 60)
        return f"{hours} h {minutes:02} min of the processor, {counts['inputs']:,} inputs"
    return ", ".join(f"{SOAK.get(n, n)}: {counts[n]:,}" for n in names if n in counts)


# files -------------------------------------------------------------------------------------------
def _read():
    return json.loads(STATE.read_text()) if STATE.exists() else []


def _write(known):
    replace(STATE, "[\n" + ",\n".join(json.dumps(row) for row in known) + "\n]\n")


def replace(path, text):
    """Write a file that is whole at any moment."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as f:
        f.write(text)
    os.chmod(f.name, 0o644)
    os.replace(f.name, path)


@contextlib.contextmanager
def locked(path):
    """Nobody else changes the file meanwhile."""
    lock = ROOT / "build" / (path.name + ".lock")
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        yield


def _git(*arguments):
    command = ["git", "-C", str(ROOT), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
