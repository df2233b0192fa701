"""The module's TFTP client, with a real server."""

import socket
import threading
import time

import pytest

from spwf04_sim import Quirks
from tests import HANG
from tests.shims.postoffice import Tftp
from tests.sim.talk import Talk

OK = b"AT-S.OK\r\n"
DATA = bytes(i * 13 % 256 for i in range(1500))


@pytest.fixture
def server(tmp_path):
    made = Tftp(tmp_path)
    yield made
    made.stop()


def at(server, **quirks):
    talk = Talk(Quirks(**quirks))
    talk.world.route("tftp.example", 69, server.address)
    return talk


@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, 1024, 1500])
def test_a_file_is_fetched(server, size):
    (server.folder / "config").write_bytes(DATA[:size])
    talk = at(server)
    assert talk.say("AT+S.TFTPGET=tftp.example,69,config,") == OK
    assert talk.content("config") == DATA[:size]


def test_a_file_is_fetched_under_another_name_and_replaces_the_old_one(server):
    (server.folder / "config").write_bytes(DATA)
    talk = at(server)
    talk.file("here", b"old")
    assert talk.say("AT+S.TFTPGET=tftp.example,,config,here") == OK
    assert talk.content("here") == DATA


def test_in_another_reading_the_file_is_printed(server):
    (server.folder / "config").write_bytes(DATA)
    talk = at(server, tftp_get="printed")
    assert talk.say("AT+S.TFTPGET=tftp.example,69,config,") == DATA + OK
    assert (2, "config") not in talk.module.flash.files


@pytest.mark.parametrize("size", [1, 512, 1500])
def test_a_file_is_sent(server, size):
    talk = at(server)
    talk.file("log", DATA[:size])
    assert talk.say("AT+S.TFTPPUT=tftp.example,69,log,") == OK
    server.stop()
    assert (server.folder / "log").read_bytes() == DATA[:size]


def test_a_file_that_the_server_lacks_is_an_error(server):
    said = at(server).say("AT+S.TFTPGET=tftp.example,69,missing,")
    assert said == b"AT-S.ERROR:111:Request failed\r\n"


def test_a_file_that_does_not_fit_is_an_error(server):
    (server.folder / "config").write_bytes(DATA * 20)
    talk = at(server)
    assert b"AT-S.ERROR:50:" in talk.say("AT+S.TFTPGET=tftp.example,69,config,")
    assert talk.content("config") == (DATA * 20)[:16384]


def test_nobody_answers():
    talk = Talk()
    start = talk.clock.now()
    assert b"AT-S.ERROR:111:" in talk.say("AT+S.TFTPGET=10.0.0.9,69,config,")
    assert 5 < talk.clock.now() - start < 6


class Lossy:
    """A TFTP server that answers each packet only when it has come twice, and sends each of its
    own twice, from a port of its own; a stranger sends nonsense in between."""

    def __init__(self, data):
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.bind(("127.0.0.1", 0))
        self.address = self._sock.getsockname()
        self._data = data
        self.errors = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        self._sock.recvfrom(600)
        _, client = self._sock.recvfrom(600)
        stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for number in range(1, len(self._data) // 512 + 2):
            block = self._data[(number - 1) * 512 : number * 512]
            packet = b"\0\3" + number.to_bytes(2, "big") + block
            own.sendto(packet, client)
            stranger.sendto(b"\0\3\0\2nonsense", client)
            own.sendto(packet, client)
            while own.recvfrom(600)[0] != b"\0\4" + number.to_bytes(2, "big"):
                pass
        stranger.settimeout(HANG)
        self.errors.append(stranger.recvfrom(600)[0])


def test_packets_that_are_lost_are_sent_again_and_those_of_strangers_refused():
    server = Lossy(DATA)
    talk = Talk()
    talk.world.route("tftp.example", 69, server.address)
    assert talk.say("AT+S.TFTPGET=tftp.example,69,config,") == OK
    assert talk.content("config") == DATA
    end = time.monotonic() + HANG
    while not server.errors and time.monotonic() < end:
        talk.wait(0.01)
        threading.Event().wait(0.01)
    assert server.errors[0].startswith(b"\0\5\0\5")


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("TFTPGET=tftp.example,69,,", 2),
        ("TFTPGET=tftp.example,x,config,", 7),
        ("TFTPGET=nowhere.example,69,config,", 65),
        ("TFTPGET=10.0.0.9,69,9:/config,", 29),
        ("TFTPPUT=tftp.example,69,missing,", 51),
    ],
)
def test_errors(line, number):
    assert f"AT-S.ERROR:{number}:".encode() in Talk().say("AT+S." + line)
