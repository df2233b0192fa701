"""The records that pass by tell when MicroPython's tls has completed its handshake.

Nothing else is tested here: CPython does not have that tls. The scenarios run it.
"""

import importlib
import sys
import types

import pytest

HELLO = b"\x16\3\3\0\5hello"
CERTIFICATE = b"\x16\3\3\1\0" + bytes(256)
CHANGE = b"\x14\3\3\0\1\1"
FINISHED = b"\x16\3\3\0\x28" + bytes(40)
ALERT = b"\x15\3\3\0\2\1\x70"
DATA = b"\x17\3\3\0\x14" + bytes(20)


class Below:
    """Stands in for HostTLS, and gives `pieces` one by one."""

    blocking = False

    def __init__(self, pieces):
        self.pieces = pieces
        self.sent = b""

    def receive(self, buffer, waits):
        if not self.pieces:
            return None
        piece = self.pieces[0][: len(buffer)]
        self.pieces[0] = self.pieces[0][len(piece) :]
        if not self.pieces[0]:
            del self.pieces[0]
        buffer[: len(piece)] = piece
        return len(piece)

    def transmit(self, data):
        self.sent += data
        return len(data)


@pytest.fixture
def stream(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "tls", types.ModuleType("tls"))
        patch.delitem(sys.modules, "spwf04.hosttls.micropython", raising=False)
        return importlib.import_module("spwf04.hosttls.micropython")._Stream


def cut(data, n):
    return [data[at : at + n] for at in range(0, len(data), n)]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 64, 4096])
@pytest.mark.parametrize("ask", [1, 5, 17, 4096])
def test_tls_1_2_is_ready_with_the_servers_finished_and_not_a_byte_before(stream, size, ask):
    whole = HELLO + ALERT + CERTIFICATE + CHANGE + FINISHED
    below = Below(cut(whole, size))
    made = stream(below)
    seen = 0
    while True:
        n = made.readinto(bytearray(ask))
        if n is None:
            break
        seen += n
        assert made.established == (seen == len(whole))
    assert seen == len(whole)


def test_what_we_send_in_clear_or_the_server_in_its_cipher_says_nothing(stream):
    made = stream(Below([HELLO, CHANGE, DATA, ALERT]))
    for record in (HELLO, CHANGE, FINISHED):
        assert made.write(record) == len(record)
    while made.readinto(bytearray(100)) is not None:
        assert not made.established


def test_tls_1_3_is_ready_when_we_send_in_its_cipher(stream):
    below = Below([HELLO, CHANGE, DATA])
    made = stream(below)
    made.write(HELLO)
    while made.readinto(bytearray(100)) is not None:
        assert not made.established
    made.write(CHANGE)
    assert not made.established
    made.write(DATA)
    assert made.established
    assert below.sent == HELLO + CHANGE + DATA
