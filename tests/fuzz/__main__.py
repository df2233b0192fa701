"""Fuzzes the readers of foreign bytes with atheris, guided by the coverage.

python -m tests.fuzz [TARGET ...]       until each has had an hour of the processor in all, in as
                                        many parts as you like: Ctrl-C keeps what was done
python -m tests.fuzz --keep [TARGET …]  put what was found into tests/fuzz/corpus
python -m tests.fuzz --run FILE TARGET  try one input, such as a crash of a part before
"""

import argparse
import hashlib
import importlib.util
import json
import os
import pathlib
import signal
import subprocess
import sys

from tests.fuzz import corpus
from tests.fuzz.seeds import DICTIONARY, seeds
from tests.fuzz.targets import TARGETS
from tests.shims import longruns

BUILD = longruns.ROOT / "build" / "fuzz"


def main():
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=int, default=3600, help="of the processor, in all")
    parser.add_argument("--part", type=int, default=600, help="seconds of one part, at most")
    parser.add_argument("--keep", action="store_true", help="put what was found into the corpus")
    parser.add_argument("--run", metavar="FILE", type=pathlib.Path, help="try one input")
    options = parser.parse_args()
    names = options.targets or list(TARGETS)
    if unknown := set(names) - set(TARGETS):
        parser.error(f"{', '.join(unknown)}: no target; they are {', '.join(TARGETS)}")
    if options.run:
        for name in names:
            TARGETS[name](options.run.read_bytes())
    elif options.keep:
        for name in names:
            keep(name)
    elif importlib.util.find_spec("atheris") is None:
        parser.error(
            "atheris is missing: make fuzz installs it, on Linux with Python 3.11 or newer"
        )
    else:
        raise SystemExit(until(names, options.seconds, options.part))


def until(names, seconds, most):
    """Fuzz each target in turn, until each has had so many seconds of the processor. 1 if one of
    them failed."""
    for number in (signal.SIGINT, signal.SIGTERM):  # which a shell may have it ignore
        signal.signal(number, signal.default_int_handler)
    while True:
        left = {name: seconds - longruns.total(f"fuzz {name}", "cpu_s") for name in names}
        name = max(left, key=lambda name: left[name])
        if left[name] <= 0:
            return 0
        found, ended = part(name, min(most, left[name]))
        if found:
            print(f"WRONG: {name}: {found}; python -m tests.fuzz --run {found} {name}")
            return 1
        if ended:
            return 0


def part(name, seconds):
    """Fuzz one target for so many seconds of the processor. Return (the file with an input that
    fails, or None; whether somebody has pressed Ctrl-C)."""
    folder = BUILD / name
    unpack(name, folder / "corpus")
    done = folder / "done.json"
    done.unlink(missing_ok=True)
    crashes = set((folder / "found").glob("*"))
    made = longruns.revision()
    command = [sys.executable, "-m", "tests.fuzz.engine", name, str(seconds), str(folder)]
    with (folder / "log").open("w") as log:
        child = subprocess.Popen(command, stdout=log, stderr=log)
        ended = False
        try:
            code = child.wait()
        except KeyboardInterrupt:
            ended = True
            child.terminate()
            code = child.wait()
    new = sorted(set((folder / "found").glob("*")) - crashes)
    if done.exists():
        counts = json.loads(done.read_text())
        longruns.add(f"fuzz {name}", counts, (), made)
        longruns.write_page()
        print(name, counts, "all:", longruns.total(f"fuzz {name}", "cpu_s"), "s", flush=True)
    elif not (ended or new):
        raise SystemExit(f"{name} did not begin, exit code {code}: see {folder / 'log'}")
    return (os.path.relpath(new[0]) if new else None), ended


def unpack(name, folder):
    """Put what is kept, and what it begins with, into the folder that atheris works in."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder.parent / "found").mkdir(exist_ok=True)
    for one in [*corpus.kept(name), *seeds(name)]:
        (folder / hashlib.sha1(one).hexdigest()).write_bytes(one)  # as atheris names them
    lines = [
        '"' + "".join(f"\\x{byte:02x}" for byte in word[:60]) + '"'
        for word in DICTIONARY.get(name, ())
    ]
    (folder.parent / "words").write_text("\n".join(lines) + "\n")


def keep(name):
    """Put into the corpus what runs something new, and what failed and is mended now."""
    worked = [path.read_bytes() for path in (BUILD / name / "corpus").glob("*")]
    broken = [path.read_bytes() for path in (BUILD / name / "found").glob("*")]
    for one in broken:
        TARGETS[name](one)  # raises if it is not mended
    found = corpus.smallest(TARGETS[name], [*corpus.kept(name), *worked])
    corpus.keep(name, found, [*corpus.failed(name), *broken])
    size = sum(map(len, corpus.kept(name)))
    print(f"{name}: {len(found)} of {len(worked)} inputs, {size:,} bytes", flush=True)


if __name__ == "__main__":
    main()
