"""The command line `spwf04`: prepares a module, or many. docs/cli.md shows each command."""
