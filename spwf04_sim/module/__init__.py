"""A simulated module that runs: power and boot, its line to the host, its commands."""
