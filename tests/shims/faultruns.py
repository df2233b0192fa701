"""What `make faults` has done: which fault was put at every byte of which exchange of a service.

The state is docs/faults.json:

    {exchange: {"bytes": {way: n}, "faults": {fault: [count, wrong, in clear, revision, date]}}}

wrong: [[way, byte], ...]. in clear: how often something went without TLS. What was run while the
exchange had other lengths does not count.
"""

import datetime
import json

from tests.faults import services
from tests.faults.matrix import BYTE_FAULTS, length
from tests.shims import longruns

STATE = longruns.ROOT / "docs" / "faults.json"


def done(name):
    """{fault: [count, wrong, in clear, revision, date]} of an exchange."""
    row = _read().get(name, {})
    return row["faults"] if row.get("bytes") == length(name) else {}


def missing(part=""):
    """[(exchange, fault)] of what was not run, or went wrong. part: a part of the names."""
    found = []
    for name in (name for name in services.exchanges() if part in name):
        faults = done(name)
        found += [(name, f) for f in BYTE_FAULTS if f not in faults or faults[f][1]]
    return found


def add(name, fault, count, wrong, in_clear, revision):
    """Keep what became of a fault at every byte of an exchange."""
    with longruns.locked(STATE):
        faults = {**done(name), fault: [count, wrong, in_clear, revision, _today()]}
        known = {**_read(), name: {"bytes": length(name), "faults": faults}}
        lines = [f"{json.dumps(n)}: {json.dumps(known[n])}" for n in sorted(known)]
        longruns.replace(STATE, "{\n" + ",\n".join(lines) + "\n}\n")


def words(names):
    """What became of every fault at every byte of these exchanges; "" if not all were run."""
    rows = [done(name) for name in names]
    if any(len(row) < len(BYTE_FAULTS) for row in rows):
        return ""
    found = [kept for row in rows for kept in row.values()]
    count = sum(kept[0] for kept in found)
    wrong = sum(len(kept[1]) for kept in found)
    in_clear = sum(kept[2] for kept in found)
    clear = f"{in_clear} without TLS, " if in_clear else ""
    return f"{count:,} faults, {wrong} wrong, {clear}every byte"


def revisions(names):
    """The revisions at which these exchanges were run, as a text."""
    rows = [kept for name in names for kept in done(name).values()]
    return ", ".join(f"{made} ({day})" for day, made in sorted({(r[4], r[3]) for r in rows}))


def _today():
    return str(datetime.date.today())


def _read():
    return json.loads(STATE.read_text()) if STATE.exists() else {}
