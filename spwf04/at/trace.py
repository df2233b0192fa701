"""Shows or records what goes over the UART. It costs nothing until it is used.

    radio = SPWF04(uart, debug=print)          # or later: trace(radio, print)
    radio = SPWF04(uart, debug=record("bug.txt"))   # a file that can be played again
    with open("bug.txt", "w") as f:
        record(radio, f.write)                 # the same of a part of the program
        ...
    stop(radio)

spwf04_sim.Playback plays such a file.

Each line has the time in ms, the direction and the text:

    1204 > AT+S.SOCKW=0,18
    1204 >> 18
    1209 < AT-S.OK

">" is what the host sends, "<" what the module sends; ">>" and "<<" are payloads. Passwords and
keys are replaced by asterisks: secret.py has the table of them. Of a payload only the length is
shown. With payload=True its bytes are shown too, as hexadecimal digits, but never those of the
module's files and certificates.
"""

from ..checks import flag
from ..checks import radio as checked
from .secret import masked, shown
from .secret import payload as stored

_HEAD = "# spwf04 trace 1\n"
_ENDLESS = 1 << 24  # bytes of a payload whose length nobody knows


def trace(radio, show=print, payload=False):
    """Call show(line) for each line and each payload from now on.

    radio: SPWF04. show: function of a str without a line end. payload: show the bytes of what
    sockets send and receive. TypeError.
    """
    if not callable(show):
        raise TypeError("show must be a function, not " + type(show).__name__)
    payload = flag(payload, "payload")
    if type(show) is _File:
        payload = payload or show.payload
    stop(radio)
    radio.channel.uart.device = _Tap(radio.channel, show, payload)


def record(radio, write=None, payload=False):
    """Call write(text) with the lines of trace(), each ended by LF.

    write: a function of a str, such as a file's write. radio, payload: as trace() has them.

    record("bug.txt") is what debug= of SPWF04 takes: the lines go into that file from the first
    one on, and each is in it at once. stop() closes it. OSError if it cannot be written.
    """
    if isinstance(radio, str):
        if write is not None:
            raise TypeError("record(name) has no write: it writes into the file of that name")
        return _File(radio, flag(payload, "payload"))
    if not callable(write):
        raise TypeError("write must be a function, not " + type(write).__name__)
    payload = flag(payload, "payload")
    checked(radio)
    write(_HEAD)
    trace(radio, lambda line: write(line + "\n"), payload)


class _File:
    """Writes lines into a file, so that each is there whatever happens next."""

    def __init__(self, name, payload):
        self.payload = payload
        self._file = open(name, "w")
        self._file.write(_HEAD)

    def __call__(self, line):
        self._file.write(line + "\n")
        self._file.flush()

    def close(self):
        """Close the file."""
        self._file.close()


def stop(radio):
    """End trace() or record() of this radio."""
    tap = checked(radio).channel.uart.device
    if isinstance(tap, _Tap):
        radio.channel.uart.device = tap.device
        tap.close()


