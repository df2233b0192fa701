"""WebAssembly: one thing that a program does, called from the program's first level.

Arguments: what, terminal.
"""

import json
import sys

from host import call
from shims.mp_wasm import PtyUART

from spwf04 import SPWF04, Bundle, SocketPool, SSLContext

HOST = "www.example.com"
what, terminal = sys.argv[1:]


def sim(name):
    return json.loads(call(json.dumps([name, []])))


class Clock:
    """The Clock of mp_clock.py, without importing another file from this depth."""

    now = 0

    def ticks_ms(self):
        return self.now

    def idle(self):
        self.now = sim("idle")


def secure(context):
    return context.wrap_socket(SocketPool(radio).socket(), server_hostname=HOST)


radio = SPWF04(PtyUART(terminal), clock=Clock())
now = sim("now")
pem = sim("ca_pem")
roots = Bundle(sim("bundle"))
radio.connect("home", "correct horse")
if what != "join":
    radio.set_time(now)
if what == "plain":
    sock = SocketPool(radio).socket()
    sock.connect(("plain.example", 80))
    sock.send(b"GET / HTTP/1.0\r\n\r\n")
    sock.read()
elif what == "tls":
    context = SSLContext()
    context.load_verify_locations(cadata=pem)
    sock = secure(context)
    sock.connect((HOST, 443))
    sock.send(b"GET / HTTP/1.0\r\n\r\n")
    sock.read()
elif what == "roots":
    sock = secure(SSLContext(roots=roots))
    sock.connect((HOST, 443))
elif what == "install_for":
    radio.certs.install_for(HOST, roots=roots)
elif what == "diagnose":
    radio.certs.diagnose(HOST, roots=roots)
print("passed")
