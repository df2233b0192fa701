"""The command: see the package's docstring."""

import argparse
import collections
import concurrent.futures
import hashlib
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import threading

try:
    import tomllib
except ImportError:  # before Python 3.11
    import tomli as tomllib


import attrs
from cosmic_ray.mutating import mutate_and_test
from cosmic_ray.work_db import use_db
from cosmic_ray.work_item import TestOutcome

from tools.mutants.places import FOLDERS, Texts, choose, files, folder
from tools.mutants.selection import Selection

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "mutants"
EQUIVALENT = pathlib.Path(__file__).with_name("equivalent.toml")
DRY = "PYTHONDONTWRITEBYTECODE=1"
WANTED = 90  # percent of those that are not equivalent

# Tests that run the driver in their own process. The rest measures, or looks at the sources
SUITES = (
    "unit scenarios faults fuzz sim cli libraries/test_http.py libraries/test_mqtt.py "
    "libraries/test_ntp.py libraries/test_server.py test_store.py test_thread.py test_contexts.py "
    "test_hostile_servers.py test_hosttls.py test_install_for.py test_server_loops.py test_docs.py"
).split()
# For lines that none of those tests runs
OTHERS = (
    "test_circuitpython.py test_asyncio.py test_install_for_micropython.py "
    "libraries/test_micropython.py"
).split()


