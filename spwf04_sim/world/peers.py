"""Servers inside the simulation."""


class Peer:
    """A server's end of one TCP connection, inside the simulation. Override what you need."""

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
        """Close the connection. What was sent before still arrives."""
        self.closed = True

    def reset(self):
        """Reset the connection. What the module has not read yet is lost."""
        self.outgoing = bytearray()
        self.closed = True


class EchoPeer(Peer):
    """A peer that sends back what it gets."""

    def on_data(self, data):
        self.send(data)


class FloodPeer(Peer):
    """A peer that sends the bytes 0 to 250 over and over, until it is closed.

    The module's buffer for it is always full, so that SOCKC gets error 77. [k.4]
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
        """Close the connection at once. What was not sent yet is lost."""
        self.reset()
