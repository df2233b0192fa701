"""The command line `spwf04`: prepares a module, or many, from a desk. See docs/cli.md."""
