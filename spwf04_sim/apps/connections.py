"""The WebSocket and MQTT connections of a module, two together, and the link that the client of a
running command uses. [j, j.2]"""

LIMIT = 2  # WebSockets, MQTT's included [j]
# So many bytes may be on their way to the host; then a client stops reading from its server. GUESS
_AHEAD = 2048


class Connections:
    """The connections of a SimulatedModule that its WebSocket and MQTT commands have opened.

    http_busy: its HTTP client works in the background.
    """

    def __init__(self, module):
        self._module = module
        self._open = []
        self._link = None  # of the command that runs
        self._held = False  # the command reads nothing, because the line to the host is slow
        self.http_busy = False
        self._behind = None  # what its HTTP client does in the background

    @property
    def links(self):
        """The links that are open, a list."""
        links = [c.link for c in self._open if c.connected]
        return links if self._link is None else [*links, self._link]

    # those that stay open --------------------------------------------------------------------
    @property
    def full(self):
        """True if no more can be opened."""
        return len(self._open) >= LIMIT

    def add(self, connection):
        """Keep a connection and return its id, the lowest that is free.

        It has: kind ("w" or "m"), id, link, connected, reads, poll(), lost(reason).
        """
        own = self._module.quirks.mqtt_id == "own"
        taken = [c.id for c in self._open if not own or c.kind == connection.kind]
        connection.id = min(n for n in range(LIMIT) if n not in taken)
        self._open.append(connection)
        return connection.id

    def remove(self, connection):
        """Forget a connection: its id is free."""
        if connection in self._open:
            self._open.remove(connection)

    def find(self, number, kind):
        """Return the connection of a kind with this id (text), or None."""
        for connection in self._open:
            if connection.kind == kind and str(connection.id) == number:
                return connection
        return None

    def of_kind(self, kind):
        """List the connections of a kind."""
        return [c for c in self._open if c.kind == kind]

    # those of a command ----------------------------------------------------------------------
    def wait(self, link, done):
        """Wait until done() says so. It reads from the link; a generator."""
        self._link = link
        self._held = False
        self._module.clock.on_traffic()  # the server is about to answer
        yield done
        self._link = None

    def room(self):
        """Return how many bytes the line to the host takes now; 0: read nothing yet."""
        self._held = self._module.line.unsent >= _AHEAD
        return 0 if self._held else _AHEAD

    def go_on(self, step):
        """Let the HTTP client work in the background: step() is called until it says that it has
        ended."""
        self._behind = step
        self.http_busy = True

    # what the module calls -------------------------------------------------------------------
    def drop_all(self):
        """Close all without an indication: the module restarts."""
        for link in self.links:
            link.close()
        self._open = []
        self._link = self._behind = None
        self.http_busy = False

    def network_gone(self):
        """Do what the loss of the network does to them."""
        if self._link is not None:
            self._link.close()
        for connection in list(self._open):
            connection.lost(1)

    def poll(self):
        """Read what has arrived, and announce it."""
        if self._behind is not None and self._behind():
            self._behind = None
            self.http_busy = False
        for connection in list(self._open):
            connection.poll()

    def filenos(self):
        """Return the file descriptors of real connections that may bring something."""
        files = [c.link.fileno() for c in self._open if c.reads]
        if self._link is not None and not self._held:
            files.append(self._link.fileno())
        return [f for f in files if f is not None and f >= 0]
