"""The TFTP server in the module: files in both directions, by UDP. [j.2]"""

import contextlib
import socket

from ..commands.files import default_volume, replace_file
from .tftp import ACK, BLOCK, DATA, ERROR, READ, WRITE, packet

_PORT = 69
_MOST = 65535  # blocks


class TftpServer:
    """A TFTP server, of RFC 1350. It answers from its own port, whoever asks. address: where it
    really is."""

    def __init__(self, module):
        self._module = module
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.bind(module.world.place(_PORT))
        self._sock.setblocking(False)
        self.address = self._sock.getsockname()
        self._reading = {}  # {client: (content, block that it has)}
        self._writing = {}  # {client: [place, name, content, block that came last]}

    def poll(self):
        """Answer what has come."""
        for _ in range(16):
            try:
                data, client = self._sock.recvfrom(2048)
            except OSError:
                return
            self._packet(data, client)

    def close(self):
        """Stop."""
        self._sock.close()

    def filenos(self):
        """Return the file descriptors that may bring something while a file is on its way."""
        return [self._sock.fileno()] if self._reading or self._writing else []

    def fileno(self):
        """Return the file descriptor of the listening socket."""
        return self._sock.fileno()

    def _packet(self, data, client):
        kind = int.from_bytes(data[:2], "big")
        number = int.from_bytes(data[2:4], "big")
        if kind == READ:
            self._read(data[2:], client)
        elif kind == WRITE:
            self._write(data[2:], client)
        elif kind == ACK and client in self._reading:
            self._acknowledged(client, number)
        elif kind == DATA and client in self._writing:
            self._arrived(client, number, data[4:])
        elif kind == ERROR:
            self._reading.pop(client, None)
            self._writing.pop(client, None)

    def _send(self, client, kind, number, data=b""):
        with contextlib.suppress(OSError):
            self._sock.sendto(packet(kind, number, data), client)

    def _refuse(self, client, number, text):
        self._send(client, ERROR, number, text.encode() + b"\0")

    def _place(self, data):
        """(place of the file that a request names, its name)."""
        name = data.partition(b"\0")[0].decode("utf-8", "replace")
        return self._module.flash.find(name, default_volume(self._module)), name

    # from the module -------------------------------------------------------------------------
    def _read(self, data, client):
        place, _ = self._place(data)
        flash = self._module.flash
        if place not in flash.files or place[0] not in flash.mounted:
            self._refuse(client, 1, "File not found")
            return
        self._reading[client] = bytes(flash.files[place]), 0
        self._acknowledged(client, 0)

    def _acknowledged(self, client, number):
        content, had = self._reading[client]
        if number < had:  # an older block's: it comes twice
            return
        at = number * BLOCK
        if at > len(content) or number >= _MOST:
            del self._reading[client]
            return
        self._reading[client] = content, number
        self._send(client, DATA, number + 1, content[at : at + BLOCK])

    # to the module ---------------------------------------------------------------------------
    def _write(self, data, client):
        place, name = self._place(data)
        flash = self._module.flash
        if place is None or place[0] not in flash.mounted:
            self._refuse(client, 2, "Access violation")
            return
        self._writing[client] = [place, name, bytearray(), 0]
        self._send(client, ACK, 0)

    def _arrived(self, client, number, data):
        place, name, content, last = self._writing[client]
        if number != last + 1:
            self._send(client, ACK, last)
            return
        content += data
        self._writing[client][3] = number
        if len(data) < BLOCK:
            del self._writing[client]
            if content and replace_file(self._module, place, bytes(content)):
                self._refuse(client, 3, "Disk full")
                return
            self._module.wind(90, f"TFTP File received:{name}")  # GUESS
        self._send(client, ACK, number)
