"""Recordings of a real module: read, played against a simulated one, and compared.

log.py reads what a recorder, a terminal program or a forum has made of a log; pasted.py, signs.py
and sorter.py are its parts. steps.py puts command and reply together. past.py derives what module
and world were, scene.py lets the world do what the log says, play.py plays, compare.py finds
differences. check.py is the whole of it, known.py keeps the differences that are known.
"""
