"""The WebSocket and MQTT connections of a module: two together. [j, j.2]"""


class Connections:
    """The connections of a SimulatedModule that its WebSocket and MQTT commands have opened."""

    def __init__(self, module):
        self._module = module
        self.links = []

    def drop_all(self):
        """Close all without an indication: the module restarts."""
        for link in self.links:
            link.close()
        self.links = []

    def network_gone(self):
        """Do what the loss of the network does to them."""
        self.drop_all()

    def poll(self):
        """Read what has arrived, and announce it."""

    def filenos(self):
        """Return the file descriptors of real connections that may bring something."""
        return []
