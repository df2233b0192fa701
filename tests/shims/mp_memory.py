"""MicroPython whose heap is all but full: a call that runs out of memory says so, and after that,
with memory free again, the same call works.

Arguments: terminal, time, name of the call, least, most and step of the bytes that are left free,
a bundle, the file of a CA. Prints a line for each that is not right, and
"passed <count> <how many ran out of memory> <how many of these told what to do>".
"""

import gc
import sys

from shims.mp_slow import Clock
from shims.mp_uart import PtyUART

from spwf04 import SPWF04, Bundle, SocketPool, SSLContext

path, now, name, least, most, step = sys.argv[1:7]
radio = SPWF04(PtyUART(path, 256), clock=Clock())
radio.connect("home", "correct horse")
radio.set_time(int(now))
pool = SocketPool(radio)
HOST = "www.example.com"


def plain():
    sock = pool.socket()
    sock.settimeout(8)
    try:
        sock.connect(("echo.example", 7))
        sock.send(b"hello")
        if sock.recv(5) != b"hello":
            print("something else came back")
    finally:
        sock.close()


def secure(roots=None):
    sock = SSLContext(roots=roots).wrap_socket(pool.socket(), server_hostname=HOST)
    sock.settimeout(20)
    try:
        sock.connect((HOST, 443))
    finally:
        sock.close()


def find():
    secure(sys.argv[7])


def discover():
    radio.certs.discover(HOST)


def install_for():
    radio.certs.install_for(HOST, roots=Bundle(sys.argv[7]))


def install():
    radio.certs.install(sys.argv[8])


def ours():
    return [
        n for n, m in sys.modules.items() if n.startswith("spwf04.") and not hasattr(m, "__path__")
    ]


def fill(left):
    """Take memory until so many bytes are free."""
    taken = None
    size = 4096
    while size >= 32:
        while gc.mem_free() > left + size + 64:
            try:
                taken = (taken, bytearray(size))
            except MemoryError:
                break
        size //= 2
    return taken


def drop():
    """Have the call load its files anew."""
    for n in ours():
        if n not in before:
            package, _, last = n.rpartition(".")
            del sys.modules[n]
            if hasattr(sys.modules[package], last):
                delattr(sys.modules[package], last)


call = globals()[name]
if name == "secure":
    install()
plain()
before = set(ours())
call()
drop()
count = short = told = 0
for left in range(int(least), int(most), int(step)):
    if name in ("find", "install", "install_for"):
        radio.certs.clear()
        drop()
    gc.collect()
    taken = fill(left)
    error = None
    try:
        call()
    except BaseException as e:
        error = e
    taken = None
    gc.collect()
    count += 1
    if error is not None:
        short += 1
        if not isinstance(error, MemoryError):
            print(left, type(error).__name__, error)
        elif "Freeze the driver" in str(error):
            told += 1
    error = None
    drop()
    try:
        call()
        drop()
        plain()
    except BaseException as e:
        print(left, "then", type(e).__name__, e)
        raise
    if pool.lost():
        print(left, "lost", pool.lost())
print("passed", count, short, told)
