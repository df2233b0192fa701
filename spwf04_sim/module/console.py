"""The console: it makes command lines and their data of the bytes from the host.

It reads a line, or the bytes of data that a line announced, however long they take to come. [a.2]
While a command runs the bytes wait. LF outside data is ignored; NUL is kept.
"""

_LINE_MAX = 512


class Console:
    """The console of a SimulatedModule; its runner executes what is complete.

    waiting: bytes that it has not looked at yet.
    """

    def __init__(self, module):
        self._module = module
        self.reset()

    def reset(self):
        """Forget everything, as a boot does."""
        self.waiting = bytearray()
        self._line = bytearray()
        self._last = b""  # the last command line, for the repeater
        self._too_long = False
        self._pending = None  # the parsed command whose data are awaited
        self._data = bytearray()
        self._missing = 0

    def feed(self, data):
        """Take bytes from the host."""
        if not self._module.power.asleep:
            self.waiting += data

    def run(self):
        """Look at what waits until a command runs; True if anything waited."""
        before = len(self.waiting)
        while self.waiting and not self._module.busy:
            if self._pending is not None:
                self._take_data()
            elif self._line:
                self._take_rest()
            else:
                self._take_byte(self.waiting.pop(0))
        return len(self.waiting) != before

    def _take_data(self):
        part = self.waiting[: self._missing]
        del self.waiting[: len(part)]
        self._data += part
        self._missing -= len(part)
        if not self._missing:
            command, self._pending = self._pending, None
            self._module.runner.execute(command, bytes(self._data))

    def _take_rest(self):
        """Take what has come of a line that has begun, in one piece: bytes one by one are slow."""
        end = self.waiting.find(b"\r")
        stop = end if end >= 0 else len(self.waiting)
        part = self.waiting[:stop].replace(b"\n", b"")
        del self.waiting[: stop + 1]
        room = _LINE_MAX - len(self._line)
        self._line += part[:room]
        self._too_long = self._too_long or len(part) > room
        if end >= 0:
            self._take_byte(13)

    def _take_byte(self, byte):
        if byte == 10:
            return
        if not self._line and self._last and self._repeats(byte, "at once"):
            self._end_of_line(self._last, False)
            return
        if byte != 13:
            if len(self._line) < _LINE_MAX:
                self._line.append(byte)
            else:
                self._too_long = True
            return
        line, too_long = bytes(self._line), self._too_long
        self._line.clear()
        self._too_long = False
        self._end_of_line(line, too_long)

    def _repeats(self, byte, when):
        module = self._module
        repeater = int(module.variables["console_repeater"], 16)
        return byte == repeater and module.quirks.repeater == when

    def _end_of_line(self, line, too_long):
        module = self._module
        if len(line) == 1 and self._last and self._repeats(line[0], "line"):
            line = self._last
        elif line and not too_long:
            self._last = line
        if module.variables["console_echo"] != "0":
            module.emit(line + b"\r\n")
        if not line:
            answer = module.quirks.empty_line
            if answer == "ok":
                module.replies.ok()
            elif answer == "error":
                module.replies.error(1)
            return
        if too_long:
            module.runner.note(line)
            module.replies.error(32)
            return
        command = module.runner.parse(line)
        if command is None:
            return
        if command.wants is None:
            module.runner.execute(command, None)
        elif command.refusal is not None:
            if module.quirks.refused_payload == "swallowed" and command.wants > 0:
                self.open_data(command, command.wants)
            else:
                module.runner.refuse(command)
        else:
            self.open_data(command, command.wants)

    def open_data(self, command, size):
        """Await so many bytes of data for a command."""
        self._data = bytearray()
        self._missing = size
        self._pending = command
        if command.refusal is not None:
            # The error comes at once; the data are dropped when they come [l.6]
            self._module.runner.refuse(command)
