"""MicroPython: the heap in use when a program is done. Arguments: its module, its own ones.

The last line is the number of bytes; what the program still refers to counts.
"""

import gc
import sys

__import__(sys.argv.pop(1))
gc.collect()
gc.collect()
print(gc.mem_alloc())
