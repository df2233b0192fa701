"""The commands of the command line: a file for each, or for several that belong together."""
