"""Tests.

Many tests are generated: every scenario on every interpreter and under every reading, every fault
at every byte. `make test` takes a sample of them, the same in every run. SPWF04_SEED=n takes
another sample, `make test-all` takes all.
"""

import os
import random

SEED = int(os.environ.get("SPWF04_SEED", "1"))
ALL = os.environ.get("SPWF04_ALL") == "1"

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
