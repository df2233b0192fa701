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
        self._data = None  # bytes of an open data phase
        self._missing = 0
        self._pending = None  # the parsed command they belong to

    @property
    def in_data_phase(self):
        """True while the module waits for data."""
        return self._data is not None

    def feed(self, data):
        """Bytes from the host."""
        self.waiting += data

    def run(self):
        """Work off what waits, as far as the module is free."""
        module = self._module
        while self.waiting and not module.busy:
            if self._data is not None:
                part = self.waiting[: self._missing]
                del self.waiting[: len(part)]
                self._data += part
                self._missing -= len(part)
                if not self._missing:
                    command, data = self._pending, bytes(self._data)
                    self._data = self._pending = None
                    module.execute(command, data)
                continue
            byte = self.waiting.pop(0)
            if byte == 10:
                continue
            if byte != 13:
                if len(self._line) < _LINE_MAX:
                    self._line.append(byte)
                else:
                    self._too_long = True
                continue
            line, too_long = bytes(self._line), self._too_long
            self._line.clear()
            self._too_long = False
            self._end_of_line(line, too_long)

    def _end_of_line(self, line, too_long):
        module = self._module
        if module.echo:
            module.emit(line + b"\r\n")
        if not line:
            answer = module.quirks.empty_line
            if answer == "ok":
                module.ok()
            elif answer == "error":
                module.error(1)
            return
        if too_long:
            module.note(line)
            module.error(32)
            return
        command = module.parse(line)
        if command is None:
            return
        if command.wants is None:
            module.execute(command, None)
        elif command.refusal is not None:
            if module.quirks.refused_payload == "swallowed" and command.wants > 0:
                self._open(command, command.wants)
            else:
                module.refuse(command)
        else:
            self._open(command, command.wants)

    def _open(self, command, size):
        self._data = bytearray()
        self._missing = size
        self._pending = command
        if command.refusal is not None:
            # The error is told at once; the data are swallowed when they come. [l.6]
            self._module.refuse(command)
