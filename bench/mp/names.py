"""MicroPython: all names that it keeps besides the firmware's, before and after modules of the
driver are imported. Arguments: the names of the modules."""

import sys

import micropython

print("\nbefore:")
micropython.qstr_info(1)
for module in sys.argv[1:]:
    __import__(module)
print("\nafter:")
micropython.qstr_info(1)
