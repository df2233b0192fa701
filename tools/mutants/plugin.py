"""A plugin of pytest for mutants.

--mutants-times FILE: run only what runs in this process, and write how long each test takes.
--mutants-list FILE: run the tests that FILE names, in its order. Each may take ten times as long
as FILE says.
"""

import json
import os
import re
import resource

import pytest

# Left out: scenarios that run the driver in another process, or wait for a terminal
ELSEWHERE = re.compile(r"-(micropython|micropython32|wasm|circuitpython|pyserial|blinka)\]$")
MEMORY = 3 << 30  # bytes. A mutant may ask for more and more

_times = {}


def pytest_addoption(parser):
    """See above."""
    group = parser.getgroup("mutants")
    group.addoption("--mutants-times")
    group.addoption("--mutants-list")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Leave out what runs in other processes, or take only what the list names."""
    if config.getoption("mutants_times"):
        items[:] = [item for item in items if not ELSEWHERE.search(item.nodeid)]
    if config.getoption("mutants_list"):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        with open(config.getoption("mutants_list")) as f:
            seconds = json.load(f)
        place = {name: n for n, name in enumerate(seconds)}
        items[:] = sorted((i for i in items if i.nodeid in place), key=lambda i: place[i.nodeid])
        for item in items:
            item.add_marker(pytest.mark.timeout(20 + 10 * seconds[item.nodeid]), append=False)


def pytest_runtest_logreport(report):
    """Add the time of a part of a test: its start, its run or its end."""
    took, passed = _times.get(report.nodeid, (0, True))
    _times[report.nodeid] = (took + report.duration, passed and report.outcome == "passed")


def pytest_sessionfinish(session):
    """Write the times once, not in each worker of xdist."""
    path = session.config.getoption("mutants_times")
    if path and "PYTEST_XDIST_WORKER" not in os.environ:
        with open(path, "w") as f:
            json.dump({name: took for name, (took, passed) in _times.items() if passed}, f)
