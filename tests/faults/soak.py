"""Moves bytes through four sockets both ways, with faults and resets, and checks each byte."""

import functools
import random

from spwf04_sim import Peer
from spwf04_sim.module.faults import RANDOM
from tests.faults.exchanges import Stage

_BLOCK = 1 << 16
_TURN = 8760  # bytes that a socket moves each way before the next one's turn
_IGNORED = b"\n\r\0 "  # the module's console ignores these before a command
CHUNKS = (730, 730, 1460, 4096)  # bytes that a command moves: 730, and what programs may set


@functools.lru_cache(64)
def block(seed, number):
    """One block of a stream's bytes, 64 KB."""
    return random.Random(f"{seed} {number}").randbytes(_BLOCK)


class Stream(Peer):
    """Sends a stream as fast as it is taken, and checks the one it gets."""

    def __init__(self, seed, soak):
        super().__init__()
        self.seed = seed
        self.soak = soak
        self.number = self.at = 0
        self.given = 0
        self.spoiled = False
        self._fill()

    def _fill(self):
        while len(self.outgoing) < 20000:
            self.outgoing += block(self.seed, self.given)
            self.given += 1

    def on_data(self, data):
        self.soak.check(self, data, f"{self.seed} up")
        self._fill()


def is_unseen(sent, got):
    """True if a chunk arrived with a byte too many in it, so that its last byte was left over, and
    the module took that for the beginning of a command, where it means nothing."""
    at = next((i for i, (a, b) in enumerate(zip(sent, got)) if a != b), len(sent))
    return at < len(sent) and bytes(got[at + 1 :]) == sent[at:-1] and sent[-1] in _IGNORED


class Soak:
    """moved, wrong: bytes. spoiled: bytes of chunks that lost a byte; their senders were told.
    unseen: bytes of chunks with a byte too many, of which nobody can know, see is_unseen().
    errors, connections, resets: counts."""

    def __init__(self, seed, every=200_000):
        self.seed = seed
        # Without the module's own servers, which would be polled all the time
        self.stage = Stage(ip_use_httpd="0", ip_use_tftpd="0")
        self.chance = random.Random(seed)
        self.moved = self.wrong = self.spoiled = self.errors = self.connections = self.resets = 0
        self.unseen = 0
        self.seconds = 0.0
        self.newest = None  # the peer of the latest connection
        self.stage.world.route("soak.example", 5, self._peer)
        self.stage.module.faults.random(seed, every, RANDOM)
        self._names = 0

    def _peer(self):
        self._names += 1
        self.newest = Stream(f"{self.seed} {self._names}", self)
        return self.newest

    def check(self, place, data, seed):
        """Check that bytes that arrived are the next of their stream."""
        at = 0
        while at < len(data):
            part = block(seed, place.number)[place.at : place.at + len(data) - at]
            if bytes(data[at : at + len(part)]) != part:
                if isinstance(place, Stream) and is_unseen(part, data):
                    self.unseen += len(part)
                elif isinstance(place, Stream):  # the host must be told; see Line.turn()
                    place.spoiled = True
                    self.spoiled += len(part)
                else:
                    self.wrong += len(part)
                    self.bad = (seed, place.number, place.at)
            at += len(part)
            place.at += len(part)
            if place.at == _BLOCK:
                place.number, place.at = place.number + 1, 0
        self.moved += len(data)

    bad = None

    def run(self, total, stopped=lambda: False):
        """Run until `total` bytes have moved, or until stopped() is true."""
        lines = [None] * 4
        while self.moved < total and not stopped():
            self.stage.clock.end = None
            self.stage.module.log.clear()  # it would grow for hours
            for i in range(4):
                try:
                    if lines[i] is None:
                        lines[i] = self._connect()
                    lines[i].turn()
                except OSError:
                    self.errors += 1
                    if lines[i] is not None:
                        self._close(lines[i])
                    lines[i] = None
        self.seconds = self.stage.clock.now() - 1000
        return self

    def counts(self):
        """What became of it, a dictionary of int."""
        found = {
            name: getattr(self, name) for name in ("moved", "wrong", "spoiled", "unseen", "errors")
        }
        found.update(connections=self.connections, resets=self.resets)
        found.update(faults=len(self.stage.module.faults.happened), virtual=round(self.seconds))
        return found

    def _close(self, line):
        try:
            line.sock.close()
        except OSError:
            self.errors += 1

    def _connect(self):
        radio = self.stage.radio
        try:
            if not radio.isconnected():
                radio.connect("home", "correct horse", timeout=20)
            return Line(self)
        except OSError:
            self.failures = self.failures + 1
            if self.failures > 3:
                self.failures = 0
                self.resets += 1
                radio.reset()
            raise

    failures = 0


class Line:
    """The host's end of one connection."""

    def __init__(self, soak):
        self.soak = soak
        self.sock = soak.stage.pool.socket()
        self.sock.settimeout(10)
        soak.stage.pool.chunk = soak.chance.choice(CHUNKS)
        try:
            self.sock.connect(("soak.example", 5))
        except OSError:
            self.sock.close()
            raise
        soak.connections += 1
        soak.failures = 0
        self.peer = soak.newest
        self.number = self.at = 0
        self.out = self.out_at = 0
        self.buffer = bytearray(_TURN)
        self.view = memoryview(self.buffer)

    def turn(self):
        """Move some bytes each way."""
        soak = self.soak
        data = block(f"{self.peer.seed} up", self.out)[self.out_at : self.out_at + _TURN]
        self.sock.sendall(data)
        self.out_at += len(data)
        if self.out_at == _BLOCK:
            self.out, self.out_at = self.out + 1, 0
        got = 0
        while got < _TURN:
            n = self.sock.recv_into(self.view[: _TURN - got])
            if not n:
                raise OSError(104, "the peer has closed")
            soak.check(self, self.view[:n], self.peer.seed)
            got += n
        if self.peer.spoiled:
            soak.wrong += 1
            soak.bad = (self.peer.seed + " up", self.out, self.out_at)
