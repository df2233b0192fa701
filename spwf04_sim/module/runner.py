"""The command that runs: one at a time, from its line to its final line.

A command is a function of commands/. One that takes time is a generator, which yields how many
milliseconds it waits, or a function that says whether it goes on. While it runs the console takes
in nothing, as on the hardware; indications may still fall between its lines. [a.4]
"""

from spwf04.at import secret

from .. import commands
from . import firmware


class Runner:
    """Carries out the commands of a SimulatedModule. log: their lines, secrets masked. count: how
    many there were."""

    def __init__(self, module):
        self._module = module
        self.log = []
        self.count = 0
        self._name = ""  # of the command that runs
        self._running = None  # its generator
        self._resume = None  # a function that says whether it goes on
        self._held = []  # indications that wait for its end

    @property
    def busy(self):
        """True while a command runs."""
        return self._running is not None

    def stop(self):
        """Forget the command that runs: the module restarts."""
        self._running = self._resume = None
        self._held.clear()

    def hold(self, data):
        """Send an indication when the command has ended."""
        self._held.append(data)

    # before ----------------------------------------------------------------------------------
    def note(self, line):
        """Log a command line without its secrets. Of a line that is no command only the size is
        logged: it may be a payload whose command was refused."""
        self.count += 1
        if line.lstrip(b"\0 ")[:2].upper() != b"AT":
            self.log.append(f"({len(line)} bytes that are no command)")
            return
        size = secret.shown(line, self._delimiter())
        text = line[:size].decode("latin-1")
        self.log.append(text if size == len(line) else text + "********")

    def parse(self, line):
        """Return a commands.Call for the line, or None if an error answers it."""
        self.note(line)
        call, error = commands.parse(self._module, line, bytes((self._delimiter(),)))
        if error:
            self._answer_later(error)
            return None
        self._name = call.name
        fault = self._module.faults.answer(call.name) or firmware.refusal(self._module, call.name)
        if fault == "hang":
            self._running = iter(())  # only a reset ends it
            return None
        if fault is not None:
            if call.wants is None:
                self._answer_later(fault)
                return None
            call.refusal = fault
        return call

    def refuse(self, call):
        """Answer a command whose data are refused before they come."""
        self._answer_later(call.refusal)

    def _delimiter(self):
        return int(self._module.variables["console_delimiter"], 16)

    def _answer_later(self, error):
        self._running = iter(())
        self._module.after(self._module.timing.turnaround, self._end, error)

    # while it runs ---------------------------------------------------------------------------
    def execute(self, call, data):
        """Run a command."""
        if call.refusal is not None and call.wants is not None:
            return  # the host has its error already; these are its data
        self._running = commands.run(self._module, call, data)
        self._module.after(self._module.timing.turnaround, self._go_on)

    def resume(self):
        """Go on with a command whose wait is over; True if there was one."""
        if self._resume is None or not self._resume():
            return False
        self._go_on()
        return True

    def _go_on(self):
        self._resume = None
        running = self._running
        if running is None:
            return
        try:
            wait = next(running)
        except StopIteration as stop:
            if self._running is running:
                self._end(stop.value)
            return
        if self._running is not running:  # a server of a test has restarted the module
            return
        if callable(wait):
            self._resume = wait
        else:
            self._module.after(wait, self._go_on)

    def _end(self, error):
        """End the command. error: None for OK, a number, "reset" for a restart, or "silence" for
        no final line."""
        module = self._module
        late = module.faults.late(self._name)
        if late:
            module.after(late, self._end, error)
            return
        if error is None:
            module.replies.ok()
        elif error == "reset":
            if module.quirks.reset_ok:
                module.replies.ok()
            self._running = None
            module.software_reset()
            return
        elif error != "silence":
            module.replies.error(error)
        self._running = None
        firmware.ended(module, self._name)
        for data in self._held:
            module.emit(data)
        self._held.clear()
