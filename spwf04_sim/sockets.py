"""The module's client sockets: eight slots, what waits in them, what the host is told. [g]"""

import socket

from .net import PeerLink, TcpLink

_WINDOW = 8192  # bytes the module buffers for a socket, then TCP holds the peer back. GUESS


class Client:
    """One open client socket."""

    def __init__(self, link, kind, ip, port):
        self.link = link
        self.kind = kind  # t, u or s
        self.ip = ip
        self.port = port
        self.buffer = bytearray()
        self.received = 0  # bytes since it was opened
        self.connected = True
        self.announced = 0


class Sockets:
    """Belongs to a SimulatedModule."""

    def __init__(self, module):
        self._module = module
        self.clients = [None] * 8
        self._count = 0

    def drop_all(self):
        """A restart: all are gone, without a word."""
        for n, client in enumerate(self.clients):
            if client is not None:
                client.link.close()
            self.clients[n] = None

    def network_gone(self):
        """The link is lost: connections are dead, their ids stay taken. [g.5]"""
        for n, client in enumerate(self.clients):
            if client is not None and client.connected:
                client.link.close()
                client.connected = False
                if client.kind != "u":
                    self._module.wind(58, f"Socket Closed:{n}:1")

    def filenos(self):
        """File descriptors of real connections that may bring something."""
        files = [c.link.fileno() for c in self.clients if c is not None and c.connected]
        return [f for f in files if f is not None]

    def free(self):
        """The lowest free id, None if there is none."""
        return self.clients.index(None) if None in self.clients else None

    def link(self, target, udp=False):
        """Open a link to where the world leads."""
        if callable(target):
            return PeerLink(target())
        return TcpLink(target, socket.SOCK_DGRAM if udp else socket.SOCK_STREAM)

    def poll(self):
        """Take in what has arrived; announce it."""
        for n, client in enumerate(self.clients):
            if client is None or not client.connected:
                continue
            while len(client.buffer) < _WINDOW:
                data = client.link.receive(_WINDOW - len(client.buffer))
                if data is None:
                    break
                if data == b"":
                    if client.kind != "u":
                        client.connected = False
                        self._module.wind(58, f"Socket Closed:{n}:0")
                    break
                client.buffer += data
                client.received += len(data)
                self._announce(n, client, len(data))

    def _announce(self, n, client, arrived):
        quirks = self._module.quirks
        self._count += 1
        if quirks.wind55_missing and self._count % 2 == 0:
            return
        last = {
            "waiting": len(client.buffer),
            "total": client.received,
            "arrival": arrived,
        }[quirks.wind55_cumulated]
        self._module.wind(55, f"Pending Data::{n}:{arrived}:{last}")
