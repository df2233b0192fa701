"""Shows or records what goes over the UART. Costs nothing until it is imported.

    radio = SPWF04(uart, debug=print)          # or later: trace(radio, print)
    with open("bug.txt", "w") as f:
        record(radio, f.write)                 # a file that can be replayed: spwf04_sim.Playback
        ...
    stop(radio)

Each line has the time in ms, the direction and the text:

    1204 > AT+S.SOCKW=0,18
    1204 >> 18
    1209 < AT-S.OK

Passwords and keys are replaced by asterisks, and of payloads only the length is shown, unless
payload=True: then what you send and receive is in it, as hexadecimal digits. Certificates and
keys that go to the module are never shown.
"""

from .checks import flag
from .checks import radio as checked

# variables whose values are secret, and commands whose payload is
_SECRET = (b"psk", b"wep_key", b"aes128_key", b"password", b"pwd")
_CERTIFICATES = (b"TLSCERT", b"FSC", b"WPAECERT")
# commands with a user's name and password among their arguments: only the host is shown
_LOGIN = (b"HTTP", b"MQTTCONN", b"WSOCKON", b"SMTP", b"FWUPDATE", b"FSUPDATE")


def trace(radio, show=print, payload=False):
    """Call show(line) for each line, str without its end, and each payload."""
    if not callable(show):
        raise TypeError("show must be a function, not " + type(show).__name__)
    payload = flag(payload, "payload")
    stop(radio)
    radio.channel.port.uart = _UART(radio.channel, show, payload)


def record(radio, write, payload=False):
    """Call write(text) with the same lines, ended by LF."""
    if not callable(write):
        raise TypeError("write must be a function, not " + type(write).__name__)
    payload = flag(payload, "payload")
    checked(radio)
    write("# spwf04 trace 1\n")
    trace(radio, lambda line: write(line + "\n"), payload)


def stop(radio):
    """No more."""
    uart = checked(radio).channel.port.uart
    if isinstance(uart, _UART):
        radio.channel.port.uart = uart.uart


def masked(line):
    """A line (bytes) as str, without its secrets; bytes that are not ASCII as backslash codes."""
    low = line.lower()
    for word in _SECRET:
        at = low.find(word)
        if at >= 0:
            # after the name: "=" or the delimiter, whatever it is now
            while at < len(line) and (low[at : at + 1].isalpha() or line[at] in b"_0123456789[]"):
                at += 1
            line = line[: at + 1] + b"********" if at < len(line) else line
            break
    else:
        for word in _LOGIN:
            if low.startswith(b"at+s." + word.lower()):
                at = line.find(b",")
                line = line[: at + 1] + b"********" if at >= 0 else line
    text = ""
    for c in line:
        text += chr(c) if 32 <= c < 127 and c != 92 else "\\x%02x" % c
    return text


class _UART:
    """Stands before the UART."""

    def __init__(self, channel, show, payload):
        self.channel = channel
        self.uart = channel.port.uart
        self._show = show
        self._payload = payload
        self._line = bytearray()  # from the module
        self._data = bytearray()  # of a payload, if it is shown
        self._count = 0
        self._left = 0  # bytes of a payload that are still to come
        self._way = "<<"

    def __getattr__(self, name):
        return getattr(self.uart, name)

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
        n = self.uart.readinto(buffer, *size)
        if n:
            self._heard(memoryview(buffer)[:n])
        return n

    def _heard(self, chunk):
        i = 0
        while i < len(chunk):
            if self._left:
                part = chunk[i : i + self._left]
                self._left -= len(part)
                self._carry("<<", part, len(part), self._payload)
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
                self._tell("<", masked(line))
                if line.startswith(b"AT-S.Reading:"):
                    digits = line[13:].split(b":")[0]
                    self._left = int(digits) if digits.isdigit() and len(digits) < 6 else 0
            elif len(self._line) < 600:
                self._line.append(c)

    def write(self, data, at=0, size=-1):
        """As the UART's: all of data, or `size` bytes from `at` on."""
        channel = self.channel
        exchange = channel._exchange
        n = self.uart.write(data) if size < 0 else self.uart.write(data, at, size)
        part = bytes(memoryview(data)[at : at + (n or 0)])
        if not part:
            return n
        if exchange is not None and exchange.payload is not None and channel._tx is not None:
            if channel._tx is exchange.payload:
                shown = self._payload
                for word in _CERTIFICATES:
                    shown = shown and not exchange.command[5:].startswith(word)
                self._carry(">>", part, len(part), shown)
                if channel._at + len(part) == channel._end:
                    self._payload_done()
                return n
        self._payload_done()
        if not part.strip(b"\n"):
            self._tell(">", "(%d LF to end an open payload)" % len(part))
        elif channel._at == 0:
            self._tell(">", masked(part[:-1] if part.endswith(b"\r") else part))
        return n
