"""Coverage-guided fuzzing of what reads foreign bytes: targets.py has the readers and what is
promised of each, corpus/ the inputs that were found, and `python -m tests.fuzz` goes on.
"""
