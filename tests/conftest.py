"""For all tests: programs that they start take Ctrl-C, wherever the tests themselves run."""

import signal

# A shell starts what it puts in the background with SIGINT ignored, and children inherit that
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
