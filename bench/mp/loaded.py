"""MicroPython: which files of the driver a program loads. Arguments: its module, its arguments.

The last line is JSON: "loaded": names of all modules that were loaded at any time; "kept": names
of those that still are.
"""

import builtins
import json
import sys

seen = []
original = builtins.__import__


def watched(*args):
    module = original(*args)
    for name in sys.modules:
        if name not in seen and name.startswith("spwf04"):
            seen.append(name)
    return module


builtins.__import__ = watched
__import__(sys.argv.pop(1))
print(json.dumps({"loaded": seen, "kept": [name for name in seen if name in sys.modules]}))
