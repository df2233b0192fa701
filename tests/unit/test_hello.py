"""The first flight of TLS 1.2, without a network."""

import socket
import ssl
import threading

import pytest
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st

from spwf04.pki import certificate
from spwf04.pki.certificate import Bytes
from spwf04.pki.handshake import Flight, HelloError, client_hello
from tests import ALL

RANDOM = bytes(range(32))


def feed(data, step=None):
    """A readinto() over data that gives at most `step` bytes at a time."""
    left = bytearray(data)

    def readinto(buffer):
        n = min(len(left), len(buffer), step or len(buffer))
        buffer[:n] = left[:n]
        del left[:n]
        return n

    return readinto


def read(data, step=None, room=512):
    """All certificates of a flight, as [CertificateInfo]."""
    flight = Flight(feed(data, step), bytearray(room))
    flight.begin()
    found = []
    while (size := flight.next_certificate()) != 0:
        found.append(certificate.read(flight, size))
    return found


@pytest.mark.parametrize("head", [b"\x16\2\0", b"\x16\4\0", b"\x13\3\3", b"\x18\3\3"])
def test_a_record_of_another_version_or_kind_is_no_tls(head):
    with pytest.raises(HelloError, match="does not speak TLS"):
        read(head + b"\0\5\2\0\0\1\0")


def answer(hello, **context_options):
    """(OpenSSL's answer to a ClientHello, the certificates it was given)"""
    ca = trustme.CA()
    middle = ca.create_child_ca()
    leaf = middle.issue_cert("www.example.com")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    for name, value in context_options.items():
        setattr(context, name, value)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_side=True)
    incoming.write(hello)
    try:
        tls.do_handshake()
    except ssl.SSLError:
        pass
    ders = [ssl.PEM_cert_to_DER_cert(p.bytes().decode()) for p in leaf.cert_chain_pems]
    return outgoing.read(), ders


def test_openssl_answers_with_its_certificates():
    data, ders = answer(client_hello(b"www.example.com", RANDOM))
    found = read(data)
    assert [c.size for c in found] == [len(d) for d in ders]
    assert found[0].sha256 == certificate.read(Bytes(ders[0]), len(ders[0])).sha256


def test_without_a_name_there_is_no_sni():
    hello = client_hello(None, RANDOM)
    assert b"\x00\x00" + bytes((0, 20)) not in hello
    assert read(answer(hello)[0])


def test_the_name_is_in_the_hello():
    assert b"www.example.com" in client_hello(b"www.example.com", RANDOM)


@pytest.mark.parametrize("step", [1, 2, 5, 7, 100])
def test_wherever_the_answer_is_cut(step):
    data, ders = answer(client_hello(b"www.example.com", RANDOM))
    assert [c.size for c in read(data, step, room=64)] == [len(d) for d in ders]


def test_messages_spread_over_many_records():
    data, ders = answer(client_hello(b"www.example.com", RANDOM))
    messages = b""
    while data:
        n = int.from_bytes(data[3:5], "big")
        messages += data[5 : 5 + n]
        data = data[5 + n :]
    data = b"".join(
        b"\x16\x03\x03" + len(part).to_bytes(2, "big") + part
        for part in (messages[i : i + 37] for i in range(0, len(messages), 37))
    )
    assert [c.size for c in read(data)] == [len(d) for d in ders]


def test_a_server_of_tls_1_3_alone_refuses_with_its_alert():
    data, _ = answer(
        client_hello(b"www.example.com", RANDOM), minimum_version=ssl.TLSVersion.TLSv1_3
    )
    with pytest.raises(HelloError, match=r"does not speak TLS 1\.2") as e:
        read(data)
    assert e.value.alert == 70


