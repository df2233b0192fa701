"""The command line `spwf04`; also python -m spwf04_cli.

Here only so much is imported that a missing package can be named.
"""

import sys

from spwf04_sim.missing import explained


def main(arguments=None):
    """Run it; see app.main()."""
    try:
        from .app import main as run
    except ModuleNotFoundError as e:
        if sys.stderr is not None:
            print("spwf04: " + explained(e, "cli"), file=sys.stderr)
        return 2
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
