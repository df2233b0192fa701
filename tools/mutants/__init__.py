"""Mutants of the driver, and how many of them the tests kill: this measures the tests.

    make mutants
    python -m tools.mutants --seed 2 --count 300    other mutants

cosmic-ray changes one operator, condition, number or loop of a file at a time; that is a mutant. A
test that fails kills it. A seed chooses the mutants: one at each of --count places. Each folder
gets a share as large as its share of the places, and at least 40.

Each mutant meets the tests that run its line, the quickest first; coverage.py tells which they are
(selection.py). A mutant that survives them meets scenarios on another interpreter. The tests run
in copies of the tree below build/mutants/. The results stay there in a session of cosmic-ray: if
a run is interrupted, the same command continues it.

Docstrings, annotations, texts of messages and guarded imports are not mutated (places.py). Some
mutants do what the original does. They are in equivalent.toml with the reason, and do not count.
"""