class _Tap:
    """Stands in the place of the UART, and hands everything on to it."""

    def __init__(self, channel, show, payload):
        self.channel = channel
        self.device = channel.uart.device
        self._show = show
        self._payload = payload
        self._line = bytearray()  # from the module
        self._data = bytearray()  # of a payload, if it is shown
        self._count = 0
        self._left = 0  # bytes of a payload that are still to come
        self._way = "<<"
        self._delimiter = 44  # what separates arguments
        self._secret = False  # the last command, or its payload, has a secret
        self._file = False  # the last command reads a file
        if channel.exchange is not None:
            self._judge(bytes(channel.exchange.command).strip())

    def __getattr__(self, name):
        return getattr(self.device, name)

    def close(self):
        """End the file that it writes, if it is one of record()."""
        if type(self._show) is _File:
            self._show.close()

    def _tell(self, way, text):
        self._show("%d %s %s" % (self.channel.clock.ticks_ms(), way, text))

    def _payload_done(self):
        if self._count:
            n = self._count
            self._count = 0
            text = str(n)
            if self._data:
                text += " " + "".join(["%02x" % c for c in self._data])
                self._data = bytearray()
            self._tell(self._way, text)

    def _carry(self, way, data, n, shown):
        if way != self._way:
            self._payload_done()
            self._way = way
        self._count += n
        if shown:
            self._data.extend(memoryview(data)[:n])

    def readinto(self, buffer, *size):
        """As the UART's."""
        n = self.device.readinto(buffer, *size)
        if n:
            self._heard(memoryview(buffer)[:n])
        return n

    def _heard(self, chunk):
        parser = self.channel.parser
        raw = hasattr(parser, "lines") and parser.head is None  # a stranger's bytes, see raw.py
        if raw or self._left >= _ENDLESS:
            self._left = 2 * _ENDLESS if raw else 0
        i = 0
        while i < len(chunk):
            if self._left:
                part = chunk[i : i + self._left]
                self._left -= len(part)
                self._carry("<<", part, len(part), self._payload and not self._secret)
                i += len(part)
                if not self._left:
                    self._payload_done()
                continue
            c = chunk[i]
            i += 1
            if c == 10:
                self._payload_done()
                line = bytes(self._line)
                self._line = bytearray()
                if line.endswith(b"\r"):
                    line = line[:-1]
                self._module_says(line)
            elif len(self._line) < 600:
                self._line.append(c)
                if c == 58 and self._line.startswith(b"+WIND:86:"):
                    self._message()

    def _message(self):
        """If the head of a message of MQTT is whole, its bytes are a payload."""
        parts = bytes(self._line).split(b":")
        if len(parts) > 10 and all([part.isdigit() for part in parts[-6:-1]]):
            if len(parts[-3]) < 6:
                self._module_says(bytes(self._line))
                self._line = bytearray()
                self._left = int(parts[-3])

    def _module_says(self, line):
        start = line.lstrip(b"\0")[:5]
        if self._secret and start not in (b"AT-S.", b"AT+S.", b"+WIND"):
            self._tell("<", "********")  # it may be the rest of the command's echo
            return
        self._tell("<", masked(line, self._delimiter))
        if start != b"AT-S.":
            return
        if hasattr(self.channel.parser, "lines") and line.startswith(b"AT-S.Http Server Status"):
            self._left = 2 * _ENDLESS
        if line.startswith(b"AT-S.Var:console_delimiter="):
            self._delimiter = _code(line[27:])
        parts = line.split(b":")
        if parts[0] == b"AT-S.Reading" or (self._file and parts[0] != b"AT-S.ERROR"):
            digits = parts[1] if len(parts) > 1 else b""
            self._left = int(digits) if digits.isdigit() and len(digits) < 6 else 0

    def _host_says(self, line):
        self._tell(">", masked(line, self._delimiter))
        self._judge(line.strip())

    def _judge(self, line):
        """Note what a command means for the lines that follow it."""
        self._secret = shown(line, self._delimiter) < len(line) or stored(line)
        self._file = line[:9] == b"AT+S.FSP="
        if line[:27] == b"AT+S.SCFG=console_delimiter":
            self._delimiter = _code(line[28:])

    def write(self, data, at=0, size=-1):
        """As the UART's: all of data, or `size` bytes from `at` on."""
        channel = self.channel
        exchange = channel.exchange
        n = self.device.write(data) if size < 0 else self.device.write(data, at, size)
        part = bytes(memoryview(data)[at : at + (n or 0)])
        if not part:
            return n
        if exchange is not None and exchange.payload is not None and channel.outgoing is not None:
            if channel.outgoing is exchange.payload:
                self._carry(">>", part, len(part), self._payload and not self._secret)
                if channel.out_at + len(part) == channel.out_end:
                    self._payload_done()
                return n
        self._payload_done()
        if not part.strip(b"\n"):
            self._tell(">", "(%d LF to end an open payload)" % len(part))
        elif channel.out_at == 0:  # the UART may take it in pieces: the first one shows it all
            line = part if channel.outgoing is None else bytes(channel.outgoing)
            self._host_says(line[:-1] if line.endswith(b"\r") else line)
        return n


def _code(value):
    """The byte that a value of console_delimiter means; 0: none."""
    try:
        return int(value, 16) if len(value) > 1 else ord(value)
    except (ValueError, TypeError):
        return 0
