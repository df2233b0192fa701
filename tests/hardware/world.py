"""Servers on this computer that a real module can reach: the peers of the simulation, on sockets.

A peer of the simulation (spwf04_sim.Peer) says what a server does. Here a thread plays it on a
real connection.
"""

import collections
import contextlib
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
    """Plays a peer on a connected socket until either side has closed. lock: held while the peer
    is at work."""

    def __init__(self, sock, peer, lock):
        super().__init__(daemon=True)
        self._sock = sock
        self._lock = lock
        self.peer = peer
        self.over = False  # set it to end the thread

    def run(self):
        sock, peer = self._sock, self.peer
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
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
        with self._lock:
            waiting = bytes(peer.outgoing[: peer.segment or _PIECE])
        readable, writable, _ = select.select([sock], [sock] if waiting else [], [], _LOOK_S)
        if writable:
            with self._lock:
                del peer.outgoing[: sock.send(waiting)]
        elif closed and not waiting:
            self._drain(sock, peer)
            return False
        elif shut and not waiting:
            sock.shutdown(socket.SHUT_WR)
            peer.shut = False
        if readable:
            data = sock.recv(_PIECE)
            if not data:
                peer.on_close()
                return False
            with self._lock:
                peer.on_data(data)
        return True

    def _drain(self, sock, peer):
        """End a connection, but take what is still on its way."""
        sock.shutdown(socket.SHUT_WR)
        while select.select([sock], [], [], _DRAIN_S)[0]:
            data = sock.recv(_PIECE)
            if not data:
                return
            with self._lock:
                peer.on_data(data)


class Transfer(threading.Thread):
    """Plays a peer with datagrams, from a port of its own: each that comes has one answer, or
    none. first, client: the datagram that begins it, and where that came from."""

    def __init__(self, peer, first, client):
        super().__init__(daemon=True)
        self.peer = peer
        self._first = first
        self._client = client
        self.over = False

    def run(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind(("", 0))
            sock.settimeout(_DRAIN_S)
            self._answer(sock, self._first)
            while not self.over:
                try:
                    data, client = sock.recvfrom(_PIECE)
                except socket.timeout:
                    continue
                if client == self._client:
                    self._answer(sock, data)

    def _answer(self, sock, data):
        self.peer.on_data(data)
        if self.peer.outgoing:
            sock.sendto(self.peer.outgoing, self._client)
            self.peer.outgoing = bytearray()


class Hosts:
    """The names of the scenarios, and which port of this computer is meant by each.

    As spwf04_sim.World: route(host, port, target). address: of this computer, as the module sees
    it; a function, because it is known once the module has joined a network. asked: how often each
    (host, port) was connected to, in this scenario. lock: held while a peer is at work.
    """

    def __init__(self, address):
        self._address = address
        self._ports = {}
        self._usual = None  # the ports that every scenario finds
        self._listeners = []
        self._driven = []
        self.asked = collections.Counter()
        self.lock = threading.RLock()

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

    def route_datagrams(self, host, port, made):
        """As route(), for datagrams: a client is answered from another port, as TFTP has it."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind(("", 0))
        sock.settimeout(_DRAIN_S)
        self._listeners.append(sock)
        self._ports[host, port] = sock.getsockname()[1]

        def accept():
            known = set()
            while True:
                try:
                    data, client = sock.recvfrom(_PIECE)
                except socket.timeout:
                    continue
                except OSError:  # it was closed
                    return
                if client not in known:  # else it has asked again, before it had the answer
                    known.add(client)
                    self._begin(Transfer(made(), data, client))

        threading.Thread(target=accept, daemon=True).start()

    def drive(self, sock, peer):
        """Play a peer on a connection."""
        self._begin(Driven(sock, peer, self.lock))

    def _begin(self, thread):
        with self.lock:  # a thread that has not started cannot be joined
            thread.start()
            self._driven.append(thread)

    def connected(self, kind):
        """How many peers of a kind have a connection."""
        with self.lock:
            return sum(isinstance(d.peer, kind) and d.is_alive() for d in self._driven)

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

    def are_usual(self):
        """What has a route now is there for every scenario."""
        self._usual = dict(self._ports), len(self._listeners)

    def rest(self):
        """End all connections, and the servers that a scenario has started."""
        with self.lock:
            begun, self._driven = self._driven, []
        for driven in begun:
            driven.over = True
        for driven in begun:
            driven.join(5)
        self.asked.clear()
        if self._usual is not None:
            ports, n = self._usual
            self._ports = dict(ports)
            self._end(n)

    def _end(self, n):
        """End all servers but the first n."""
        for listener in self._listeners[n:]:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # for the thread that waits at it
            listener.close()
        del self._listeners[n:]

    def close(self):
        """End all."""
        self.rest()
        self._end(0)
