"""The record of each module of a bench, the state between runs, and the report.

The state file knows a module by serial number and MAC address, at whatever port it is. The file is
replaced as a whole: a run that is killed leaves the old file or the new one. Neither file holds a
secret.
"""

import contextlib
import csv
import io
import json
import pathlib
import time
from dataclasses import asdict, dataclass, field

from .. import local, output

DONE, UNCHANGED, FAILED = "done", "unchanged", "failed"
SILENT, INTERRUPTED, SKIPPED, WAITING = "no answer", "interrupted", "done before", "not begun"
GOOD = (DONE, UNCHANGED, SKIPPED)
RESULTS = (DONE, UNCHANGED, SKIPPED, FAILED, SILENT, INTERRUPTED, WAITING)

_FORMAT = 1
# Two writes of the state are at least so many seconds apart, and so many times as long as a write
# takes
_EVERY_S, _EVERY_TIMES = 0.5, 20


@dataclass
class Record:
    """What is recorded of one module.

    result: one of RESULTS. step: where the work ended, if not at the end. error, todo: why, and
    what to do about it. changed: what was written to flash, in words. network: the network that
    was joined. certificates: CAs that are known to be on it; placed: when they were put there,
    None for those that were found there. verified: servers that its TLS has verified in this run.
    left: its state now. seconds: the duration by the module's clock. plan: digest of the plan.
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
        """What a module is recognised by at any port; None if that is not known."""
        return f"{self.serial}/{self.mac}" if self.serial and self.mac else None


def moment(seconds=None):
    """Seconds since 1970, or this computer's time, as text for a report."""
    try:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
    except (
        ValueError,
        OSError,
        OverflowError,
    ):  # a certificate's; on Windows, times begin with 1970
        return "unknown"


def write(path, data):
    """Replace a file as a whole. data: str."""
    try:
        local.write(pathlib.Path(path), data.encode())
    except OSError as e:
        raise output.Failure(f"{path} cannot be written: {e.strerror}") from None


def keep(path, state):
    """output.Failure if a report would be lost with the file that a new one replaces: it is none,
    or has modules that are done and that the state does not remember. state: a State."""
    try:
        modules = _told(path)
        lost = [m for m in modules if m["result"] in GOOD and _key(m) not in state.modules]
        what = f"{path} exists, and has modules that {state.path} does not remember"
    except FileNotFoundError:
        return
    except (ValueError, KeyError, TypeError, OSError, RecursionError):
        lost, what = True, f"{path} exists, and is no report"
    if lost:
        raise output.Failure(what, f"{local.OVERWRITE} --report names another.", output.USAGE)


def _told(path):
    """The modules of a report, JSON or CSV, as dictionaries."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        return json.loads(text)["modules"]
    rows = csv.DictReader(io.StringIO(text))
    if rows.fieldnames != _COLUMNS:
        raise ValueError
    return list(rows)


def _key(module):
    return f"{module['serial']}/{module['mac']}"


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
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                raise output.Failure(
                    f"{path} is not the state of a bench, or is damaged",
                    "Name another file with --state, or delete it. Without it, what cannot be "
                    "read back from a module is not known, and is written once more.",
                    output.USAGE,
                ) from None

    def note(self, record):
        """Remember the record of a module."""
        if record.key is None:
            return
        made = asdict(record)
        before = self.modules.get(record.key, {})
        for name in ("certificates", "files"):  # they stay if the run did not get that far
            made[name] = made[name] or before.get(name, [])
        self.modules[record.key] = made
        self._unwritten = True
        if time.monotonic() > self._due:
            self.save()

    def save(self):
        """Write the file if there is anything new."""
        if self._unwritten:
            began = time.monotonic()
            made = {"format": _FORMAT, "modules": self.modules}
            write(self.path, json.dumps(made) + "\n")
            self._unwritten = False
            now = time.monotonic()
            self._due = now + max(_EVERY_S, _EVERY_TIMES * (now - began))


def report(plan, began, records, state, interrupted):
    """The report, as JSON has it. records: those of this run. Modules of earlier runs come from
    the state, with "run": "earlier"."""
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
    """A report as CSV text, a line for each module; lists are joined with "; "."""
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
    """A cell as text. What a module says must not become a formula in a spreadsheet."""
    text = "" if value is None else output.clean(value)
    harmless = isinstance(value, (int, float)) or text[:1] not in ("=", "+", "-", "@")
    return text if harmless else "'" + text
