"""`spwf04 probe`: which reading each open point has on a module that somebody has.

points/          the table: each point, its readings in words, what a person types. The page
                 docs/unverified.md is made from it.
experiment.py    what an experiment is, and what it may need
experiments/     the experiments, in the sections of the page
line.py          raw bytes to the module, and what comes; the transcript
bench.py         what an experiment works with: the line, the settings, the network, servers here
around.py        what only a hand can do: asked of a person, or done in a simulated world
servers.py       servers on this computer that the module connects to
run.py           which experiments run, in which order; what is put back
report.py        the file with what was found

An experiment gets a Bench, and returns {point: reading}. It never uses the driver for what it
finds out: the driver lives with every reading, and would hide it.
"""
