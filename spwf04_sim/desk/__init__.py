"""Modules on a desk: on pseudo-terminals, described by files, shown on a screen."""
