"""Any MicroPython: prints what it calls itself, as JSON. [version, "preview" or "", bits]"""

import json
import sys

version = tuple(sys.implementation.version) + ("",)
bits = 1
while sys.maxsize >> (bits - 1):
    bits += 1
print(json.dumps(["%d.%d" % version[:2], version[3], bits]))
