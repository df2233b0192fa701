"""MicroPython: the heap in use when a program is done. Arguments: its module, its arguments.

The last line is the number of bytes. What the program still refers to counts.
"""

import gc
import sys

__import__(sys.argv.pop(1))
gc.collect()
gc.collect()
print(gc.mem_alloc())
