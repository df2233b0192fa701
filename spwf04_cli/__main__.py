"""python -m spwf04_cli: the command line `spwf04`."""

import sys

from .app import main

sys.exit(main())
