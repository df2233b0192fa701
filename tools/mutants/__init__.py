"""Mutants of the driver, and which of them the tests kill: how closely the tests look.

    make mutants
    python -m tools.mutants --seed 2 --count 300    other mutants

cosmic-ray changes one operator, condition, number or loop of a file at a time; that is a mutant. A
test that fails kills it. A seed chooses which are tried: one mutant at each of --count places,
spread over the folders as the places are, with at least 40 in each.

Each mutant meets the tests that run its line, the quickest first; coverage.py tells which they are
(selection.py). A mutant that survives them meets scenarios on another interpreter. This happens in
copies of the tree below build/mutants/. The results stay there in a session of cosmic-ray: the
same command goes on with what was interrupted.

Docstrings, annotations, texts of messages and guarded imports are no mutants (places.py). What no
test can tell from the original is in equivalent.toml with the reason, and does not count.
"""
