"""Roots that a person trusts: in files and lists, and how they are found there."""
