"""Servers on this computer that a real module can reach: the peers of the simulation, on sockets.

A peer of the simulation (spwf04_sim.Peer) says what a server does. Here a thread plays it on a
real connection.
"""

import collections
import select
import socket
import struct
import threading

from spwf04_sim import SilentPeer
from tests.hardware.needs import NeedsSimulation

_LOOK_S = 0.005
_DRAIN_S = 0.05
_PIECE = 4096
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER with which close() resets the connection


class Driven(threading.Thread):
    """Plays a peer on a connected socket until either side has closed."""

    def __init__(self, sock, peer):
        super().__init__(daemon=True)
        self._sock = sock
        self._peer = peer
        self.over = False  # set it to end the thread

    def run(self):
        sock, peer = self._sock, self._peer
        sock.setblocking(False)
        try:
            peer.on_connect()
            while not self.over and self._step(sock, peer):
                pass
        except OSError:  # the module has reset the connection
            peer.on_close()
        sock.close()

    def _step(self, sock, peer):
        """Do what there is to do; False once the connection is over."""
        if peer.was_reset:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            return False
        # First, because a scenario may have it say something, and then leave
        closed, shut = peer.closed, peer.shut
        waiting = bytes(peer.outgoing[:_PIECE])
        readable, writable, _ = select.select([sock], [sock] if waiting else [], [], _LOOK_S)
        if writable:
            del peer.outgoing[: sock.send(waiting)]
        elif closed and not waiting:
            _drain(sock, peer)
            return False
        elif shut and not waiting:
            sock.shutdown(socket.SHUT_WR)
            peer.shut = False
        if readable:
            data = sock.recv(_PIECE)
            if not data:
                peer.on_close()
                return False
            peer.on_data(data)
        return True


def _drain(sock, peer):
    """End a connection, but take what is still on its way."""
    sock.shutdown(socket.SHUT_WR)
    while select.select([sock], [], [], _DRAIN_S)[0]:
        data = sock.recv(_PIECE)
        if not data:
            return
        peer.on_data(data)


class Hosts:
    """The names of the scenarios, and which port of this computer is meant by each.

    As spwf04_sim.World: route(host, port, target). address: of this computer, as the module sees
    it; a function, because it is known once the module has joined a network. asked: how often each
    (host, port) was connected to, in this scenario.
    """

    def __init__(self, address):
        self._address = address
        self._ports = {}
        self._listeners = []
        self._driven = []
        self.asked = collections.Counter()

    def route(self, host, port, target):
        """Have a server answer. target: the address of a real one, or a function that makes a
        Peer."""
        if target is SilentPeer:
            self._ports[host, port] = None
        elif callable(target):
            self._ports[host, port] = self._listen(target)
        else:
            self._ports[host, port] = target[1]

    def _listen(self, made):
        listener = socket.create_server(("", 0))
        self._listeners.append(listener)

        def accept():
            while True:
                try:
                    sock, _ = listener.accept()
                except OSError:  # it was closed
                    return
                self.drive(sock, made())

        threading.Thread(target=accept, daemon=True).start()
        return listener.getsockname()[1]

    def drive(self, sock, peer):
        """Play a peer on a connection."""
        driven = Driven(sock, peer)
        driven.start()
        self._driven.append(driven)

    def where(self, host, port):
        """(address, port) that stands for a name of the scenarios; None if it is no such name. A
        port at which nobody listens leads to one that is closed."""
        host = host.rstrip(".").lower()
        if not any(name == host for name, _ in self._ports):
            return None
        self.asked[host, port] += 1
        there = self._ports.get((host, port), 1)  # nothing listens on port 1
        if there is None:
            raise NeedsSimulation("a host that answers nothing")
        return self._address(), there

    def rest(self):
        """End all connections. The servers stay."""
        for driven in self._driven:
            driven.over = True
        for driven in self._driven:
            driven.join(5)
        self._driven.clear()
        self.asked.clear()

    def close(self):
        """End all."""
        self.rest()
        for listener in self._listeners:
            listener.close()
