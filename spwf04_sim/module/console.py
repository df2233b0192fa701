"""The module's end of the line: bytes in, command lines and their data out.

States: reading a line; reading the announced bytes of a data phase, for ever if need be. [a.2]
While a command runs nothing is looked at: bytes wait. LF outside data is ignored; NUL is kept.
"""

_LINE_MAX = 512


class Console:
    """Feeds complete commands to `module.execute(line, data)`."""

    def __init__(self, module):
        self._module = module
        self.reset()

    def reset(self):
        """As after a boot: nothing is remembered."""
        self.waiting = bytearray()
        self._line = bytearray()
        self._too_long = False
        self._pending = None  # the parsed command whose data are awaited
        self._data = bytearray()
        self._missing = 0

    def feed(self, data):
        """Bytes from the host."""
        self.waiting += data

    def run(self):
        """Work off what waits, as far as the module is free; True if it was anything."""
        before = len(self.waiting)
        while self.waiting and not self._module.busy:
            if self._pending is not None:
                self._take_data()
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

    def _take_byte(self, byte):
        if byte == 10:
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

    def _end_of_line(self, line, too_long):
        module = self._module
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
        self._data = bytearray()
        self._missing = size
        self._pending = command
        if command.refusal is not None:
            # The error is told at once; the data are swallowed when they come. [l.6]
            self._module.runner.refuse(command)
