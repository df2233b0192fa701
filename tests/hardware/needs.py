"""What a real module cannot give, and how a scenario says that it needs it.

A scenario declares its needs by what it does: by the methods of the bench that it calls, and by
the commands that it has the driver send. Nothing here is a list of scenarios.
"""

from spwf04.at import secret
from spwf04_sim.logs.forms import parse

# Commands that change what the module keeps, and that cannot be taken back
_NEVER = frozenset("WCFG FCFG FWUPDATE FSUPDATE FSM FSU UPDATE".split())
# Commands that write files or certificates; the run removes them at its end
_WRITES = frozenset("FSC FSD FSR TFTPGET TLSCERT WPAECERT".split())
# They write one if they have this argument
_MAY_WRITE = {"HTTPGET": 6, "HTTPPOST": 6}


class NeedsSimulation(BaseException):
    """A scenario needs something that only the simulated module has. It is no Exception, so that
    no scenario takes it for an error of the driver."""


def writes(command):
    """True if a command (bytes) writes to the module's flash, as far as anyone knows."""
    form = parse(command.decode("latin-1").strip())
    if form is not None and form.name in _MAY_WRITE:
        return form.argument(_MAY_WRITE[form.name]) != ""
    if form is None or form.name not in _WRITES:
        return False
    return form.argument(0).lower() != "content"


class Watch:
    """Stands before a channel's start(): each command of a scenario is looked at before it is
    sent, and noted in bench.said with secrets masked."""

    def __init__(self, channel, bench):
        self._begin = channel.start
        self._bench = bench
        channel.start = self._start

    def _start(self, exchange):
        chain = []  # what follows is sent by the channel, without another start()
        if not exchange.follows:
            link = exchange
            while link is not None:
                self._judge(link.command)
                chain.append(link.command)  # as the driver has made it
                link.command = self._bench.addressed(link.command)
                link = link.then
        begun = self._begin(exchange)
        for command in chain if begun else ():
            self._bench.note(secret.masked(command.strip()))
        return begun

    def _judge(self, command):
        form = parse(command.decode("latin-1").strip())
        if form is None:
            return
        if form.name in _NEVER:
            raise NeedsSimulation(f"a module whose settings may change ({form.name})")
        if form.name == "SSIDTXT":
            network = command.partition(b"=")[2].strip().decode("utf-8", "replace")
            if network != self._bench.ssid:
                raise NeedsSimulation(f"a network called {network!r}")
        if writes(command):
            self._bench.written = True
            if not self._bench.may_write:
                raise NeedsSimulation(f"--write-flash ({form.name})")
