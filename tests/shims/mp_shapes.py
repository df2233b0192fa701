"""MicroPython: connect to many servers. Arguments: terminal, bundle, engine, time, hosts …

Prints a line for each: host, engine, and the end of its page or the error.
"""

import gc
import sys

from shims.mp_slow import Clock
from shims.mp_uart import PtyUART

from spwf04 import SPWF04, Bundle, SocketPool, SSLContext

radio = SPWF04(PtyUART(sys.argv[1], 256), clock=Clock())
radio.connect("home", "correct horse")
radio.set_time(int(sys.argv[4]))
context = SSLContext(roots=Bundle(sys.argv[2]), engine=sys.argv[3])
for host in sys.argv[5:]:
    gc.collect()
    sock = context.wrap_socket(SocketPool(radio).socket(), server_hostname=host)
    sock.settimeout(20)
    try:
        sock.connect((host, 443))
        sock.send(b"GET / HTTP/1.0\r\n\r\n")
        page = sock.read()
        print(host, sock.engine, page[-len(host) :].decode())
    except OSError as e:
        print(host, "refused", str(e).replace("\n", " "))
    sock.close()
    radio.certs.clear()
