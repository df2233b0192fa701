"""Tries every fault at every byte, fuzzes the parser, moves many bytes, and writes the results.

python -m tests.faults [--fuzz STREAMS] [--seed N] [--write]
python -m tests.faults --soak BYTES --connections N    only these, until all parts since ever have
                                                       so many together
"""

import argparse
import collections
import datetime
import multiprocessing
import pathlib
import signal
import time

from tests.faults import longrun, services
from tests.faults.exchanges import EXCHANGES, Hang
from tests.faults.fuzz import fuzz
from tests.faults.matrix import BYTE_FAULTS, Wrong, alarm, length, run
from tests.faults.soak import Soak
from tests.services.table import write_page
from tests.shims.longruns import SOAK

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reliability.md"
MARKS = "<!-- results -->", "<!-- end of results -->"
MOVED = 100_000_000  # bytes
CONNECTIONS = 1000
LEVELS = ("asking once", "ending an open payload", "asking again", "reset by command", "by pin")


def one(name):
    """Try all faults at all bytes of one exchange: (name, counts, what went wrong)."""
    counts = collections.Counter()
    wrong = []
    lengths = length(name)
    for fault, (ways, _) in BYTE_FAULTS.items():
        for way in ways:
            for at in range(lengths[way]):
                alarm()
                counts["faults"] += 1
                try:
                    outcome = run(name, fault, way, at)
                except Wrong as e:
                    counts["hangs" if "hangs" in str(e) else "wrong"] += 1
                    wrong.append(str(e))
                    continue
                except Hang:
                    counts["hangs"] += 1
                    wrong.append(f"{name} {fault} {way} {at}")
                    continue
                counts["moved"] += outcome.moved
                counts["raised"] += outcome.raised is not type(None)
                counts["altered"] += outcome.altered
                counts["spoiled"] += outcome.spoiled
                counts["needed a reset"] += outcome.resets
                counts["longest, s"] = max(counts["longest, s"], round(outcome.seconds))
                for level, n in zip(LEVELS, outcome.recovered):
                    counts[level] += n
    alarm(0)
    return name, counts, wrong


def matrix(pool):
    """Try every exchange; return a table and what went wrong."""
    rows, bad = [], []
    total = collections.Counter()
    own = [name for name in EXCHANGES if name not in services.exchanges()]  # see --services
    for name, counts, wrong in pool.imap_unordered(one, own):
        rows.append((name, counts))
        bad += wrong
        print(name, dict(counts), flush=True)
        total.update({k: v for k, v in counts.items() if k != "longest, s"})
        total["longest, s"] = max(total["longest, s"], counts["longest, s"])
    rows.sort(key=lambda row: list(EXCHANGES).index(row[0]))
    rows.append(("all", total))
    heads = ("faults", "raised", "needed a reset", "altered", "spoiled", "wrong", "hangs")
    heads += ("longest, s",)
    lines = ["| exchange | " + " | ".join(heads) + " |", "|---" * (len(heads) + 1) + "|"]
    for name, counts in rows:
        lines.append(f"| {name} | " + " | ".join(f"{counts[h]:,}" for h in heads) + " |")
    lines += ["", "How the line was found again, in all these:", ""]
    lines += ["| level | times |", "|---|---|"]
    lines += [f"| {level} | {total[level]:,} |" for level in LEVELS]
    return lines, bad


def soaked(arguments):
    """(counts of a soak, how often the line was found again at each level)"""
    seed, total = arguments
    soak = Soak(seed).run(total)
    if soak.wrong:
        print("wrong", seed, soak.bad, flush=True)
    return soak.counts(), soak.stage.radio.channel.recovered


def fuzzed(arguments):
    """(bytes, events) of fuzz()."""
    return fuzz(*arguments)


def main():
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fuzz", type=int, default=10_000_000)
    parser.add_argument("--soak", type=int, default=0)
    parser.add_argument("--connections", type=int, default=0)
    parser.add_argument("--services", nargs="?", const="", metavar="PART")
    parser.add_argument("--case", nargs=4, metavar=("EXCHANGE", "FAULT", "WAY", "BYTE"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="docs/reliability.md")
    options = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):  # which a shell may have it ignore
        signal.signal(number, signal.default_int_handler)
    if options.case:
        name, fault, way, at = options.case
        print(run(name, fault, way, int(at)))
        return
    if options.services is not None:
        bad = longrun.every_fault(options.services)
        write_page()
        end(bad)
    if options.soak or options.connections:
        end(longrun.connections(options.connections) + longrun.soak(options.soak))
    start = time.monotonic()
    out = [f"Made by `make reliability` on {datetime.date.today()}, seed {options.seed}.", ""]
    workers = multiprocessing.cpu_count()
    with multiprocessing.Pool(workers) as pool:
        lines, bad = matrix(pool)
        out += [f"### Each of {len(BYTE_FAULTS)} faults at every byte", "", *lines, ""]
        jobs = workers * 4
        jobs = [(options.fuzz // jobs, options.seed * 1000 + i) for i in range(jobs)]
        counts = pool.map(fuzzed, jobs)
        streams = sum(n for n, _ in jobs)
        out += [
            "### The parser",
            "",
            f"{streams:,} random streams, {sum(c for c, _ in counts):,} bytes, "
            f"{sum(e for _, e in counts):,} events: no exception, no memory taken.",
            "",
        ]
        print(*out[-2:-1], flush=True)
        jobs = [(options.seed * 1000 + i, MOVED // workers) for i in range(workers)]
        results = pool.map(soaked, jobs)
        sums = {name: sum(counts[name] for counts, _ in results) for name in SOAK}
        levels = [sum(column) for column in zip(*[r[1] for r in results])]
        out += ["### Four sockets, both ways", "", "| | |", "|---|---|"]
        out += [f"| {words} | {sums[name]:,} |" for name, words in SOAK.items()]
        out += [f"| found again: {level} | {n:,} |" for level, n in zip(LEVELS, levels)]
        print(*out[-14:], sep="\n", flush=True)
        bad += ["soak: wrong bytes"] * bool(sums["wrong"])
    heap, left = longrun.heap_after(CONNECTIONS)
    out += [
        "",
        "### Connections on MicroPython",
        "",
        f"Heap in use, in bytes, after each tenth of {CONNECTIONS:,} connections: "
        + ", ".join(f"{n:,}" for n in heap)
        + f". Sockets left open on the module: {left}.",
    ]
    print(*out[-1:], f"\n{time.monotonic() - start:.0f} s", flush=True)
    if options.write:
        before, _, rest = PAGE.read_text().partition(MARKS[0])
        after = rest.partition(MARKS[1])[2]
        PAGE.write_text(before + "\n".join([MARKS[0], "", *out, "", MARKS[1]]) + after)
    end(bad)


def end(bad):
    """End with what went wrong."""
    for line in bad:
        print("WRONG:", line)
    raise SystemExit(1 if bad else 0)


if __name__ == "__main__":
    main()
