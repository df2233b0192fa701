"""MicroPython: what discovery and a search in the full bundle cost. Arguments: terminal, bundle.

Prints the heap in bytes above what a TLS client has loaded before (what the code takes, and the
most that is in use while it runs), and AT commands.
"""

import gc
import sys

from shims.mp_slow import Clock
from shims.mp_uart import PtyUART

from spwf04 import SPWF04, Bundle, SocketPool, SSLContext

radio = SPWF04(PtyUART(sys.argv[1], 256), clock=Clock())
radio.connect("home", "correct horse")
store = radio.certs
# load what a TLS client loads anyway
sock = SocketPool(radio).socket()
sock.connect(("plain.example", 80))
sock.close()
SSLContext().wrap_socket(SocketPool(radio).socket(), server_hostname="www.example.com")

# When MicroPython's table of names is full, it makes one that is twice as large. A program has
# names of its own: these stand for them, so that discovery does not pay for the larger table
for n in range(800):
    setattr(Bundle, "name_%d" % n, None)
    delattr(Bundle, "name_%d" % n)
gc.collect()
base = gc.mem_alloc()
commands = radio.channel.commands
chain = store.discover("www.example.com")
commands = radio.channel.commands - commands
gc.collect()
code = gc.mem_alloc() - base
gc.collect()
gc.disable()
before = gc.mem_alloc()
store.discover("www.example.com")
made = gc.mem_alloc() - before
gc.enable()
gc.collect()
before = gc.mem_alloc()
roots = Bundle(sys.argv[2])
found = roots.by_key(chain.certificates[-1].aki)
gc.collect()
print(
    len(chain.certificates), commands, code, made, len(found), roots.reads, gc.mem_alloc() - before
)
