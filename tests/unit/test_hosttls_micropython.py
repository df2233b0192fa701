"""The records that pass by tell when MicroPython's tls has completed its handshake; reads that it
breaks off for a ticket; errors of which it tells the number alone.

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
def module(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "tls", types.ModuleType("tls"))
        patch.delitem(sys.modules, "spwf04.hosttls.micropython", raising=False)
        return importlib.import_module("spwf04.hosttls.micropython")


@pytest.fixture
def stream(module):
    return module._Stream


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


class Tls:
    """Stands in for a tls.SSLSocket: what comes on the line are data, but "t" is a ticket.

    It returns None for each ticket, and once more when it has looked at it, as mbedTLS 3.6.0 does.
    """

    def __init__(self, line, eager=True):
        self.line = line
        self.calls = 0
        self.ticket = False
        self.eager = eager

    def readinto(self, buffer, n):
        self.calls += 1
        if self.ticket:
            self.ticket = False
            return None
        byte = bytearray(1)
        if not self.eager or not self.line.readinto(byte):
            return None
        self.ticket = byte == b"t"
        buffer[0] = byte[0]
        return None if self.ticket else 1


def engine(module, pieces, eager=True):
    """(an Engine behind its handshake, its stand-in)."""
    made = object.__new__(module.Engine)
    made._stream = module._Stream(Below(pieces))
    made._stream.established = True
    made._tls = Tls(made._stream, eager)
    return made, made._tls


@pytest.mark.parametrize("tickets", [0, 1, 2, 5, 20])
def test_data_behind_tickets_are_read_at_once(module, tickets):
    made, tls = engine(module, [b"t" * tickets + b"x"])
    assert made.read(bytearray(1), 1) == 1
    assert tls.calls == 2 * tickets + 1


@pytest.mark.parametrize("tickets", [0, 1, 7])
def test_tickets_alone_are_taken_whole_and_no_read_is_in_vain_twice(module, tickets):
    made, tls = engine(module, [b"t"] * tickets)
    assert made.read(bytearray(1), 1) is None
    assert not tls.ticket  # some versions raise for a write if it was not looked at
    assert tls.calls == 2 * tickets + 1


def test_a_tls_that_never_gets_anywhere_holds_nobody_up(module):
    made, tls = engine(module, [b"x"], eager=False)
    assert made.read(bytearray(1), 1) is None
    assert tls.calls < 100


def test_a_flood_of_tickets_ends_a_read_between_two(module):
    made, tls = engine(module, [b"t" * 1000])
    assert made.read(bytearray(1), 1) is None
    assert tls.calls < 100
    assert not tls.ticket


def test_errors_of_which_the_number_alone_is_told_have_words(module):
    text_of = module.Engine.text_of
    assert text_of(OSError(-0x7780)) == "MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE"
    assert text_of(OSError(-0x7700)) == "MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE"
    assert text_of(OSError(-0x4E80)) == "mbedTLS error -0x4e80"
    assert text_of(OSError(-0x7780, "words")) == "words"
    for error in (OSError(110), OSError(104, "reset"), OSError(), MemoryError(-0x7780)):
        assert text_of(error) is None
