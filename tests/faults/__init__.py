"""Faults at every byte of every exchange: what the driver may do then, and what it must."""
