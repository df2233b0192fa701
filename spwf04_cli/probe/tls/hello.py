"""The module's ClientHello: what it offers, whether or not it trusts a server."""

import threading
from typing import NamedTuple

from .. import servers
from ..experiment import Untried

_HANDSHAKE, _CLIENT_HELLO = 22, 1
_MOST = 1 << 16
# Suites by number, as IANA names them: those of TLS 1.2 and older that somebody may offer
_SUITES = {
    0x000A: "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
    0x0016: "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA",
    0x002F: "TLS_RSA_WITH_AES_128_CBC_SHA",
    0x0032: "TLS_DHE_DSS_WITH_AES_128_CBC_SHA",
    0x0033: "TLS_DHE_RSA_WITH_AES_128_CBC_SHA",
    0x0035: "TLS_RSA_WITH_AES_256_CBC_SHA",
    0x0038: "TLS_DHE_DSS_WITH_AES_256_CBC_SHA",
    0x0039: "TLS_DHE_RSA_WITH_AES_256_CBC_SHA",
    0x003C: "TLS_RSA_WITH_AES_128_CBC_SHA256",
    0x003D: "TLS_RSA_WITH_AES_256_CBC_SHA256",
    0x0067: "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256",
    0x006B: "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256",
    0x009C: "TLS_RSA_WITH_AES_128_GCM_SHA256",
    0x009D: "TLS_RSA_WITH_AES_256_GCM_SHA384",
    0x009E: "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
    0x009F: "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384",
    0xC008: "TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA",
    0xC009: "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
    0xC00A: "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
    0xC012: "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA",
    0xC013: "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    0xC014: "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
    0xC023: "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
    0xC024: "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384",
    0xC027: "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
    0xC028: "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
    0xC02B: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    0xC02C: "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    0xC02F: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    0xC030: "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
}


class Hello(NamedTuple):
    """version: (3, 3) for TLS 1.2. suites: names, in the module's order; of an unknown suite its
    number."""

    version: tuple
    suites: list


def seen(bench):
    """The Hello that the module sends to a server; Untried if none comes."""
    came, whole = bytearray(), threading.Event()

    def serve(connection):
        while len(came) < _MOST and read(bytes(came)) is None:
            data = connection.recv(4096)
            if not data:
                break
            came.extend(data)
        whole.set()

    with servers.tcp(bench, serve) as port:
        said = bench.try_open(port, "www.example.com", 60)
        whole.wait(1)
    found = read(bytes(came))
    if found is None:
        raise Untried(f"no ClientHello came: {said.end or 'no answer'}")
    words = "ClientHello: " + ", ".join(found.suites)
    bench.line.transcript.append((bench.line.now(), "", words.encode()))
    return found


def read(data):
    """The Hello in the first bytes of a connection; None if it is not there, or not complete."""
    message = b""
    while len(data) >= 5 and data[0] == _HANDSHAKE:
        end = 5 + int.from_bytes(data[3:5], "big")
        message += data[5:end]
        data = data[end:] if len(data) >= end else b""
    size = 4 + int.from_bytes(message[1:4], "big")
    if len(message) < 44 or len(message) < size or message[0] != _CLIENT_HELLO:
        return None
    at = 39 + message[38]  # behind the version, 32 random bytes and the session's id
    end = at + 2 + int.from_bytes(message[at : at + 2], "big")
    numbers = [int.from_bytes(message[i : i + 2], "big") for i in range(at + 2, end, 2)]
    return Hello(tuple(message[4:6]), [_SUITES.get(n, f"0x{n:04X}") for n in numbers])
