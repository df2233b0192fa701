"""For all tests: programs that they start take Ctrl-C, wherever the tests themselves run; what is
left to chance hangs on one seed, which the end of a run tells.

The same seed makes the same examples, in any order and on any number of workers: nothing is
remembered from former runs, and what Hypothesis tries does not depend on what else is loaded.
"""

import gc
import signal

import pytest
from hypothesis import settings
from hypothesis.internal.conjecture import providers

# or a socket that is collected does, perhaps while pytest reads another file
import spwf04.net.closing  # noqa: F401
from tests import ALL, SEED

# A shell starts what it puts in the background with SIGINT ignored, and children inherit that
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A deadline would fail a test because the computer has much else to do
settings.register_profile(
    "spwf04",
    database=None,
    print_blob=True,
    deadline=None,
    derandomize=False,  # Hypothesis' own choice where CI is set: no seed would count
)
settings.load_profile("spwf04")
# It would try numbers and words that it finds in the modules which happen to be loaded
if hasattr(providers, "_get_local_constants"):
    _NONE = providers._local_constants
    providers._get_local_constants = lambda: _NONE


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    """--hypothesis-seed, unless it was given."""
    if config.getoption("hypothesis_seed", None) is None:
        config.option.hypothesis_seed = str(SEED)


def pytest_collectstart(collector):
    """What was loaded so far stays: the driver's calls of gc.collect() need not go through it."""
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session):
    """As before, of all tests."""
    gc.freeze()


def pytest_terminal_summary(terminalreporter):
    """A line before the last."""
    what = "all generated cases" if ALL else "a sample of the generated cases"
    seed = terminalreporter.config.option.hypothesis_seed
    terminalreporter.write_line(
        f"{what}, random tests: SPWF04_SEED={SEED}"
        + (f" --hypothesis-seed={seed}" if seed != str(SEED) else "")
    )
