"""For all tests: programs that they start take Ctrl-C, wherever the tests themselves run; and the
end of a run says of what it was a sample.
"""

import signal

from tests import ALL, SEED

# A shell starts what it puts in the background with SIGINT ignored, and children inherit that
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_terminal_summary(terminalreporter):
    """A line before the last."""
    terminalreporter.write_line(
        "all generated cases" if ALL else f"a sample of the generated cases: SPWF04_SEED={SEED}"
    )
