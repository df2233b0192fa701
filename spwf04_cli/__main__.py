"""The command line `spwf04`; also python -m spwf04_cli.

This file imports so little that it can name a package that is missing.
"""

import json
import sys

from spwf04_sim.missing import explained


def main(arguments=None):
    """Run the command line and return its exit code; arguments: as for app.main()."""
    try:
        from .app import main as run
    except ModuleNotFoundError as e:
        _told(explained(e, "cli"), sys.argv[1:] if arguments is None else arguments)
        return 2
    except KeyboardInterrupt:  # later ones are app.main()'s
        return 130
    return run(arguments)


def _told(what, arguments):
    """Say what is missing: as output.failed() does, without its packages."""
    if "--json" in arguments and sys.stdout is not None:
        todo = "Install what is missing, and try again"
        error = {"what": what, "todo": todo, "code": None, "exit": 2}
        print(json.dumps({"ok": False, "error": error}, indent=2))
    elif sys.stderr is not None:
        print("spwf04: " + what, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
