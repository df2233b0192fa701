"""A module behind an MCU: the driver is installed there, and jobs are sent to it."""