ALERT = b"\x15\x03\x03\x00\x02"
OK = answer(client_hello(b"www.example.com", RANDOM))[0]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "closed the connection without an answer"),
        (OK[:100], "in the middle"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "does not speak TLS"),
        (ALERT + b"\x02\x28", "alert 40"),
        (ALERT + b"\x02\x70", "alert 112"),
        (ALERT + b"\x02\xfa", "alert 250"),
        (b"\x17\x03\x03\x00\x05hello", "not a TLS handshake"),
        (OK[:9] + b"\x03\x00" + OK[11:], "none of 1.0 to 1.2"),
        (OK[:9] + b"\x03\x04" + OK[11:], "none of 1.0 to 1.2"),
        (b"\x16\x03\x03\x00\x00" * 20000, "more than 65536"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_other_answer_has_its_own_words(data, words):
    with pytest.raises(HelloError, match=words):
        read(data)


@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_server_of_an_older_version_shows_its_certificates_too(version):
    data = OK[:9] + bytes((3, version)) + OK[11:]
    flight = Flight(feed(data), bytearray(512))
    flight.begin()
    assert flight.version == 0x0300 + version
    assert [c.sha256 for c in read(data)] == [c.sha256 for c in read(OK)]


def test_a_warning_about_the_name_is_passed_over():
    assert read(ALERT + b"\x01\x70" + OK)


def test_a_server_that_never_stops_is_left():
    endless = OK[:200] + b"\x16\x03\x03\x40\x00" + bytes(200000)
    with pytest.raises(HelloError):
        read(endless)


@settings(max_examples=3000 if ALL else 500, deadline=None)
@given(st.data())
def test_damage_anywhere_is_a_hello_error_or_described(data):
    damaged = bytearray(OK)
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        read(damaged)
    except HelloError:
        pass


@settings(max_examples=1000 if ALL else 300, deadline=None)
@given(st.binary(max_size=400))
def test_rubbish_is_a_hello_error(rubbish):
    with pytest.raises(HelloError):
        read(rubbish)


def test_over_a_real_socket():
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("www.example.com").configure_cert(context)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        sock, _ = listener.accept()
        try:
            context.wrap_socket(sock, server_side=True)
        except (ssl.SSLError, OSError):
            pass

    thread = threading.Thread(target=serve)
    thread.start()
    with socket.create_connection(listener.getsockname()) as sock:
        sock.sendall(client_hello(b"www.example.com", RANDOM))
        flight = Flight(sock.recv_into, bytearray(512))
        flight.begin()
        size = flight.next_certificate()
        assert certificate.read(flight, size, "www.example.com").fits
    thread.join()
    listener.close()


# at every byte the answer ends, or something else comes in ---------------------------------------
def messages_of(data):
    """The bytes of the handshake messages in these records."""
    found = b""
    while data:
        n = int.from_bytes(data[3:5], "big")
        found += data[5 : 5 + n]
        data = data[5 + n :]
    return found


MESSAGES = messages_of(OK)
BEGIN = MESSAGES.index(b"\x0b", 4 + int.from_bytes(MESSAGES[1:4], "big"))  # Certificate
END = BEGIN + 4 + int.from_bytes(MESSAGES[BEGIN + 1 : BEGIN + 4], "big")
WHOLE = [c.sha256 for c in read(OK)]


def in_records(data, size=16000):
    return b"".join(
        b"\x16\x03\x03" + len(data[at : at + size]).to_bytes(2, "big") + data[at : at + size]
        for at in range(0, len(data), size)
    )


def until_it_ends(data):
    """(certificates that were read, the HelloError or None)"""
    found = []
    flight = Flight(feed(data), bytearray(512))
    try:
        flight.begin()
        while (size := flight.next_certificate()) != 0:
            found.append(certificate.read(flight, size))
    except HelloError as e:
        return found, e
    return found, None


def test_closed_at_every_byte_it_says_where_and_no_certificate_is_half_read():
    for at in range(END):
        found, error = until_it_ends(in_records(MESSAGES[:at]))
        assert [c.sha256 for c in found] == WHOLE[: len(found)]
        where = "in the middle of its " + ("certificates" if at >= BEGIN + 4 else "answer")
        assert (where if at else "without an answer") in str(error), at
        assert error.alert is None


def test_closed_at_every_byte_of_one_record_is_the_same():
    whole = in_records(MESSAGES[:END])
    for at in range(len(whole)):
        found, error = until_it_ends(whole[:at])
        assert [c.sha256 for c in found] == WHOLE[: len(found)]
        assert "closed the connection" in str(error)


@pytest.mark.parametrize("number", [0, 40, 80])
def test_an_alert_at_every_byte_is_told_with_its_number(number):
    for at in range(END):
        data = in_records(MESSAGES[:at]) + ALERT + bytes((2 if number else 1, number))
        found, error = until_it_ends(data + in_records(MESSAGES[at:]))
        assert [c.sha256 for c in found] == WHOLE[: len(found)]
        assert error.alert == number, at
        assert "alert %d" % number in str(error)


def test_warnings_and_empty_records_between_all_bytes_change_nothing():
    between = ALERT + b"\x01\x70" + b"\x16\x03\x03\x00\x00"
    data = b"".join(between + in_records(MESSAGES[at : at + 1]) for at in range(END))
    flight = Flight(feed(data), bytearray(512))
    flight.begin()
    found = []
    while len(found) < len(WHOLE) and (size := flight.next_certificate()) != 0:
        found.append(certificate.read(flight, size).sha256)
    assert found == WHOLE


def test_warnings_for_ever_come_to_an_end():
    found, error = until_it_ends((ALERT + b"\x01\x70") * 20000)
    assert not found
    assert "more than 65536 bytes" in str(error)


def test_an_empty_list_of_certificates_is_told():
    data = MESSAGES[:BEGIN] + b"\x0b\x00\x00\x03\x00\x00\x00"
    with pytest.raises(HelloError, match="an empty list"):
        read(in_records(data))
