"""The TFTP client: TFTPGET and TFTPPUT, as RFC 1350 has it. [j, j.2]

The mode is octet, with blocks of 512 bytes. A server's error is error 111, and so is a server that
is silent for five seconds.
"""

import contextlib
import socket

from ..commands.net import resolve
from ..commands.registry import command
from ..parts.links import PeerLink
from ..texts import is_port
from .http import LocalFile, contents

BLOCK = 512  # bytes
READ, WRITE, DATA, ACK, ERROR = 1, 2, 3, 4, 5
# GUESS: all but the fields of the commands
_PORT = 69
_PIECES = 64  # most datagrams that are read at once
_WAIT, _TRIES = 1, 5  # seconds until a packet is sent again; how often it is sent


class _Datagrams:
    """A UDP socket for one transfer. The server answers from a port of its own choice.

    address: of the server; None: nobody is there.
    """

    def __init__(self, address):
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.setblocking(False)
        self._to = address
        self._chosen = False

    def send(self, data):
        """Send a datagram."""
        if self._to is not None:
            with contextlib.suppress(OSError):
                self._sock.sendto(data, self._to)

    def receive(self, limit):
        """Return a datagram of the server, None if there is none."""
        while True:
            try:
                data, sender = self._sock.recvfrom(limit)
            except OSError:
                return None
            if self._chosen and sender != self._to:
                unknown = packet(ERROR, 5, b"Unknown transfer ID\0")
                with contextlib.suppress(OSError):
                    self._sock.sendto(unknown, sender)
                continue
            self._to, self._chosen = sender, True
            return data

    def close(self):
        """Close the socket."""
        self._sock.close()

    def fileno(self):
        """Return its file descriptor."""
        return self._sock.fileno()


def packet(kind, number, data=b""):
    """Return a packet. number: of its block, or of the error."""
    return kind.to_bytes(2, "big") + (number & 0xFFFF).to_bytes(2, "big") + data


def _request(kind, name):
    return kind.to_bytes(2, "big") + name.encode("utf-8", "surrogateescape") + b"\0octet\0"


def _open(module, host, port):
    """Resolve a name; a generator that returns (link, None) or (None, error number)."""
    if module.wifi.ip is None:
        return None, 44
    ip, error = yield from resolve(module, host)
    if error:
        return None, error
    target = module.world.target(ip, int(port or _PORT))
    if callable(target):
        return PeerLink(target()), None
    return _Datagrams(target), None


def _answered(module, link, sent, kind, number):
    """Send a packet until the answer has come; a generator that returns its data, or None."""
    for _ in range(_TRIES):
        link.send(sent)
        found = []
        end = module.clock.now() + _WAIT

        def came(found=found, end=end):
            for _ in range(_PIECES if module.wifi.ip is not None else 0):
                data = link.receive(4 + BLOCK)
                if data is None:
                    break
                if data[:2] == bytes((0, ERROR)):
                    found.append(None)
                elif data[:4] == packet(kind, number):
                    found.append(data[4:])
                if found or not data:
                    return True
            return module.clock.now() > end

        yield from module.connections.wait(link, came)
        if found or module.wifi.ip is None:
            return found[0] if found else None
    return None


def _wrong(port, file):
    if not file:
        return 2
    return 7 if port and not is_port(port) else None


def _bare(name):
    """Return the name of a file as the server knows it: without a volume of the module."""
    return name.partition(":/")[2] if ":/" in name else name


@command("TFTPGET", 1, 4)
def tftpget(module, host, port, file, local):
    """Fetch a file. The fourth argument is its name on the module."""
    # GUESS: ST sends an empty one
    error = _wrong(port, file)
    if error:
        return error
    printed = module.quirks.tftp_get == "printed"
    link, error = yield from _open(module, host, port)
    if error:
        return error
    target = None if printed else LocalFile(module, local or file)
    try:
        return (yield from _fetch(module, link, _bare(file), target))
    finally:
        link.close()


def _fetch(module, link, name, target):
    """Fetch a file, into a LocalFile or to the host; a generator that returns an error number."""
    sent, number = _request(READ, name), 1
    while target is None or target.error is None:
        data = yield from _answered(module, link, sent, DATA, number)
        if data is None:
            return 111
        if target is None:
            module.payload(data)
        else:
            target.write(data)
        sent, number = packet(ACK, number), (number + 1) & 0xFFFF
        if len(data) < BLOCK:
            link.send(sent)
            break
    if target is not None and target.error is not None:
        link.send(packet(ERROR, 3, b"Disk full\0"))
        return target.error
    return None


@command("TFTPPUT", 1, 4)
def tftpput(module, host, port, file, unused):
    """Send a file."""
    error = _wrong(port, file)
    if error:
        return error
    data = contents(module, file)
    if data is None:
        return 51
    link, error = yield from _open(module, host, port)
    if error:
        return error
    try:
        sent = _request(WRITE, _bare(file))
        for number in range(len(data) // BLOCK + 2):
            if (yield from _answered(module, link, sent, ACK, number & 0xFFFF)) is None:
                return 111
            sent = packet(DATA, number + 1, data[number * BLOCK : (number + 1) * BLOCK])
    finally:
        link.close()
    return None
