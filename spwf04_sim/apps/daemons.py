"""The servers in the module that run by themselves: web, TFTP. [j.1, j.2]"""


class Daemons:
    """The servers of a SimulatedModule. They run while it has an address, if the configuration
    says so (ip_use_httpd, ip_use_tftpd)."""

    def __init__(self, module):
        self._module = module

    def network_up(self):
        """Start those that the configuration wants."""

    def network_gone(self):
        """Stop all."""

    def drop_all(self):
        """Stop all: the module restarts."""
        self.network_gone()

    def poll(self):
        """Serve what has arrived."""

    def filenos(self):
        """Return the file descriptors of real connections that may bring something."""
        return []
