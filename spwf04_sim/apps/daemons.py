"""The servers in the module that run by themselves: web, TFTP. [j.1, j.2]"""

from ..world.clock import RealClock
from .remote import Remote
from .ssi import Input
from .tftpd import TftpServer
from .web import WebServer

_KINDS = {80: ("ip_use_httpd", WebServer), 69: ("ip_use_tftpd", TftpServer)}


class Daemons:
    """The servers of a SimulatedModule. They run while it has an address, if the configuration
    says so (ip_use_httpd, ip_use_tftpd) when it gets it.

    servers: {port of the module: server}; a server's address tells where on loopback it really
    is, and so does world.listening[port]. input: what INPUTSSI has given. remote: the remote
    configuration.
    """

    def __init__(self, module):
        self._module = module
        self.servers = {}
        self.input = Input()
        self.remote = Remote(module)

    def network_up(self):
        """Start those that the configuration wants."""
        used = [s.port for s in self._module.socket_table.servers if s is not None]
        for port, (variable, kind) in _KINDS.items():
            if self._module.variables[variable] == "1" and port not in self.servers:
                if port not in used:
                    self.servers[port] = kind(self._module)
                    self._module.world.listening[port] = self.servers[port].address

    def network_gone(self):
        """Stop all."""
        for port in list(self.servers):
            self._stop(port)

    def drop_all(self):
        """Stop all: the module restarts."""
        self.network_gone()
        self.input = Input()
        self.remote = Remote(self._module)

    def give_way(self, port, kind):
        """A socket of the host is to listen on a port. Return False if a server here has it."""
        own = self.servers.get(port)
        if own is None or (kind == "u") != isinstance(own, TftpServer):
            return True
        if self._module.quirks.web_port == "refused":
            return False
        self._stop(port)
        return True

    def _stop(self, port):
        server = self.servers.pop(port)
        server.close()
        listening = self._module.world.listening
        if listening.get(port) == server.address:
            del listening[port]

    def poll(self):
        """Serve what has arrived."""
        for server in list(self.servers.values()):  # a request may end the network
            server.poll()

    def filenos(self):
        """Return the file descriptors of real connections that may bring something.

        A virtual clock waits for those of clients only: nobody may ever come.
        """
        files = [f for server in self.servers.values() for f in server.filenos()]
        if isinstance(self._module.clock, RealClock):
            files += [server.fileno() for server in self.servers.values()]
        return files
