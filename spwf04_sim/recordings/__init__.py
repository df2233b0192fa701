"""Recordings of a real module, played against a simulated one and compared.

steps.py puts command and reply of a log together. past.py derives what module and world were,
scene.py lets the world do what the log says, play.py plays, compare.py finds differences. check.py
is the whole of it, known.py keeps the differences that are known.
"""