def main():
    parser = argparse.ArgumentParser(prog="python -m tools.mutants", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--jobs", type=int, default=2, help="mutants at a time")
    parser.add_argument("--again", action="store_true", help="try again those that survived")
    parser.add_argument("--report", action="store_true", help="only tell what is known")
    options = parser.parse_args()
    BUILD.mkdir(parents=True, exist_ok=True)
    os.chdir(copy("original"))
    texts = Texts()
    session = BUILD / f"seed-{options.seed}-{options.count}-{fingerprint(files())}.sqlite"
    fresh = not session.exists()
    with use_db(session) as db:
        if fresh:
            choose(db, texts, options.seed, options.count)
        if not options.report:
            selection = Selection(*record(options.jobs), texts, files())
            trees = [warm(f"mutant-{n}") for n in range(options.jobs)]
            run(db, Mill(trees, selection), options.again)
        return report(db, texts)


def warm(name):
    """A copy of the tree for mutants, in which all that pytest reads is compiled already.

    Compiling takes longer than most mutants live, and nothing is compiled while mutants run.
    """
    original, tree = BUILD / "original", BUILD / name
    if not list(original.glob("tests/__pycache__")):
        collect = pytest(original, "--collect-only", "-q").replace(DRY, "")
        subprocess.run(collect, shell=True, check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(original, tree)
    return tree


def copy(name):
    """A copy of all files of the tree that git does not ignore."""
    tree = BUILD / name
    shutil.rmtree(tree, ignore_errors=True)
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for path in subprocess.check_output(listed, cwd=ROOT, text=True).split("\0"):
        if path and (ROOT / path).is_file():
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, tree / path)
    return tree


def fingerprint(paths):
    """A short hash of these files, for names of what depends on them."""
    text = b"".join(path.read_bytes() for path in paths)
    return hashlib.sha256(text).hexdigest()[:8]


def pytest(tree, *arguments):
    """The shell command that runs tests in a copy of the tree."""
    words = [sys.executable, *"-m pytest -p tools.mutants.plugin -p no:cacheprovider".split()]
    command = shlex.join(str(word) for word in [*words, *arguments])
    folder = shlex.quote(str(tree))
    return f"cd {folder} && PYTHONPATH={folder} {DRY} {command}"


def record(jobs):
    """Record once for these files which test runs which line.

    Returns (coverage.py's data file, {test: seconds}).
    """
    paths = sorted(p for folder in ("spwf04", "tests") for p in pathlib.Path(folder).rglob("*.py"))
    name = fingerprint(paths)
    times, lines = BUILD / f"times-{name}.json", BUILD / f"lines-{name}"
    if not times.exists():
        (BUILD / "coveragerc").write_text(
            f"[run]\nsource = spwf04\ndata_file = {lines}\n"
            "disable_warnings = module-not-measured,no-data-collected,module-not-imported\n"
        )
        arguments = ["-n", jobs, "--dist", "worksteal", f"--mutants-times={times}", "--cov"]
        arguments += [f"--cov-config={BUILD / 'coveragerc'}", "--cov-context=test"]
        arguments += ["--cov-report="] + ["tests/" + suite for suite in SUITES]
        subprocess.run(pytest(BUILD / "original", *arguments), shell=True, check=False)
    return lines, json.loads(times.read_text())


class Mill:
    """Tries mutants, each in a copy of the tree that no other mutant uses at that time."""

    def __init__(self, trees, selection):
        self.trees = trees
        self.selection = selection

    def try_one(self, item):
        """A WorkResult of cosmic-ray; its output ends with what pytest said last."""
        tree = self.trees.pop()
        try:
            mutation = item.mutations[0]
            commands, limit = self._commands(tree, mutation, item.job_id)
            there = attrs.evolve(mutation, module_path=tree / mutation.module_path)
            return mutate_and_test([there], f"sh -c {shlex.quote(commands)}", limit)
        finally:
            self.trees.append(tree)

    def _commands(self, tree, mutation, job):
        """(the rounds as one shell command, which ends when a round fails; its time limit)."""
        soon, later = self.selection.rounds(mutation)
        elsewhere = self.selection.elsewhere(mutation)
        commands, limit = [], 120
        for n, seconds in enumerate((soon, later, elsewhere)):
            if seconds:
                path = BUILD / "lists" / f"{job}-{n}.json"
                path.parent.mkdir(exist_ok=True)
                path.write_text(json.dumps(seconds))
                names = sorted({name.partition("::")[0] for name in seconds})
                arguments = ["-x", "--tb=line", f"--mutants-list={path}", *names]
                commands.append(pytest(tree, *arguments))
                limit += 4 * sum(seconds.values())
        if elsewhere is None:
            scenarios = ["tests/scenarios/test_scenarios.py", "-k", "micropython32] or test_every"]
            commands.append(pytest(tree, "-x", "--tb=line", *scenarios))
            commands.append(pytest(tree, "-x", "--tb=line", *("tests/" + name for name in OTHERS)))
            limit += 3600
        return " && ".join(commands), limit


def run(db, mill, again):
    """Try what has no result yet."""
    if again:
        items = [i for i, r in db.completed_work_items if r.test_outcome == TestOutcome.SURVIVED]
    else:
        items = db.pending_work_items
    lock = threading.Lock()
    with concurrent.futures.ThreadPoolExecutor(len(mill.trees)) as pool:
        coming = {pool.submit(mill.try_one, item): item for item in items}
        for n, future in enumerate(concurrent.futures.as_completed(coming), 1):
            item, result = coming[future], future.result()
            with lock:
                db.set_result(item.job_id, result)
            place = item.mutations[0]
            name = "/".join(place.module_path.parts[-2:])
            outcome = result.test_outcome and result.test_outcome.value
            print(f"{n}/{len(items)} {outcome} {name}:{place.start_pos[0]}", flush=True)


def report(db, texts):
    """Print the figures and the survivors; return 1 if the tests kill too few."""
    with EQUIVALENT.open("rb") as f:
        known = {(m["file"], m["was"], m["becomes"]): m["why"] for m in tomllib.load(f)["mutant"]}
    figures = {name: collections.Counter() for name in FOLDERS}
    survivors = []
    for item, result in db.completed_work_items:
        mutation = item.mutations[0]
        count = figures[folder(mutation)]
        count["mutants"] += 1
        if result.is_killed:
            count["killed"] += 1
            count["by time"] += result.output == "timeout"
            continue
        change = texts.change(mutation)
        if (change.file, change.was, change.becomes) in known:
            count["equivalent"] += 1
        else:
            count["survived"] += 1
            survivors.append((change, mutation.operator_name))
    for change, operator in sorted(survivors):
        print(f"\n{change.file}:{change.line} {operator}\n- {change.was}\n+ {change.becomes}")
    return table(figures)


def table(figures):
    """Print them, with the sum."""
    columns = ("mutants", "killed", "by time", "equivalent", "survived")
    figures["all"] = sum(figures.values(), collections.Counter())
    print("\n" + " ".join(f"{name:>10}" for name in ("", *columns, "percent")))
    for name, count in figures.items():
        counted = count["mutants"] - count["equivalent"]
        percent = 100 * count["killed"] / counted if counted else 100
        print(f"{name:>10} " + " ".join(f"{count[c]:>10}" for c in columns) + f" {percent:>10.1f}")
    return int(percent < WANTED)


if __name__ == "__main__":
    os.nice(10)
    sys.exit(main())
