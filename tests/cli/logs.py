"""UART logs for tests: sessions with the simulated module, written down in many ways.

A session is a list of (ms, way, bytes) in the order in which they came: way is ">" from the host,
"<" to the host. FORMS writes a session down as people and programs do.
"""

import html
import re

from spwf04_cli.uartlog import decode
from spwf04_cli.uartlog.findings import examine
from spwf04_sim import Peer, SimulatedModule, Timing, VirtualClock, World
from spwf04_sim.logs import reader
from spwf04_sim.parts.flash import Flash
from tests.shims.micropython import ROOT

TRANSCRIPTS = sorted((ROOT / "tests" / "sim" / "recordings").glob("*.txt"))
PSK = "correct horse"
HELLO = b"this is my hello world message\n"
# Bytes that look like the protocol, and bytes that no text has
AWKWARD = b"\x00\xff\r\nAT-S.OK\r\n+WIND:8:no\r\nAT+S.RESET\r\x80" + bytes(range(256))


class Talker(Peer):
    """A server that gives its one answer to whatever it gets."""

    answer = HELLO

    def on_data(self, data):
        self.send(self.answer)


class Session:
    """A host that types, a module that answers, and a log of both.

    saved: the module's configuration. answer: what the server says.
    """

    def __init__(self, saved=None, answer=HELLO, **more):
        world = World()
        world.add_access_point("home", PSK)
        talker = type("Talker", (Talker,), {"answer": answer})
        world.route("www.example.com", 80, talker)
        self.clock = VirtualClock(longest=20)
        flash = Flash(saved=saved or {"wifi_mode": "0"})
        more.setdefault("timing", Timing(baud=115200))
        self.module = SimulatedModule(world, clock=self.clock, flash=flash, **more)
        self.said = []
        self.module.traffic = self._heard

    def _heard(self, way, data):
        self.said.append((round(self.clock.now() * 1000), way, bytes(data)))

    def power_on(self):
        """Switch it on and let it start."""
        self.module.power_on()
        self.wait(2)

    def wait(self, seconds):
        """Let time pass."""
        end = self.clock.now() + seconds
        while self.clock.now() < end:
            self.clock.idle()
            self.module.transmit()

    def type(self, line, payload=b"", wait=1):
        """Send a command line, its CR, its payload."""
        self.module.receive(line.encode() + b"\r" + payload)
        self.wait(wait)


def everyday(echo=True, answer=HELLO, payload=b"GET / HTTP/1.0\r\n\r\n"):
    """A Session's list of a start, a join, a request and its answer."""
    session = Session(answer=answer)
    session.power_on()
    if not echo:
        session.type("AT+S.SCFG=console_echo,0")
    session.type("AT+S.WIFI=0")
    session.type("AT+S.SSIDTXT=home")
    session.type(f"AT+S.SCFG=wifi_wpa_psk_text,{PSK}")
    session.type("AT+S.SCFG=wifi_priv_mode,2")
    session.type("AT+S.SCFG=wifi_mode,1")
    session.type("AT+S.WIFI=1", wait=6)
    session.type("AT+S.SCAN=s,", wait=3)
    session.type("AT+S.SOCKON=www.example.com,80,,t")
    session.type(f"AT+S.SOCKW=0,{len(payload)}", payload)
    session.type("AT+S.SOCKC=0")
    session.type("AT+S.SOCKQ=0")
    session.type(f"AT+S.SOCKR=0,{len(answer)}")
    session.type("AT+S.SOCKC=0")
    session.type("AT+S.FSL")
    return session.said


# Ways of writing it down ----------------------------------------------------------------------


