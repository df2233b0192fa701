"""Faults at every byte of every exchange: what the driver may do, and what it must do."""
