"""What other drivers of this module send, replayed: their commands, our line.

mbed's SPWFSA04 switches the indications off around each read of at most 730 bytes (three SCFG),
asks SOCKQ because it may have missed some, reads, and switches them on again. TinyCLR's asks
SOCKQ before each read, and reads what it says. [protocol g.3, g.7, k.1, k.2]
"""

from bench import line

_OFF = [b"AT+S.SCFG=console_wind_off_%s,0xFFFFFFFF\r" % m for m in (b"low", b"medium", b"high")]
_ON = [b"AT+S.SCFG=console_wind_off_%s,0x00000000\r" % m for m in (b"low", b"medium", b"high")]


class Replay:
    """One command after the other on a stage, each as soon as the one before it has ended."""

    def __init__(self, stage):
        self._stage = stage
        # Our driver does the joining, which is not measured
        self._uart = stage.uart
        stage.driver()

    def _until(self, seen, ends):
        while not ends(seen):
            if self._uart.any():
                seen += self._uart.read()
            else:
                self._stage.clock.idle()

    def command(self, command):
        """Send a command line, with its data; return the reply, and what came before its end."""
        self._uart.write(command)
        seen = bytearray()
        self._until(seen, lambda seen: seen.endswith(b"AT-S.OK\r\n"))
        return bytes(seen)

    def read(self, n):
        """SOCKR: return how many bytes came."""
        self._uart.write(b"AT+S.SOCKR=0,%d\r" % n)
        seen = bytearray()
        self._until(seen, lambda seen: seen.find(b"\n", seen.find(b"AT-S.Reading:") + 1) >= 0)
        at = seen.find(b"AT-S.Reading:")
        self._until(seen, lambda seen: seen.find(b"\n", at) >= 0)
        n = int(seen[at + 13 :].split(b":")[0])
        start = seen.find(b"\n", at) + 1
        self._until(seen, lambda seen: seen.find(b"AT-S.OK\r\n", start + n) >= 0)
        return n

    def query(self):
        """SOCKQ: return the bytes that wait."""
        reply = self.command(b"AT+S.SOCKQ=0\r")
        return int(reply[reply.find(b"AT-S.Query:") + 11 :].split(b"\r")[0])

    def mbed(self, most):
        """One read as mbed's driver does it."""
        for command in _OFF:
            self.command(command)
        waiting = self.query()
        n = self.read(min(waiting, most, 730)) if waiting else 0
        for command in _ON:
            self.command(command)
        return n

    def tinyclr(self, most):
        """One read as TinyCLR's driver does it."""
        waiting = self.query()
        return self.read(min(waiting, most)) if waiting else 0


def receive(driver, baud, turnaround, chunk, total=100_000):
    """Bulk receive in the manner of driver, "mbed" or "tinyclr"."""
    stage = line.Stage(baud, turnaround)
    replay = Replay(stage)
    replay.command(b"AT+S.SOCKON=stream.example,80,NULL,t\r")

    def work():
        got = 0
        while got < total:
            got += getattr(replay, driver)(chunk)
        return got

    return stage.measured(work)


def get(driver, baud=115200, turnaround=3):
    """A bare GET in the manner of driver."""
    stage = line.Stage(baud, turnaround)
    replay = Replay(stage)

    def work():
        replay.command(b"AT+S.SOCKON=web.example,80,NULL,t\r")
        replay.command(b"AT+S.SOCKW=0,%d\r" % len(line.REQUEST) + line.REQUEST)
        got = 0
        while got < len(line.PAGE):
            got += getattr(replay, driver)(len(line.PAGE))
        replay.command(b"AT+S.SOCKC=0\r")
        return 500

    return stage.measured(work)
