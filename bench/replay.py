"""Replays what other drivers of this module send: their commands, on our line.

mbed's SPWFSA04 learns from indications how much waits, in pieces of at most 730 bytes; it asks
SOCKQ when it knows of no piece. Before it reads a piece it switches the indications off by three
SCFG, and on again after it; it misses the indications in between. Before it closes it asks SOCKQ.
TinyCLR's driver asks SOCKQ before each read, and reads as much as that says, into the caller's
buffer. [b.4, g.3, g.7, k.1, k.2]
"""

from bench import line

_MASK = b"AT+S.SCFG=console_wind_off_%s,%s\r"
_OFF = [_MASK % (m, b"0xFFFFFFFF") for m in (b"low", b"medium", b"high")]
# mbed's own masks [a.4]
_ON = [
    _MASK % (b"high", b"0x00100000"),
    _MASK % (b"medium", b"0x80000000"),
    _MASK % (b"low", b"0x00000000"),
]
_PIECE = 730


class Replay:
    """Sends commands on a stage, each as soon as the one before has ended."""

    def __init__(self, stage):
        self._stage = stage
        self._uart = stage.uart
        stage.driver()  # joins, which is not measured
        self._rest = bytearray()  # bytes that have come and were not read yet
        self._pieces = []  # sizes of what waits in the module, from the indications

    def _more(self):
        data = self._uart.read()
        if data:
            self._rest += data
        else:
            self._stage.clock.idle()

    def _line(self):
        """Return the next line that is no indication."""
        while True:
            at = self._rest.find(b"\n") + 1
            if not at:
                self._more()
                continue
            text = bytes(self._rest[:at])
            del self._rest[:at]
            if not text.startswith(b"+WIND:"):
                return text
            self._indication(text)

    def _indication(self, text):
        if text.startswith(b"+WIND:55:"):
            self._waits(int(text.split(b":")[6]))

    def _waits(self, cumulated):
        new = cumulated - sum(self._pieces)
        while new > 0:
            self._pieces.append(min(new, _PIECE))
            new -= _PIECE

    def _listen(self):
        """Read the indications that have arrived completely."""
        self._rest += self._uart.read() or b""
        while self._rest.startswith(b"+") and b"\n" in self._rest:
            text, _, self._rest = self._rest.partition(b"\n")
            self._indication(text)

    def command(self, command):
        """Send a command line with its data; return the reply without its final line."""
        self._uart.write(command)
        lines = []
        while (text := self._line()) != line.OK:
            lines.append(text)
        return lines

    def read(self, n):
        """Read by SOCKR; return how many bytes came."""
        self._uart.write(b"AT+S.SOCKR=0,%d\r" % n)
        n = int(self._line().split(b":")[1])
        while len(self._rest) < n:
            self._more()
        del self._rest[:n]
        if self._line() != line.OK:
            raise ValueError("no OK after the payload")
        return n

    def query(self):
        """Ask SOCKQ; return how many bytes wait."""
        return int(self.command(b"AT+S.SOCKQ=0\r")[0].split(b":")[1])

    def mbed(self, most):
        """Read once as mbed's driver does, which would keep what the caller has no room for."""
        self._listen()
        if not self._pieces:
            self._waits(self.query())
        if not self._pieces:
            return 0
        for command in _OFF:
            self.command(command)
        n = self.read(self._pieces.pop(0))
        for command in _ON:
            self.command(command)
        return n

    def tinyclr(self, most):
        """Read once as TinyCLR's driver does."""
        waiting = self.query()
        return self.read(min(waiting, most)) if waiting else 0


def receive(driver, baud, turnaround, chunk, total=line.TOTAL):
    """Receive much as driver does, "mbed" or "tinyclr"."""
    stage = line.Stage(baud, turnaround)
    replay = Replay(stage)
    replay.command(b"AT+S.SOCKON=stream.example,80,NULL,t\r")
    read = getattr(replay, driver)
    read(chunk)

    def work():
        got = 0
        while got < total:
            got += read(chunk)
        return got

    return stage.measured(work)


def send(driver, baud, turnaround, chunk, total=line.TOTAL):
    """Send much: mbed's driver in pieces of 730 bytes, TinyCLR's in whole chunks."""
    stage = line.Stage(baud, turnaround)
    replay = Replay(stage)
    replay.command(b"AT+S.SOCKON=sink.example,80,NULL,t\r")
    if driver == "mbed":
        chunk = min(chunk, _PIECE)
    data = bytes(chunk)

    def work():
        sent = 0
        while sent < total:
            replay.command(b"AT+S.SOCKW=0,%d\r%b" % (chunk, data))
            sent += chunk
        return sent

    return stage.measured(work)


def get(driver, baud=115200, turnaround=3):
    """Do a bare GET as driver does."""
    stage = line.Stage(baud, turnaround)
    replay = Replay(stage)

    def work():
        replay.command(b"AT+S.SOCKON=web.example,80,NULL,t\r")
        replay.command(b"AT+S.SOCKW=0,%d\r%b" % (len(line.REQUEST), line.REQUEST))
        got = 0
        while got < len(line.PAGE):
            got += getattr(replay, driver)(len(line.PAGE))
        if driver == "mbed":
            replay.query()
        replay.command(b"AT+S.SOCKC=0\r")
        return line.BODY

    return stage.measured(work)
