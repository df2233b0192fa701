"""MicroPython: the names in its table after a program. Arguments: its module, its arguments.

The line that begins with "qstr pool" has their number.
"""

import sys

import micropython

__import__(sys.argv.pop(1))
micropython.qstr_info()
