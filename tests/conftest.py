"""For all tests: Ctrl-C and the seed.

Programs that tests start take Ctrl-C, wherever the tests themselves run. All that is left to
chance depends on one seed; the end of a run shows it.

The same seed makes the same examples, in any order and on any number of workers: nothing is
remembered from former runs, and what Hypothesis tries does not depend on what else is loaded.
"""

import gc
import signal

import pytest
from hypothesis import settings
from hypothesis.internal.conjecture import providers

# A socket that the garbage collector takes imports it, at any time: it may be while pytest reads
# another file
import spwf04.net.closing  # noqa: F401
from tests import ALL, SEED

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


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    """Set --hypothesis-seed, unless it was given."""
    if config.getoption("hypothesis_seed", None) is None:
        config.option.hypothesis_seed = str(SEED)


def pytest_collectstart(collector):
    """Freeze what is loaded so far: the driver's calls of gc.collect() then skip it."""
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
