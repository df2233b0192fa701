"""The module's services against real servers, on every interpreter.

A service has its page in docs/, with an example of about ten lines. That runs as it is printed, on
a joined module whose world leads to servers of this computer: see stage.py. What was seen is the
table of docs/services.md: see table.py.
"""
