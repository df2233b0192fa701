"""What a type checker sees of the installed package: read by test_types.py, never run.

The comment after each reveal_type() is the type that the checker must see. The comment after a
faulty line is the rule of basedpyright that must report it.
"""

from typing import Any

import spwf04
from spwf04 import (
    SPWF04,
    Bundle,
    CertificateError,
    CertificateStore,
    JoinError,
    SocketPool,
    SSLContext,
    create_default_context,
)

# The radio
uart: Any = None
radio = SPWF04(uart)
reveal_type(radio)  # SPWF04
reveal_type(radio.connect("home", "password"))  # None
reveal_type(radio.disconnect())  # None
reveal_type(radio.isconnected())  # bool
reveal_type(radio.ipv4_address)  # str | None
reveal_type(radio.rssi)  # int
reveal_type(radio.mac_address)  # bytes
reveal_type(radio.firmware)  # str
reveal_type(radio.get("nv_model"))  # str
reveal_type(radio.time())  # int
reveal_type(radio.ping("example.com"))  # Reply
reveal_type(radio.ping("example.com").answered)  # bool | None
reveal_type(radio.reset())  # None
for one in radio.scan():
    reveal_type(one)  # tuple[bytes, bytes, int, int, int, bool]
radio.nonsense()  # reportAttributeAccessIssue
SPWF04.nonsense  # reportAttributeAccessIssue
spwf04.nonsense  # reportAttributeAccessIssue

# What the module holds
reveal_type(radio.files)  # Files
reveal_type(radio.certs)  # CertificateStore
reveal_type(radio.certs.install(b""))  # Entry
reveal_type(radio.certs.install_for("example.com", 443, roots=Bundle("roots.bin")))  # Trust
reveal_type(radio.certs.list())  # list[Entry]
reveal_type(radio.certs.entries())  # list[Entry]
radio.certs.nonsense()  # reportAttributeAccessIssue

# Sockets
pool = SocketPool(radio)
reveal_type(pool)  # SocketPool
reveal_type(pool.chunk)  # int
reveal_type(pool.AF_INET)  # Literal[2]
addresses = pool.getaddrinfo("example.com", 443)
reveal_type(addresses)  # list[tuple[int, int, int, str, tuple[str, int]]]
reveal_type(pool.socket())  # Socket
reveal_type(pool.socket(pool.AF_INET, pool.SOCK_STREAM))  # Socket
reveal_type(pool.socket(pool.AF_INET, pool.SOCK_DGRAM))  # Datagrams
buffer = bytearray(1024)
with pool.socket() as sock:
    reveal_type(sock)  # Socket
    reveal_type(sock.connect(("example.com", 80)))  # None
    reveal_type(sock.recv_into(buffer))  # int
    reveal_type(sock.recv(10))  # bytes
    reveal_type(sock.send(b"GET"))  # int
    reveal_type(sock.readline())  # bytes | None
    sock.nonsense()  # reportAttributeAccessIssue
pool.nonsense()  # reportAttributeAccessIssue

# TLS
context = SSLContext(roots=Bundle("roots.bin"))
reveal_type(context)  # SSLContext
reveal_type(context.wrap_socket(sock))  # Socket
reveal_type(context.wrap_socket(sock, server_hostname="example.com").send(b""))  # int
reveal_type(create_default_context())  # SSLContext
reveal_type(context.verify_mode)  # int
context.nonsense()  # reportAttributeAccessIssue

# Errors
try:
    radio.connect("home", "password")
except JoinError as error:
    reveal_type(error.reason)  # str
except CertificateError as error:
    reveal_type(error.hint)  # str | None
reveal_type(CertificateStore)  # type[CertificateStore]
