"""The memory of a module: what its sockets, its TLS and its RAM disk take of it. [f.2]"""

from ..parts.flash import RAM

# Bytes. That they are taken is known, but each number is a GUESS
_WHOLE = 20123  # what is free of it when nothing is open
_SOCKET = 420
_TLS = 4200
_FILE = 0.2  # for a byte of a file on the RAM disk
_LEAST = 600  # below this a command gets error 91


class Heap:
    """The heap of a SimulatedModule, in bytes."""

    def __init__(self, module):
        self._module = module
        self.restart()

    def restart(self):
        """Have it whole again, as after a boot."""
        self._leaked = 0
        self._least = _WHOLE

    def free(self):
        """Return how much is free."""
        module = self._module
        table = module.socket_table
        clients = [c for c in table.clients if c is not None]
        clients += [c for s in table.servers if s is not None for c in s.clients if c is not None]
        used = len(clients) * _SOCKET
        used += sum(_TLS for c in clients if c.kind not in ("t", "u"))
        used += len(module.connections.links) * _SOCKET
        used += (module.flash.size(RAM) - module.flash.free(RAM)) * _FILE
        used += self._leaked + module.wifi.miniap.leaked
        free = max(0, _WHOLE - int(used))
        self._least = min(self._least, free)
        return free

    def least(self):
        """Return how much was free when it was least, since the boot."""
        self.free()
        return self._least

    def leak(self, size):
        """Lose so much until the next boot."""
        self._leaked += size

    def is_exhausted(self):
        """True if nothing can be done with what is free."""
        return self.free() < _LEAST
