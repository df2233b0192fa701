"""Files that a call keeps on the module for itself, such as a body that is sent.

A call that is broken off, by Ctrl-C for example, cannot remove its file any more: its steps are
over. Then the file is removed as soon as the line is free: any other call of the radio or its
sockets sees to that.
"""

from ..at.exchange import RUNNING, Exchange
from ..commands import filesystem as fs
from ..const import const
from ..errors import ModuleError
from ..net.pool import SocketPool

_TRIES = const(3)


class Leftovers:
    """The files of a radio that are to be removed: a job of the pool. See leftovers_of().

    busy: the numbers of the HTTP requests that are under way, and the names of the attachments.
    """

    def __init__(self, radio):
        self._radio = radio
        self.busy = []
        self._names = []
        self._exchange = Exchange()
        self._removes = None  # the file that the exchange removes
        self._tries = 0

    def has(self, name):
        """True if a file is to be removed."""
        return name in self._names

    def holding(self, name, steps):
        """Steps: run `steps`, which write the file `name` (str), and remove it then."""
        if name in self._names:  # of an earlier call; the steps write it anew
            self._names.remove(name)
        removed = False
        try:
            try:
                result = yield from steps
            except OSError as e:
                removed = yield from self._remove(name, isinstance(e, ModuleError))
                raise
            removed = yield from self._remove(name, True)
            return result
        finally:
            if not removed:
                self._names.append(name)
                self._tries = _TRIES
                SocketPool(self._radio).add_job(self, False)

    def _remove(self, name, answers):
        """Steps: remove a file, if the module answers; True if it has answered."""
        channel = self._radio.channel
        if not answers and not channel.in_step():
            return False
        try:
            yield from fs.delete(channel, name, accept=fs.ANY)
        except OSError:
            return False
        return True

    def poll(self):
        """As a job: True when it is over."""
        exchange = self._exchange
        if exchange.code == RUNNING:
            return False
        name, self._removes = self._removes, None
        if name is not None:
            if exchange.code < 0:
                self._tries -= 1
            elif name in self._names:
                self._names.remove(name)
        if not self._names or not self._tries:
            return True
        name = self._names[0]
        exchange.prepare(("AT+S.FSD=%s\r" % name).encode(), None, 15000)
        if self._radio.channel.start(exchange):
            self._removes = name
        return False


def leftovers_of(radio):
    """The Leftovers of a radio."""
    if radio.leftovers is None:
        radio.leftovers = Leftovers(radio)
    return radio.leftovers
