"""Reads whose reply is damaged: one byte lost, doubled or changed, with a payload that lies.

A payload may hold lines that look like announcements, ends, indications. Whatever happens to a
byte of the reply, what a program receives is a beginning of what was sent, or an error.
"""

from tests.faults.exchanges import Server, Stage

# If a digit of "20" is lost, the payload seems to end where this shorter length ends. If the
# announcement is lost, one inside the payload takes its place
HOSTILE = {
    "header": b"AT-S.Reading:5:5\r\n\r\n\r\n\0\0",
    "short read": b"AT-S.Reading:2:2\r\nxxAT-S.OK\r\nAT-S.Reading:9:9\r\nforged",
    "two reads": b"AT-S.Reading:2:2\r\nxxAT-S.OK\r\nAT-S.Reading:60:60\r\nforged" + b"y" * 10,
    "end at 2": b"xxAT-S.OK:\r\nAT-S.Re",
    "end at 0": b"AT-S.OK\r\nAT-S.Reading:5:5\r\nwrong",
    "error": b"AT-S.ERROR:76:Illegal Socket ID\r\nAT-S.OK\r\n",
    "error at 2": b"xxAT-S.ERROR:7:\r\n:\r\n",
    "indication": b"+WIND:55:Pending Data::0:90:90\r\nAT-S.OK\r\n",
    "empty lines": b"\r\n\n\r\n\n\n\r\n\r\n\n\n\n\n\n",
    "NUL at its end": b"hello\0",
    "NULs": bytes(20),
    "LF at its end": b"hello, world\n",
    "CRs": b"\r\r\rAT-S.OK\r\r\r",
    "letters": b"AT-S.AT-S.AT-S.OK",
    "echo": b"AT+S.SOCKR=0,5\r\nAT\r\nAT-S.OK\r\n",
    "one byte": b"5",
    "information": b"AT-S.Skip CA\r\nAT-S.Reading:0:0\r\nAT-S.OK\r\n",
    "replies to others": b"xxAT-S.OK\r\nAT-S.Query:0\r\nAT-S.OK\r\nAT-S.OK\r\nAT-S.Var:nv_model="
    b"EVIL\r\nAT-S.OK\r\nAT-S.Reading:4:4\r\nevilAT-S.OK\r\n" + b"y" * 95,
    "glued to the end": b"xxAT-S.OK:",
    "error glued to the end": b"xxAT-S.ERROR:7:",
    "long, glued to the end": b"xxAT-S.OK:" + b"a" * 300,
    "indication glued to the end": b"xxAT-S.OK\r\n+WIND:52:GPIO",
    "long indication glued to the end": b"xxAT-S.OK\r\n+WIND:52:GPIO" + b"0" * 200,
    "no line end": b"xxAT-S.OK\r\n" + b"a" * 40,
    "colons": b":5:5\r\nAT-S.OK\r\n",
}
FAULTS = [("drop", {}), ("drop", {"n": 2}), ("drop", {"n": 3}), ("double", {}), ("noise", {})]
FAULTS += [("noise", {"data": b"\r\n"}), ("noise", {"data": b"\n"}), ("noise", {"data": b"\0"})]
FAULTS += [("flip", {"bit": bit}) for bit in range(8)]


class Damaged:
    """A socket that has `data` to read, and the outcome of reading it with a fault."""

    def __init__(self, data, quirks=None):
        self.data = data
        self.stage = stage = Stage(quirks)
        stage.clock.end = stage.clock.now() + 400
        stage.world.route("evil.example", 66, lambda: Server(data))
        stage.connect("evil.example", 66)
        self.error = None

    def reply(self):
        """Lengths in the reply to a read of all: (announcement, payload, end)."""
        head = len(b"AT-S.Reading:%d:%d\r\n" % (len(self.data), len(self.data)))
        return head, len(self.data), len(b"AT-S.OK\r\n")

    def receive(self, way, fault, at, options):
        """Receive all, with a fault at byte `at` of what the module sends from now on."""
        stage = self.stage
        stage.radio.channel.wait(lambda: stage.sock.stream.pending >= len(self.data), 2000)
        stage.module.faults.add(fault, at=at, **options)
        try:
            WAYS[way](stage, len(self.data))
        except OSError as e:
            self.error = e
        stage.module.faults.clear()

    def judge(self, where, altered=False):
        """Check that a beginning of data was received; `altered`: one byte may have changed."""
        got = bytes(self.stage.got)
        if altered:
            assert len(got) <= len(self.data), where
            assert sum(a != b for a, b in zip(got, self.data)) <= 1, where
        else:
            assert self.data.startswith(got), (where, got)
        assert self.error is not None or len(got) == len(self.data), (where, got)


def _whole(stage, n):
    stage.receive(n)


def _small(stage, n):
    while len(stage.got) < n:
        stage.got += stage.sock.recv(1)


def _pieces(stage, n):
    stage.pool.chunk = 16
    stage.receive(n)


def _stepwise(stage, n):
    stage.sock.settimeout(0)
    buffer = bytearray(n)
    end = stage.clock.now() + 60
    while len(stage.got) < n and stage.clock.now() < end:
        try:
            count = stage.sock.recv_into(buffer, n - len(stage.got))
        except OSError as e:
            if e.errno != 11:
                raise
            stage.clock.idle()
            continue
        stage.got += buffer[:count]


WAYS = {"whole": _whole, "small": _small, "pieces": _pieces, "stepwise": _stepwise}


def positions(head, payload, tail, flip):
    """Bytes of a reply at which a fault is tried.

    Nobody can notice a changed byte of the payload, so none is tried there. Lost and doubled bytes
    of the payload are all alike: a few at its ends and in its middle are tried.
    """
    yield from range(head)
    if not flip:
        yield from sorted({head, head + 1, head + payload // 2, head + payload - 1})
    yield from range(head + payload, head + payload + tail)


def cases(name, picks=None, sample=1):
    """(fault, at, options) of all faults with which HOSTILE[name] is read.

    With picks, a random.Random: of one in `sample` of them, and of more in the announcement.
    """
    parts = Damaged(HOSTILE[name]).reply()
    for fault, options in FAULTS:
        for at in positions(*parts, fault == "flip"):
            if picks is None or not picks.randrange(sample if at > parts[0] else sample // 4):
                yield fault, at, options
