"""Tests.

Many tests are generated: every scenario on every interpreter and under every reading, every fault
at every byte. `make test` takes a sample of them, the same in every run. SPWF04_SEED=n takes
another sample, `make test-all` takes all. SPWF04_LIKE=FILE takes a report of `spwf04 probe`: in
process every scenario runs as on that module.
"""

import os
import random
import tempfile

SEED = int(os.environ.get("SPWF04_SEED", "1"))
# A report of `spwf04 probe`: the behaviour suite runs as on that module
LIKE = os.environ.get("SPWF04_LIKE")
ALL = os.environ.get("SPWF04_ALL") == "1"

# `--port sim` finds no bench that a person has running meanwhile
os.environ["SPWF04_BENCH"] = os.path.join(tempfile.gettempdir(), f"spwf04-tests-{os.getpid()}")

# Seconds. What takes longer hangs. No test measures time with it: the computer may be busy
HANG = 600


def chance(*names):
    """A random.Random for these names alone. The same seed gives the same numbers."""
    return random.Random(f"{SEED} {' '.join(map(str, names))}")


def sample(cases, n, name=""):
    """n of these cases, in their order. The seed and the sample's name decide which.

    `make test-all` gets all of them.
    """
    if ALL or n >= len(cases):
        return cases
    chosen = sorted(random.Random(f"{SEED} {name}" if name else SEED).sample(range(len(cases)), n))
    return [cases[i] for i in chosen]
