"""What fuzzing begins with: recordings, certificates, what servers send; and words that a mutation
may put in."""

import contextlib
import pathlib
import random

import cryptography_vectors

from tests.faults.fuzz import WORDS, stream
from tests.fuzz.corpus import LONGEST

_RECORDINGS = pathlib.Path(__file__).resolve().parents[1] / "sim" / "recordings"
_VECTORS = pathlib.Path(cryptography_vectors.__file__).parent / "x509"

# For libFuzzer's dictionary
LOG_WORDS = (*WORDS, b"0 > AT+S.", b"5 < +WIND:", b"9 >> 5 68", b"9 << 3", b"AT+S.SOCKW=0,3\r")
LOG_WORDS += (b"AT+S.FSC=", b"AT-S.Printing:2:2", b"<CR><LF>", b"\\r\\n", b"12:00:01.5 ", b"TX: ")
LOG_WORDS += (b"AT+S.SCFG=console_delimiter,", b"AT-S.Http Server Status Code:200", b"&lt;br&gt;")
LOG_WORDS += (b"AT+S.HTTPGET=", b"\x1b[0m", b"+S.WIND", b"\xef\xbb\xbf", b"\xff\xfe", b"[1.5] ")
PEM_WORDS = (b"-----BEGIN CERTIFICATE-----\n", b"-----END CERTIFICATE-----\n", b"PRIVATE KEY")
PEM_WORDS += (
    b"-----BEGIN ",
    b"-----END ",
    b"-----",
    b"PKCS7",
    b"MII",
    b"=\n",
    b"\\n",
    b"\xff\xfe",
)
DICTIONARY = {"parser": WORDS, "log_reader": LOG_WORDS, "pem_reader": PEM_WORDS}


def seeds(name):
    """The inputs that a target begins with, a list of bytes."""
    return [one for one in _MAKERS[name]() if len(one) <= LONGEST]


def _streams():
    chance = random.Random(1)
    pieces = [bytes([chance.randrange(256), n]) + stream(chance) for n in range(40)]
    payload = b"AT-S.Reading:31:31\r\n" + b"\0AT-S.OK\r\n" * 3 + b"x" + b"AT-S.OK\r\n"
    head = b"+WIND:86:MQTT Published:0:a/b:0:1:0:9:9:"
    pieces += [bytes([n, 64 * (n & 1)]) + head + b"\r\nAT-S.OK\r\nAT-S.OK\r\n" for n in range(4)]
    pieces.append(b"\7\x40" + head + head[9:] + b"AT-S.OK\r\n\r\n")
    return [bytes(one) for one in pieces] + [bytes([n, 3 * n]) + payload for n in range(3)]


def _ders():
    """Certificates in DER: small ones of every kind."""
    from spwf04.pki.source import load

    for path in sorted(_VECTORS.rglob("*")):
        if path.suffix in (".pem", ".crt", ".der", ".cer") and path.stat().st_size < 4000:
            with contextlib.suppress(ValueError):
                yield bytes(load(path.read_bytes()))


def _flights():
    from tests.shims import flights

    ders = [der for der in _ders() if len(der) < 700][::12]
    for n in range(4):
        yield bytes([n * 9]) + flights.flight(ders[n : 2 * n + 1])
    yield b"\0" + flights.alert(40)
    yield b"\x07" + flights.alert(112, 1) + flights.flight(ders[:1])


def _files():
    files = [p for p in sorted(_VECTORS.rglob("*")) if p.is_file() and p.stat().st_size < LONGEST]
    chance = random.Random(2)
    for path in chance.sample(files, min(150, len(files))):
        yield path.read_bytes()


def _logs():
    for path in sorted(_RECORDINGS.glob("*.txt")):
        data = path.read_bytes()
        for at in range(0, len(data), 600):
            yield bytes([at // 600]) + data[at : at + 900]
    for path in sorted(_RECORDINGS.glob("*.txt"))[:4]:
        lines = path.read_text(errors="replace").splitlines()[:20]
        yield b"\x05" + "\n".join(f"{n * 30} < {line}" for n, line in enumerate(lines)).encode()


_MAKERS = {
    "parser": _streams,
    "handshake_reader": _flights,
    "certificate_reader": _ders,
    "pem_reader": _files,
    "log_reader": _logs,
}
