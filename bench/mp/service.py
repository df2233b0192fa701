"""MicroPython: what importing a file costs a program that has sockets with TLS already. Argument:
the module, such as spwf04.services.http.

The last line is JSON: "heap": bytes in use more than before; "files": names of the modules that
were loaded for it.
"""

import gc
import json
import sys

from spwf04 import SPWF04, SocketPool, SSLContext  # noqa: F401


def used():
    gc.collect()
    gc.collect()
    return gc.mem_alloc()


result = {"heap": 0, "files": None}
before = set(sys.modules)
start = used()
__import__(sys.argv[1])
result["heap"] = used() - start
result["files"] = sorted(name for name in sys.modules if name not in before)
print(json.dumps(result))
