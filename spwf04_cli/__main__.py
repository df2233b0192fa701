"""The command line `spwf04`; also python -m spwf04_cli.

This file imports so little that it can name a package that is missing.
"""

import sys

from spwf04_sim.missing import explained


def main(arguments=None):
    """Run the command line and return its exit code; arguments: as for app.main()."""
    try:
        from .app import main as run
    except ModuleNotFoundError as e:
        if sys.stderr is not None:
            print("spwf04: " + explained(e, "cli"), file=sys.stderr)
        return 2
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
