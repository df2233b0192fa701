"""The readers of foreign bytes, each with what is promised of it whatever the bytes are.

A target is a function of bytes. It returns if all is well, and raises anything else than that if
not. The first bytes of an input choose how the rest is handed over.
"""

import json
import os
import tempfile
import unicodedata
import warnings

from cryptography import x509

from spwf04.at import parser as at
from spwf04.pki import certificate, handshake, identity, pem, words
from spwf04.pki.source import certificates, load
from spwf04.pki.x509 import Certificate
from spwf04_cli.uartlog import decode, listing, timeline
from spwf04_cli.uartlog.findings import examine
from spwf04_sim.logs import reader
from spwf04_sim.logs.sorter import Sorter

HOST = "www.example.com"
NOW = 1_770_000_000  # seconds since 1970
TARGETS = {}


def target(function):
    """Make a function a target."""
    TARGETS[function.__name__] = function
    return function


# The line ----------------------------------------------------------------------------------------
_PAYLOAD = 60  # bytes of a payload at most
_MESSAGE = 999  # bytes of a message of MQTT, at most, that is looked at
_SURELY_WHOLE = 180  # bytes of a line that is never cut: see Parser


@target
def parser(data):
    """No bytes make it raise or need more memory, and it does not matter in what pieces they come:
    the events are the same, and so is the payload."""
    how, data = data[:2].ljust(2, b"\0"), data[2:]
    plain = how[1] % 4 == 3
    wild = how[1] & 64 > 0
    # So that every payload and message that has begun is complete at the end
    data += b"\n" * (_MESSAGE + 2)
    whole = _events([data], plain, wild)
    pieces = [data[i : i + 1 + how[0] % 64] for i in range(0, len(data), 1 + how[0] % 64)]
    cut = _events(pieces, plain, wild)
    if max(map(len, data.split(b"\n"))) <= _SURELY_WHOLE:
        assert cut == whole, (cut, whole)


def _events(pieces, plain, wild):
    """[(event, line, number) or payload]; "AT-S.Reading:<n>" announces n bytes of payload."""
    reading = at.Parser()
    reading.plain = plain
    reading.messages().wild = wild
    size = len(reading.kept)
    found = []
    for piece in pieces:
        # As uart.py hands it over: behind the piece there is what was there before
        chunk = bytearray(piece + b"\x35" * (64 - len(piece)))
        if reading.receive_data(chunk, len(piece)):
            continue
        while event := reading.next_event():
            _event(reading, event, found)
        assert reading.pos == reading.end
        assert len(reading.kept) == size > reading.begun >= 0
    assert not reading.remaining or reading.message is not None
    return [bytes(one) if isinstance(one, bytearray) else one for one in found]


