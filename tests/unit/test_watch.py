"""Records of a TLS 1.2 handshake that pass by: certificates are kept, bad records refused."""

import pytest

from spwf04 import CertificateError
from spwf04.hosttls.watch import Watch
from tests import chance


def record(kind, body, size=16384):
    """TLS records of this kind that hold body in parts of `size` bytes."""
    out = b""
    for at in range(0, len(body), size):
        part = body[at : at + size]
        out += bytes([kind, 3, 3]) + len(part).to_bytes(2, "big") + part
    return out


def message(kind, body):
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


def hello(version=b"\3\3", extensions=b"", session=b"s" * 32):
    body = version + bytes(32) + bytes([len(session)]) + session + b"\xc0\x2f\0"
    if extensions:
        body += len(extensions).to_bytes(2, "big") + extensions
    return message(2, body)


def certificates(*ders):
    body = b"".join(len(der).to_bytes(3, "big") + der for der in ders)
    return message(11, len(body).to_bytes(3, "big") + body)


DERS = b"a" * 700, b"b" * 1200, b"c"
C = certificates(*DERS)
KEY, ASK, DONE, TICKET = message(12, b"k" * 80), message(13, b"r" * 9), message(14, b""), b""
TICKET = message(4, b"t" * 90)
STATUS = message(22, b"o" * 400)
CIPHER = record(20, b"\1")
FINISHED = record(22, b"f" * 40)
END = CIPHER + FINISHED
WARNING = bytes((21, 3, 3, 0, 2, 1, 112))


def watched(data, cuts=None):
    """What certificates() returns after data has passed by in pieces."""
    watch = Watch("host:443")
    at = 0
    while at < len(data):
        n = min(len(data) - at, cuts() if cuts else 512)
        piece = bytearray(data[at : at + n])
        watch.feed(memoryview(piece), n)
        piece[:] = bytes(n)
        at += n
    return [bytes(der) for der in watch.certificates()]


LONG = b"\0\x17\1\x2c" + bytes(300)  # an extension

GOOD = [
    record(22, hello()) + record(22, C) + record(22, KEY) + record(22, DONE) + END,
    record(22, hello() + C + KEY + DONE) + END,
    record(22, hello(extensions=b"\0\x17\0\0\xff\1\0\1\0") + C + STATUS + KEY + ASK + DONE, 100)
    + record(22, TICKET)
    + END,
    WARNING + record(22, hello(session=b"") + C) + WARNING + record(22, DONE) + END,
    record(22, hello(extensions=LONG) + C + KEY + DONE) + END,
]


@pytest.mark.parametrize("data", GOOD)
def test_certificates_are_kept_wherever_the_pieces_end(data):
    assert watched(data) == list(DERS)
    assert watched(data, lambda: 1) == list(DERS)
    draw = chance(data)
    for _ in range(20):
        assert watched(data, lambda: draw.randrange(1, 300)) == list(DERS)


