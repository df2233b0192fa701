"""What is told of the modules of a bench: a record each, the state between runs, the report.

The state file knows a module by serial number and MAC address, whatever port it is at, and is
replaced as a whole: a run that dies leaves the old one or the new. Neither file holds a secret.
"""

import contextlib
import csv
import io
import json
import os
import pathlib
import time
from dataclasses import asdict, dataclass, field

from .. import output

DONE, UNCHANGED, FAILED = "done", "unchanged", "failed"
SILENT, INTERRUPTED, SKIPPED, WAITING = "no answer", "interrupted", "done before", "not begun"
GOOD = (DONE, UNCHANGED, SKIPPED)
RESULTS = (DONE, UNCHANGED, SKIPPED, FAILED, SILENT, INTERRUPTED, WAITING)

_FORMAT = 1
# Between two writes of the state: so long at least, and so many times as long as one takes
_EVERY_S, _EVERY_TIMES = 0.5, 20


@dataclass
class Record:
    """What is told of one module.

    result: one of RESULTS. step: where it ended, if that was before the end; error, todo: why,
    and what to do about it. changed: what was written to its flash, in words. network: what was
    joined. certificates: CAs that are on it, as far as is known; placed: when they were put
    there, None for those that were found. verified: servers that its own TLS verified in this
    run. left: in which state it is now. seconds: by the module's clock. plan: its digest.
    """

    port: str
    serial: "str | None" = None
    mac: "str | None" = None
    model: "str | None" = None
    firmware: "str | None" = None
    build: "str | None" = None
    result: str = WAITING
    step: "str | None" = None
    error: "str | None" = None
    todo: "str | None" = None
    changed: list = field(default_factory=list)
    network: "dict | None" = None
    certificates: list = field(default_factory=list)
    verified: list = field(default_factory=list)
    files: list = field(default_factory=list)
    commands: int = 0
    flash_writes: int = 0
    left: str = "not known"
    seconds: float = 0.0
    finished: "str | None" = None
    plan: "str | None" = None

    @property
    def key(self):
        """What it is recognised by, at whatever port; None if that is not known."""
        return f"{self.serial}/{self.mac}" if self.serial and self.mac else None


def moment(seconds=None):
    """Seconds since 1970, or the time of this computer, as in a report."""
    try:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
    except (ValueError, OSError, OverflowError):  # of a certificate; Windows begins with 1970
        return "unknown"


def write(path, data):
    """Replace a file as a whole. data: str."""
    path = pathlib.Path(path)
    new = path.with_name(path.name + ".new")
    try:
        with open(new, "w", encoding="utf-8", newline="") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
    except OSError as e:
        with contextlib.suppress(OSError):
            new.unlink()
        raise output.Failure(f"{path} cannot be written: {e.strerror}") from None


class State:
    """The state file. modules: {key: a Record as dict}, those of all runs."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.modules = {}
        self._due = 0.0
        self._unwritten = False
        with contextlib.suppress(FileNotFoundError):
            try:
                found = json.loads(self.path.read_text(encoding="utf-8"))
                if found["format"] != _FORMAT:
                    raise ValueError
                self.modules = {key: dict(value) for key, value in found["modules"].items()}
            except (ValueError, KeyError, TypeError, AttributeError):
                raise output.Failure(
                    f"{path} is not the state of a bench, or damaged",
                    "Name another with --state, or delete it: then what cannot be read back from "
                    "a module is not known any more, and is written once more.",
                    output.USAGE,
                ) from None

    def note(self, record):
        """Remember what became of a module."""
        if record.key is None:
            return
        made = asdict(record)
        before = self.modules.get(record.key, {})
        for name in ("certificates", "files"):  # still there if it was not got to them
            made[name] = made[name] or before.get(name, [])
        self.modules[record.key] = made
        self._unwritten = True
        if time.monotonic() > self._due:
            self.save()

    def save(self):
        """Write it, if there is anything new."""
        if self._unwritten:
            began = time.monotonic()
            made = {"format": _FORMAT, "modules": self.modules}
            write(self.path, json.dumps(made) + "\n")
            self._unwritten = False
            now = time.monotonic()
            self._due = now + max(_EVERY_S, _EVERY_TIMES * (now - began))


def report(plan, began, records, state, interrupted):
    """The report as what JSON has. records: of this run; modules of earlier runs come from the
    state, with "run": "earlier"."""
    modules = [{**asdict(r), "run": "this"} for r in records]
    seen = {r.key for r in records}
    modules += [{**m, "run": "earlier"} for key, m in state.modules.items() if key not in seen]
    return {
        "plan": plan.path,
        "digest": plan.digest,
        "began": began,
        "finished": moment(),
        "interrupted": interrupted,
        "results": {r: n for r in RESULTS if (n := [x.result for x in records].count(r))},
        "commands": sum(r.commands for r in records),
        "flash_writes": sum(r.flash_writes for r in records),
        "modules": modules,
    }


_COLUMNS = (
    "serial mac model firmware build port run result step error todo changed address rssi "
    "certificates fingerprints places verified files commands flash_writes left seconds finished "
    "plan"
).split()


def as_csv(made):
    """A report as CSV text, a line for each module; lists are joined by "; "."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for m in made["modules"]:
        cas = m["certificates"]
        network = m["network"] or {}
        made_of = {
            "address": network.get("address"),
            "rssi": network.get("rssi"),
            "changed": "; ".join(m["changed"]),
            "certificates": "; ".join(c["subject"] for c in cas),
            "fingerprints": "; ".join(c["sha256"] for c in cas),
            "places": "; ".join(c["where"] or "" for c in cas),
            "verified": "; ".join(f"{v['host']}:{v['port']}" for v in m["verified"]),
            "files": "; ".join(f["name"] for f in m["files"]),
        }
        writer.writerow([_cell(made_of[c] if c in made_of else m[c]) for c in _COLUMNS])
    return out.getvalue()


def _cell(value):
    """What a module says of itself must not become a formula in a spreadsheet."""
    text = "" if value is None else output.clean(value)
    harmless = isinstance(value, (int, float)) or text[:1] not in ("=", "+", "-", "@")
    return text if harmless else "'" + text