def _event(reading, event, found):
    if event == at.LINE and reading.plain is False and not reading.length and not reading.strict:
        payload = bytearray(7)
        if reading.take_plain(7, payload):
            found.append(payload)
            return
    found.append((event, reading.raw(), reading.code if event > at.LINE else 0))
    if reading.message is not None:
        found.append(bytearray(min(reading.remaining, _MESSAGE)))
        if reading.remaining <= _MESSAGE:
            reading.message.expect(found[-1], 0)
    elif event == at.INDICATION and reading.code == 86:
        found.append(reading.messages().whole)
    assert reading.text() == reading.text(0) and -1 <= reading.number(-1) < 10**9
    n = reading.number(1)
    if event == at.LINE and reading.starts(b"AT-S.Reading:") and 0 <= n <= _PAYLOAD:
        sink, spill = bytearray(min(n, 25)), bytearray(n // 2)
        found += [sink, spill]
        reading.expect_data(n, sink, len(sink), spill if n & 1 else None)


# TLS ---------------------------------------------------------------------------------------------
@target
def handshake_reader(data):
    """What a server sends first is read, or refused with a HelloError, the same in any pieces."""
    step, data = (data[0] if data else 0) % 40 + 1, data[1:]
    assert _flight(data, step, 64) == _flight(data, len(data) or 1, 512)


def _flight(data, step, room):
    left = bytearray(data)

    def readinto(buffer):
        n = min(len(left), len(buffer), step)
        buffer[:n] = left[:n]
        del left[:n]
        return n

    flight = handshake.Flight(readinto, bytearray(room))
    found = []
    try:
        flight.begin()
        while size := flight.next_certificate():
            flight.copy = bytearray()
            info = certificate.read(flight, size, HOST)
            assert len(flight.copy) == size == info.size
            assert info.sha256 == certificate.read(_memory(flight.copy), size, HOST).sha256
            flight.copy = None
            found.append((size, info.sha256, info.damaged, words.describe(info)))
    except handshake.HelloError as e:
        found.append(str(e))
    assert flight.total <= len(data)
    return found


def _memory(data):
    return certificate.Bytes(bytes(data))


# Certificates ------------------------------------------------------------------------------------
@target
def certificate_reader(data):
    """The two readers end, agree with each other, and with `cryptography` about what both read."""
    source = _memory(data + b"behind")
    info = certificate.read(source, len(data), HOST)
    assert source.take(6) == b"behind"
    assert info.size == len(data) and len(info.sha256) == 64
    for text in (info.subject, info.issuer, *info.names, words.describe(info)):
        assert _harmless(text) and len(text) < 4000
    assert len(info.names) <= 8 and all(map(_harmless, words.warnings(info, NOW)))
    assert info.damaged is None or not info.fits
    try:
        own = Certificate(data)
    except ValueError:
        own = None
        assert info.damaged, "x509.py refuses what certificate.py takes"
    if own is not None and not info.damaged:
        assert (own.ski, own.is_ca, own.signs) == (info.ski, info.is_ca, info.signs)
    theirs = _cryptography(data)
    if theirs is not None and not info.damaged:
        _compare(info, theirs)


def _harmless(text):
    """True if a text moves no cursor, turns no text around, and has no break of a line."""
    return all(unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in text)


def _cryptography(data):
    """The certificate as `cryptography` reads it, None if it does not."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = x509.load_der_x509_certificate(data)
            found.extensions, found.subject, found.not_valid_after_utc  # noqa: B018
            return found
    except Exception:  # of Rust's panics too: it is not what is tested here
        return None


def _compare(info, theirs):
    assert info.version == theirs.version.value + 1
    assert info.not_before == int(theirs.not_valid_before_utc.timestamp())
    assert info.not_after == int(theirs.not_valid_after_utc.timestamp())
    constraints = _extension(theirs, x509.BasicConstraints)
    assert info.is_ca == (None if constraints is None else constraints.ca)
    usage = _extension(theirs, x509.KeyUsage)
    assert info.signs == (None if usage is None else usage.key_cert_sign)
    identifier = _extension(theirs, x509.SubjectKeyIdentifier)
    if identifier is not None and identifier.digest:
        assert info.ski == identifier.digest.hex() and not info.ski_computed
    purposes = _extension(theirs, x509.ExtendedKeyUsage)
    if purposes is not None:
        good = {"1.3.6.1.5.5.7.3.1", "2.5.29.37.0"}
        assert info.server == any(purpose.dotted_string in good for purpose in purposes)


def _extension(certificate, kind):
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


@target
def pem_reader(data):
    """A file with certificates or a key is read, or refused with a ValueError that has nothing of
    it; from memory as from a file."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        assert _certificates(data) == _certificates(os.fsencode(file.name).decode())
    try:
        assert identity.read_key(data).der
    except ValueError as e:
        assert str(e).isprintable() and len(str(e)) < 300


def _certificates(source):
    try:
        found = [bytes(load(one)) for one in certificates(source)]
    except ValueError as e:
        assert str(e).isprintable() and len(str(e)) < 300
        return str(e)
    for der in found:
        assert Certificate(der).size == len(der)
        assert bytes(load(pem.to_pem(der))) == der
    assert len(set(found)) == len(found) > 0
    return found


# Logs --------------------------------------------------------------------------------------------
@target
def log_reader(data):
    """Any file is a log: it is understood as far as it goes, and what is told of it can be shown.
    So is what comes from a port in pieces."""
    step, data = (data[0] if data else 0) % 50 + 1, data[1:]
    heard = reader.read(data)
    places = data.count(b"\n") + data.count(b"\r") + len(data.splitlines()) + 1
    assert all(0 <= event.place <= places for event in heard.events)
    items = decode.decoded(heard)
    findings = examine(items, heard)
    for payload in (False, True):
        json.dumps(listing.document("log", heard, items, findings, payload)).encode()
    if len(items) < 30:
        timeline.drawing(items, findings, "log", heard.both).encode("utf-8")
    _listen(data, step)


def _listen(data, step):
    """As `spwf04 trace PORT` hears it."""
    items = []
    decoder = decode.Decoder(items.append)
    sorter = Sorter(decoder.feed)
    for n, begin in enumerate(range(0, len(data), step)):
        sorter.feed(data[begin : begin + step], n)
        sorter.advance()
    sorter.pause()
    decoder.finish()
    assert sum(len(item.data) for item in items if isinstance(item, decode.Rubbish)) <= len(data)
