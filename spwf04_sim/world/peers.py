"""Servers inside the simulation."""


class Peer:
    """A TCP server's end of one connection, inside the simulation. Override what you need."""

    def __init__(self):
        self.outgoing = bytearray()
        self.closed = False

    def on_connect(self):
        """The module has connected."""

    def on_data(self, data):
        """The module has sent data (bytes)."""

    def on_close(self):
        """The module has closed."""

    def send(self, data):
        """Send data to the module."""
        self.outgoing += data

    def close(self):
        """Close; what was sent before still arrives."""
        self.closed = True

    def reset(self):
        """Break the connection off; what the module has not taken in is lost."""
        self.outgoing = bytearray()
        self.closed = True


class EchoPeer(Peer):
    """Sends back what it gets."""

    def on_data(self, data):
        self.send(data)


class FloodPeer(Peer):
    """Sends as long as somebody takes it, until it is closed: the bytes 0 to 250, over and over.

    The module's buffer for it is thus full whenever it is looked at, so that SOCKC says 77. [k.4]
    """

    _ROUND = bytes(range(251))
    _rest = bytearray()

    @property
    def outgoing(self):
        if not self.closed and len(self._rest) < 2048:
            self._rest += self._ROUND * 20
        return self._rest

    @outgoing.setter
    def outgoing(self, data):
        self._rest = data

    def close(self):
        """Close at once: what it had in hand is not sent."""
        self.reset()
