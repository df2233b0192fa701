"""For all tests: Ctrl-C and the seed.

Programs that tests start take Ctrl-C, wherever the tests themselves run. All that is left to
chance depends on one seed; the end of a run shows it.

The same seed makes the same examples, in any order and on any number of workers: nothing is
remembered from former runs, and what Hypothesis tries does not depend on what else is loaded.
"""

import collections
import gc
import itertools
import os
import signal

import pytest
from hypothesis import settings
from hypothesis.internal.conjecture import providers

# A socket that the garbage collector takes imports it, at any time: it may be while pytest reads
# another file
import spwf04.net.closing  # noqa: F401
from tests import ALL, SEED, sample
from tests.hardware import options

_TESTS = 500  # so many leave their garbage; to look for it takes as long as some tests
_FILES = 300  # it may have so many files open: select() takes no more than 1024
_begun = itertools.count(1)

# A shell ignores SIGINT for what it starts in the background, and children inherit that
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# With a deadline a test would fail because the computer is busy
settings.register_profile(
    "spwf04",
    database=None,
    print_blob=True,
    deadline=None,
    derandomize=False,  # Hypothesis sets it where CI is set; then no seed counts
)
settings.load_profile("spwf04")
# Hypothesis would try numbers and words of the modules that happen to be loaded
if hasattr(providers, "_get_local_constants"):
    _NONE = providers._local_constants
    providers._get_local_constants = lambda: _NONE


def pytest_addoption(parser):
    """Add --port and what goes with it."""
    options.add(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    """Set --hypothesis-seed, unless it was given, and say what our marker means. With --port run
    the scenarios on that module."""
    if options.wanted(config):
        options.prepare(config)
    config.addinivalue_line("markers", "generated(n): make test runs n of these cases")
    if config.getoption("hypothesis_seed", None) is None:
        config.option.hypothesis_seed = str(SEED)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Keep n cases of each test that is marked generated(n): a sample, as tests.sample() takes it.
    One that is named on the command line stays."""
    of_test = collections.defaultdict(list)
    for item in items:
        if item.get_closest_marker("generated"):
            of_test[item.nodeid.partition("[")[0]].append(item)
    left = set()
    for name, cases in of_test.items():
        (n,) = cases[0].get_closest_marker("generated").args
        left.update(set(cases) - set(sample(cases, n, name)))
    config.hook.pytest_deselected(items=[item for item in items if item in left])
    items[:] = [item for item in items if item not in left]


def pytest_collectstart(collector):
    """Freeze what is loaded so far: the driver's calls of gc.collect() then skip it."""
    gc.freeze()


def open_files():
    """How many files this process has open; 0 where that cannot be found."""
    try:
        return len(os.listdir("/dev/fd"))
    except OSError:
        return 0


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Freeze what earlier tests have left; now and then, take away what of that is garbage."""
    begun = next(_begun)
    if begun % _TESTS == 0 or (begun % 10 == 0 and open_files() > _FILES):
        gc.unfreeze()
        gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session):
    """Freeze what collecting the tests has loaded."""
    gc.freeze()


def pytest_terminal_summary(terminalreporter):
    """Show the seed, in the line before the last."""
    what = "all generated cases" if ALL else "a sample of the generated cases"
    seed = terminalreporter.config.option.hypothesis_seed
    terminalreporter.write_line(
        f"{what}, random tests: SPWF04_SEED={SEED}"
        + (f" --hypothesis-seed={seed}" if seed != str(SEED) else "")
    )
