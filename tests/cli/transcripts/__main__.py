"""python -m tests.cli.transcripts: writes the blocks of docs/cli.md."""

from . import main

main()
