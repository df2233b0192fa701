"""Tests.

Of what is generated (every scenario on every interpreter and under every reading, every fault at
every byte) `make test` takes a sample, the same in every run; SPWF04_SEED=n takes another.
`make test-all` takes all.
"""

import os
import random

SEED = int(os.environ.get("SPWF04_SEED", "1"))
ALL = os.environ.get("SPWF04_ALL") == "1"

# Seconds. What takes longer hangs; no test measures with it, for the computer may be busy
HANG = 600


def chance(*names):
    """A random.Random of its own for whoever has these names; the same for the same seed."""
    return random.Random(f"{SEED} {' '.join(map(str, names))}")


def sample(cases, n, name=""):
    """n of these, in their order; which depends on the seed, and on the name of the sample. All of
    them in `make test-all`."""
    if ALL or n >= len(cases):
        return cases
    chosen = sorted(random.Random(f"{SEED} {name}" if name else SEED).sample(range(len(cases)), n))
    return [cases[i] for i in chosen]
