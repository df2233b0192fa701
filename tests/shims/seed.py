"""The seed of everything in the tests that is left to chance: SPWF04_SEED, 1 if it is not set."""

import os
import random

SEED = int(os.environ.get("SPWF04_SEED") or 1)


def chance(*names):
    """A random.Random of its own for whoever has these names; the same for the same seed."""
    return random.Random(f"{SEED} {' '.join(map(str, names))}")
