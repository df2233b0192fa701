"""Servers inside the simulation."""


class Peer:
    """A server's end of one TCP connection, inside the simulation. Override what you need.

    answers: it takes connections; if not, it is silent. segment: most bytes of a segment that it
    sends; None: as many as the module takes. closed, was_reset: the connection is over, and it was
    reset. shut: it sends nothing more, but still reads. vanished: it is gone, and nothing tells.
    """

    answers = True
    segment: "int | None" = None
    was_reset = shut = vanished = False

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
        """Reset the connection. What has not reached the module yet is lost; of the rest see
        Quirks.reset_unread."""
        self.outgoing = bytearray()
        self.closed = self.was_reset = True

    def shut_down(self):
        """Send nothing more, but go on reading: a half-closed connection."""
        self.shut = True

    def vanish(self):
        """Be gone without a word, as a computer whose cable is pulled."""
        self.vanished = True


class SilentPeer(Peer):
    """A host that never answers: a connection to it is never made."""

    answers = False


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
        self.outgoing = bytearray()
        self.closed = True
