"""Several sockets, files and the radio at once, against a model of what must happen."""

import errno

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    precondition,
    rule,
)

from tests.faults.exchanges import Stage
from tests.shims.servers import pattern


class Connection:
    """What the model knows of a socket."""

    def __init__(self, sock):
        self.sock = sock
        self.expected = bytearray()  # echoes that have not been read
        self.alive = True
        self.ended = False
        self.gone = False  # True after a restart: the module has no place for it then


class Module(RuleBasedStateMachine):
    """Each rule is something that a program, the network or the module may do."""

    connections = Bundle("connections")

    def __init__(self):
        super().__init__()
        self.stage = Stage()
        self.open = []
        self.files = {}
        self.sent = 0

    def places(self):
        return len([c for c in self.open if not c.gone])

    def up(self):
        radio = self.stage.radio
        if not radio.isconnected():
            radio.connect("home", "correct horse")

    @precondition(lambda self: self.places() < 8)
    @rule(target=connections)
    def connect(self):
        self.up()
        sock = self.stage.pool.socket()
        sock.settimeout(5)
        sock.connect(("echo.example", 7))
        self.open.append(Connection(sock))
        return self.open[-1]

    @precondition(lambda self: self.places() == 8)
    @rule()
    def a_ninth_is_refused(self):
        try:
            self.stage.pool.socket().connect(("echo.example", 7))
        except OSError as e:
            assert e.errno in (errno.ENOMEM, errno.EHOSTUNREACH)
        else:
            raise AssertionError("a ninth socket")

    @rule(c=connections, n=st.integers(1, 2000))
    def send(self, c, n):
        data = pattern(251 + n)[self.sent % 251 :][:n]
        try:
            c.sock.sendall(data)
        except OSError as e:
            assert not c.alive, e
            assert e.errno == errno.ECONNRESET
            return
        assert c.alive
        self.sent += n
        c.expected += data

    @rule(c=connections, n=st.integers(1, 1500))
    def receive(self, c, n):
        buffer = bytearray(n)
        c.sock.settimeout(1)
        try:
            count = c.sock.recv_into(buffer)
        except OSError as e:
            assert e.errno == errno.ETIMEDOUT if c.alive else e.errno == errno.ECONNRESET
            assert not c.expected or not c.alive
            return
        if count == 0:
            assert c.ended
            assert not c.expected
            c.alive = False
            return
        assert bytes(buffer[:count]) == bytes(c.expected[:count])
        del c.expected[:count]

    @rule(c=consumes(connections))
    def close(self, c):
        c.sock.close()
        c.sock.close()
        self.open.remove(c)

    @rule(c=connections)
    def the_peer_closes(self, c):
        if c.alive and c.sock.stream.id >= 0:
            self.stage.module.sockets[c.sock.stream.id].link.hang_up()
            self.stage.radio.channel.wait(lambda: c.sock.stream.peer_closed, 100)
            c.ended = True
            c.alive = None  # waiting data can be read, nothing can be sent

    def lost(self):
        for c in self.open:
            c.alive = False
            c.ended = False
            c.gone = True

    @rule()
    def the_module_restarts(self):
        channel = self.stage.radio.channel
        before = channel.generation
        self.stage.module.restart("watchdog")
        assert channel.wait(lambda: channel.generation != before, 100)
        self.lost()

    @rule()
    def the_program_resets_it(self):
        self.stage.radio.reset()
        self.lost()

    @rule(name=st.sampled_from(["tls.cert", "a.ca"]), n=st.integers(1, 1500))
    def upload(self, name, n):
        self.stage.upload(name, pattern(n))

    @rule(name=st.sampled_from(["tls.cert", "a.ca"]), n=st.integers(1, 600))
    def an_upload_is_there(self, name, n):
        self.stage.upload(name, pattern(n))
        files = {f: bytes(d) for (_, f), d in self.stage.module.flash.files.items()}
        assert files[name] == pattern(n)
        assert not [f for f in files if f.endswith((".new", ".ok"))]

    @rule()
    def scan(self):
        assert [network[0] for network in self.stage.radio.scan()] == [b"home"]

    @rule(value=st.text("abc,;|", min_size=1, max_size=20))
    def a_setting(self, value):
        self.stage.radio.set("user_desc", value)
        assert self.stage.radio.get("user_desc") == value

    @invariant()
    def the_line_was_never_lost(self):
        assert self.stage.radio.channel.resyncs == 0

    def teardown(self):
        for c in self.open:
            c.sock.close()
        self.up()
        self.stage.fresh()
        assert [s for s in self.stage.module.sockets if s is not None] == []


TestModule = Module.TestCase
TestModule.settings = settings(
    max_examples=40,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