REFUSED = {
    "TLS 1.3 behind a long extension": record(
        22, hello(extensions=LONG + b"\0\x2b\0\2\3\4") + C + KEY + DONE
    )
    + END,
    "nothing": b"",
    "no TLS": b"220 smtp.example\r\n",
    "the hello alone": record(22, hello()),
    "no end": GOOD[1][: -len(FINISHED)],
    "Finished that is cut": GOOD[1][:-1],
    "no certificates": record(22, hello() + KEY + DONE) + END,
    "a session that goes on": record(22, hello()) + END,
    "an empty list": record(22, hello() + certificates() + DONE) + END,
    "a certificate of no bytes": record(22, hello() + certificates(b"") + DONE) + END,
    "certificates twice": record(22, hello() + C + C + DONE) + END,
    "two hellos": record(22, hello() + hello() + C + DONE) + END,
    "the wrong order": record(22, C + hello() + DONE) + END,
    "a message that is unknown": record(22, hello() + C + message(99, b"x") + DONE) + END,
    "a request to begin again": record(22, message(0, b"")) + GOOD[1],
    "another one later": record(22, hello() + C + message(0, b"") + DONE) + END,
    "TLS 1.3": record(22, hello(extensions=b"\0\x2b\0\2\3\4")) + CIPHER + record(23, b"x" * 900),
    "TLS 1.3 behind another extension": record(
        22, hello(extensions=b"\0\x17\0\0\0\x2b\0\2\3\4") + C + DONE
    )
    + END,
    "extensions that are cut": record(22, hello(extensions=b"\0\x17\0\7") + C + DONE) + END,
    "TLS 1.1": record(22, hello(version=b"\3\2") + C + DONE) + END,
    "a short hello": record(22, message(2, b"\3\3" + bytes(10)) + C + DONE) + END,
    "a session id beyond the end": record(
        22, message(2, b"\3\3" + bytes(32) + b"\xff\0\0\0\0") + C
    ),
    "a list that says less": record(
        22, hello() + message(11, b"\0\0\4" + certificates(b"x")[7:] + b"y") + DONE
    )
    + END,
    "a certificate beyond the list": record(22, hello() + message(11, b"\0\0\4\0\0\2x") + DONE)
    + END,
    "a record of no bytes": b"\x16\3\3\0\0" + GOOD[0],
    "a record that is too large": b"\x16\3\3\xff\xff",
    "data before the end": record(22, hello() + C + DONE) + record(23, b"x"),
    "a warning within a message": record(22, hello()[:9]) + WARNING + record(22, hello()[9:]),
    "the cipher within a message": record(22, hello() + C + DONE + KEY[:3]) + END,
    "the cipher too early": record(22, hello() + C) + END,
    "ServerHelloDone with something in it": record(22, hello() + C + message(14, b"x")) + END,
    "Finished twice": GOOD[1] + FINISHED,
    "the cipher twice": GOOD[1] + CIPHER,
}


@pytest.mark.parametrize("what", REFUSED)
def test_anything_else_is_refused(what):
    for cuts in (None, lambda: 1, lambda: 7):
        with pytest.raises(CertificateError, match="host:443 was not trusted"):
            watched(REFUSED[what], cuts)


def test_data_and_alerts_go_by_afterwards_but_no_other_handshake():
    after = (record(23, b"d" * 3000) + record(21, b"a" * 26)) * 30
    for kind in (22, 20, 24):
        watch = Watch("host:443")
        watch.feed(GOOD[0], len(GOOD[0]))
        watch.certificates()
        for at in range(0, len(after), 77):
            piece = after[at : at + 77]
            watch.feed(piece, len(piece))
        with pytest.raises(CertificateError, match="second handshake"):
            watch.feed(bytes([kind, 3, 3, 0, 9]), 5)
        with pytest.raises(CertificateError, match="was not trusted"):  # it stays refused
            watch.feed(after, len(after))


@pytest.mark.parametrize(
    ("begin", "again"),
    [
        (b"", WARNING),
        (record(22, hello()), record(22, message(11, b"c" * 16000))),
        (record(22, hello()), b"\x16\3\3\0\4\x0b\xff\xff\xff" + record(22, b"c" * 1000)),
        (record(22, hello() + C), record(22, message(12, b"k" * 16000))),
        (record(22, hello() + C + DONE) + CIPHER, record(21, b"a" * 100)),
        (b"\x16\3\3\0\4\2\0\xff\xff", record(22, b"h" * 1000)),
    ],
)
def test_a_server_that_does_not_stop_is_stopped_and_little_is_kept(begin, again):
    watch = Watch("host:443")
    total = len(begin)
    with pytest.raises(CertificateError, match="was not trusted"):
        watch.feed(begin, len(begin))
        while True:
            watch.feed(again, len(again))
            total += len(again)
            assert total <= 2 * 32768
    assert len(watch.kept) <= 16384