def lines(said):
    """[(ms, way, bytes)] with each line, command and piece of payload by itself."""
    found, kept = [], {">": b"", "<": b""}
    for ms, way, data in said:
        if way == "<" and kept[">"]:  # a payload without a line end
            found.append((ms, ">", kept[">"]))
            kept[">"] = b""
        kept[way] += data
        while match := re.match(rb"[^\r\n]*(?:\r\n|\r|\n)", kept[way]):
            if way == "<" and match[0].endswith(b"\r") and match.end() == len(kept[way]):
                break  # its LF is still to come
            found.append((ms, way, match[0]))
            kept[way] = kept[way][match.end() :]
    for way, rest in kept.items():
        if rest:
            found.append((said[-1][0], way, rest))
    return found


def raw(said, ways="><"):
    """The bytes as they came."""
    return b"".join(data for _, way, data in said if way in ways)


def _text(said, line):
    return "".join(line(ms, way, data) for ms, way, data in lines(said)).encode()


def _visible(data):
    return data.decode().replace("\r", "<cr>").replace("\n", "<lf>")


def _bare(data):
    return data.decode().replace("\r", "").rstrip("\n")


def _stamp(ms, dot="."):
    s = ms // 1000
    return f"{10 + s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}{dot}{ms % 1000:03}"


FORMS = {
    "bytes": raw,
    "markers": lambda said: _text(said, lambda ms, way, d: f"{way} {_bare(d)}\n"),
    "visible line ends": lambda said: _text(said, lambda ms, way, d: f"{way} {_visible(d)}\n"),
    "control pictures": lambda said: _text(
        said, lambda ms, way, d: d.decode().replace("\r", "␍").replace("\n", "␊") + "\n"
    ),
    "time stamps": lambda said: _text(
        said, lambda ms, way, d: f"[{_stamp(ms)}] {'TX' if way == '>' else 'RX'}: {_bare(d)}\n"
    ),
    "arrows": lambda said: _text(
        said, lambda ms, way, d: f"{_stamp(ms, ',')} {'-->' if way == '>' else '<--'} {_bare(d)}\n"
    ),
    "a web page": lambda said: _text(
        said, lambda ms, way, d: f"<p>{html.escape(way)} {html.escape(_bare(d))}</p>\r\n"
    ),
    "a terminal": lambda said: _text(said, lambda ms, way, d: _bare(d) + "\n"),
    "UTF-16": lambda said: FORMS["markers"](said).decode().encode("utf-16"),
    "hexadecimal": lambda said: _text(
        said, lambda ms, way, d: f"{'Host' if way == '>' else 'Module'}: {d.hex(' ')}\n"
    ),
}


def transcript(path):
    """The bytes of a recording of tests/sim/recordings, as [(0, way, bytes)]."""
    said = []
    for line in path.read_text().splitlines():
        if line.startswith("#"):
            continue
        if line[:2] not in ("> ", "< "):  # as a terminal shows it
            line = ("> " if line.startswith("AT+S.") else "< ") + line
        way, rest = line[0], line[2:]
        data = rest.replace("␍", "\r").replace("␊", "\n").encode()
        if way == ">" and data[:2].upper() != b"AT":  # the payload of the command before
            said[-1] = 0, ">", said[-1][2] + data
        else:
            ends = b"" if data != rest.encode() else b"\r" if way == ">" else b"\r\n"
            said.append((0, way, data + ends))
    return said


# What is found in it ---------------------------------------------------------------------------


def findings(data):
    """{name: Finding} of a log."""
    data = data.encode() if isinstance(data, str) else data
    heard = reader.read(data)
    return {f.name: f for f in examine(decode.decoded(heard), heard)}


def published(name):
    """The findings of a recording of tests/sim/recordings."""
    (path,) = [path for path in TRANSCRIPTS if path.stem == name]
    return findings(FORMS["markers"](transcript(path)))


def started():
    """A Session of a module that has started."""
    session = Session()
    session.power_on()
    return session


def joined():
    """A Session of a module in its network."""
    session = Session({"wifi_ssid": "home", "wifi_wpa_psk_text": "correct horse"})
    session.power_on()
    session.wait(5)
    return session
