"""Servers that are damaged, hostile or slow, or that leave.

Every call about certificates ends in time, with an error that says what is true."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spwf04 import Bundle, SocketPool, SSLContext
from spwf04.errors import CertificateError, DiscoveryError
from spwf04_cli.server.roots import build
from tests import ALL
from tests.shims.flights import (
    DONE,
    HELLO,
    HOST,
    LEAF,
    MIDDLE,
    ROOT,
    alert,
    certificate,
    flight,
    joined,
    listed,
    message,
    record,
    says,
    slowly,
)

ROOTS = build([ROOT])
GOOD = [LEAF, MIDDLE]


def connect(radio, engine="auto", roots=None, timeout=20):
    """Open a TLS connection; return the engine."""
    sock = SSLContext(engine=engine, roots=roots).wrap_socket(SocketPool(radio).socket())
    sock.settimeout(timeout)
    with sock:
        sock.connect((HOST, 443))
        return sock.engine


def installed(radio, *args):
    radio.certs.install(ROOT)
    return connect(radio, *args)


def calls(timeout=20):
    """{name: function of a radio} for every call that asks a server."""

    def certs(name, *args, **options):
        return lambda radio: getattr(radio.certs, name)(HOST, *args, timeout=timeout, **options)

    found = {
        "discover": certs("discover"),
        "diagnose": certs("diagnose"),
        "diagnose, roots": certs("diagnose", roots=Bundle(ROOTS)),
        "pin": certs("pin"),
        "connect, CA installed": lambda radio: installed(radio, "module", None, timeout),
        "connect, both": lambda radio: installed(radio, "auto", Bundle(ROOTS), timeout),
    }
    for engine in ("auto", "module", "host"):
        found["install_for, list, " + engine] = certs("install_for", roots=[ROOT], engine=engine)
        found["install_for, " + engine] = certs("install_for", roots=Bundle(ROOTS), engine=engine)
    for engine in ("auto", "module"):
        found["connect, " + engine] = lambda radio, engine=engine: connect(
            radio, engine, Bundle(ROOTS), timeout
        )
    return found


def pins(ders):
    """The same for pin(), with the fingerprint of each certificate."""

    def pin(der):
        digest = hashlib.sha256(der).hexdigest()
        return lambda radio: radio.certs.pin(HOST, fingerprint=digest)

    return {f"pin {n}": pin(der) for n, der in enumerate(ders[:4])}


def ended(call, peer):
    """(result or documented exception, the same as text) of a call against a server."""
    radio, module = joined()
    module.world.route(HOST, 443, peer)
    try:
        done = call(radio)
    except (OSError, ValueError) as e:
        assert type(e) is not OSError or e.errno, repr(e)
        done = e
    assert radio.get("console_echo") == "0"  # the line is in order
    assert [s for s in module.sockets if s is not None] == []
    return done, str(done)


def all_end(ders, more=b""):
    """Run every call against a server that sends these certificates."""
    peer = says(flight(ders), more)
    return {name: ended(call, peer) for name, call in {**calls(), **pins(ders)}.items()}


# damaged certificates ------------------------------------------------------------------------
RUBBISH = {
    "one that is none": b"\x30\x03\x02\x01\x00",
    "zeros": bytes(7),
    "one byte": b"\x30",
    "an indefinite length": b"\x30\x80" + LEAF[4:] + bytes(2),
    "cut short": LEAF[:-40],
    "bytes behind it": LEAF + bytes(3),
    "a length that is too large": b"\x30\x83\xff\xff\xff" + LEAF[4:],
    "a date that is none": LEAF.replace(b"2605", b"2613"),
}


@pytest.mark.parametrize("what", RUBBISH)
def test_a_damaged_leaf_is_named_with_what_is_wrong(what):
    for name, (done, text) in all_end([RUBBISH[what], MIDDLE]).items():
        assert type(done) is not TypeError, name
        if name not in ("connect, CA installed", "pin 1"):
            # these two have only the module's word; the others know more
            assert "cannot be read" in text, (name, text)
            assert f"{len(RUBBISH[what])} bytes" in text, (name, text)
        if "install_for" in name or name.startswith("connect"):
            assert isinstance(done, CertificateError), (name, done)


@pytest.mark.parametrize("what", RUBBISH)
def test_a_damaged_issuer_is_named_as_well(what):
    for name, (_, text) in all_end([LEAF, RUBBISH[what]]).items():
        if "install_for" in name or name == "diagnose":
            assert "ertificate 2 of 2 that it sends" in text, (name, text)
            assert "cannot be read" in text, (name, text)


CHAINS = {
    "a loop": [
        certificate(HOST, "A", 2, 3, ca=False),
        certificate("A", "B", 3, 4),
        certificate("B", "A", 4, 3),
    ],
    "a loop without identifiers": [
        certificate(HOST, "A", 2, 3, ca=False),
        *[certificate("A", "B", 3, 4, identifiers=False)] * 2,
        *[certificate("B", "A", 4, 3, identifiers=False)] * 2,
    ],
    "each twice": [LEAF, LEAF, MIDDLE, MIDDLE, ROOT, ROOT],
    "the same name with other keys": [
        LEAF,
        certificate("Middle", "Root", 5, 0),
        certificate("Middle", "Middle", 6, 6),
        MIDDLE,
    ],
    "its own name, another's signature": [certificate("Root", "Root", 7, 0, ca=False)],
    "no names": [certificate(None, None, 8, 8, ca=False)],
    "no names, a chain": [
        certificate(None, None, 8, 9, ca=False),
        certificate(None, None, 9, 9),
    ],
    "no issuer": [certificate(HOST, None, 8, 9, ca=False), certificate(None, "Root", 9, 0)],
    "none": [],
    "a thousand": [LEAF] + [certificate("Middle", "Root", 1, 0, identifiers=False)] * 100,
    "thousands of a byte": [LEAF] + [b"0"] * 4000,
    "a huge one": [LEAF, b"\x30\x82\xff\xf0" + bytes(20000)],
}


@pytest.mark.generated(5)
@pytest.mark.parametrize("what", CHAINS)
def test_odd_chains_end_with_an_answer_that_says_so(what):
    for done, text in all_end(CHAINS[what]).values():
        assert text
        if what == "none" and isinstance(done, DiscoveryError):
            assert "an empty list of certificates" in text


def test_a_cut_list_of_certificates_is_not_a_shorter_chain():
    body = listed(GOOD)
    for size in (-1, 1, 3, 0xFFFFFF - len(body)):
        lied = (len(body) - 3 + size).to_bytes(3, "big") + body[3:]
        peer = says(record(22, HELLO + message(11, lied) + DONE), None)
        for name, call in calls().items():
            done, text = ended(call, peer)
            if name == "discover":
                assert isinstance(done, DiscoveryError), text


@st.composite
def chains(draw):
    """The certificates of a good chain: some damaged, moved, doubled or left out."""
    ders = [LEAF, MIDDLE, ROOT, certificate("Middle", "Root", 5, 0), CHAINS["no names"][0]]
    ders = draw(st.lists(st.sampled_from(ders), max_size=4)) or [LEAF]
    if draw(st.booleans()):
        ders[0] = LEAF
    for _ in range(draw(st.integers(1, 3))):
        n = draw(st.integers(0, len(ders) - 1))
        der = bytearray(ders[n])
        at = draw(st.integers(0, len(der) - 1))
        what = draw(st.integers(0, 4))
        if what == 0:
            der[at] ^= draw(st.integers(1, 255))
        elif what == 1:
            del der[at:]
        elif what == 2:
            del der[at : at + draw(st.integers(1, 20))]
        elif what == 3:
            der[at:at] = draw(st.binary(max_size=20))
        else:  # cut, with a length that fits again
            del der[max(4, at) :]
            der[2:4] = max(0, len(der) - 4).to_bytes(2, "big")
        ders[n] = bytes(der) or b"\0"
    return ders


@settings(max_examples=150 if ALL else 60, deadline=None)
@given(chains(), st.data())
def test_whatever_a_chain_is_every_call_ends_with_a_documented_error(ders, data):
    found = {**calls(), **pins(ders)}
    for name in data.draw(st.lists(st.sampled_from(sorted(found)), min_size=3, max_size=4)):
        ended(found[name], says(flight(ders)))


@pytest.mark.parametrize("size", [2559, 2560, 2561])
def test_a_certificate_that_is_too_large_for_the_module_is_not_pinned(size):
    pad = 1500
    while True:
        der = certificate.__wrapped__(HOST, HOST, 5, 5, ca=False, pad=pad)  # its length varies
        if len(der) == size:
            break
        pad += size - len(der)
    digest = hashlib.sha256(der).hexdigest()
    _, text = ended(lambda radio: radio.certs.pin(HOST, fingerprint=digest), says(flight([der])))
    assert (f"{size} bytes, more than the module takes" in text) == (size > 2560), text


# servers that leave --------------------------------------------------------------------------
WHOLE = HELLO + message(11, listed(GOOD))


@pytest.mark.parametrize("share", [*range(60), *range(60, 1000, 50), 999])
@pytest.mark.parametrize("how", ["close", "alert"])
def test_wherever_its_answer_ends_the_error_says_so(share, how):
    """Shares, not bytes, since a certificate's size varies. test_hello.py tries each byte."""
    at = len(WHOLE) * share // 1000
    parts = [record(22, WHOLE[:at])] if at else []
    radio, module = joined()
    module.world.route(HOST, 443, says(*parts, alert(40) if how == "alert" else None, None))
    for call in (radio.certs.discover, radio.certs.install_for):
        with pytest.raises(DiscoveryError) as e:
            call(HOST)
        if how == "alert":
            assert e.value.alert == 40
        else:
            assert "closed the connection" in str(e.value)
            begun = at > len(HELLO) + 3
            assert ("in the middle of its certificates" in str(e.value)) == begun


@pytest.mark.parametrize(
    ("number", "tries"), [(80, False), (41, False), (40, True), (70, True), (71, True)]
)
def test_the_hosts_tls_tries_a_server_that_has_nothing_in_common_with_the_module(number, tries):
    """It tries no other server that hides its certificates: nobody can say whom to trust."""
    said = says(alert(number), None)
    done, _ = ended(lambda radio: connect(radio, "auto", Bundle(ROOTS)), said)
    assert isinstance(done, OSError)
    assert isinstance(done, DiscoveryError) != tries


def test_a_server_that_closes_before_the_hello_is_a_discovery_error():
    radio, module = joined()

    class Leaving(says()):
        def on_connect(self):
            self.close()

    module.world.route(HOST, 443, Leaving)
    with pytest.raises(DiscoveryError):
        radio.certs.discover(HOST)
    assert "connection" in str(radio.certs.diagnose(HOST))


def test_a_network_that_goes_away_meanwhile_is_no_shorter_chain():
    radio, module = joined()

    class Gone(says(record(22, WHOLE[:300]))):
        def on_data(self, data):
            super().on_data(data)
            module.drop_link()

    module.world.route(HOST, 443, Gone)
    with pytest.raises(OSError):
        radio.certs.discover(HOST)


# servers that are slow -----------------------------------------------------------------------
LIMIT = 20
SLOW = {
    "a byte now and then": (15, flight(GOOD)),
    "a byte a second": (1, flight(GOOD)),
    "warnings for ever": (0.1, alert(112, 1) + alert(90, 1)),
    "empty records for ever": (0.1, record(22, b"")),
    "certificates for ever": (0.01, record(22, HELLO + message(11, b"\xff\xff\xf0" + WHOLE))),
    "nothing": (1000, b"\0"),
}


def in_time(call, route, limit=LIMIT, **options):
    """Check that a call fails within its limit of virtual time; return its exception."""
    radio, module = joined(longest=100, **options)
    route(module)
    began = module.clock.now()
    with pytest.raises(OSError) as e:
        found = call(radio)
        assert "diagnose" in repr(type(found).__module__)  # it returns what it finds
        raise OSError(str(found))
    took = module.clock.now() - began
    assert took < limit + 1, (took, e.value)
    return e.value


@pytest.mark.generated(40)
@pytest.mark.parametrize("what", SLOW)
@pytest.mark.parametrize("name", calls())
def test_no_server_holds_a_call_for_longer_than_its_timeout(name, what):
    def route(module):
        module.world.route(HOST, 443, slowly(module.clock, *SLOW[what]))

    in_time(calls(LIMIT)[name], route)


@pytest.mark.parametrize("name", calls())
def test_a_name_server_or_a_connection_that_takes_long_does_neither(name):
    def route(module):
        module.world.route(HOST, 443, says(flight(GOOD)))
        module.timing.tcp = 30000

    in_time(calls(LIMIT)[name], route)


@pytest.mark.parametrize("name", [n for n in calls() if n.startswith(("connect", "install"))])
def test_a_time_server_that_is_silent_does_not_either(name):
    def route(module):
        module.world.route(HOST, 443, slowly(module.clock, 1, flight(GOOD)))

    in_time(calls(4)[name], route, 4, clock_is_set=False)


def test_what_is_asked_within_a_connection_is_part_of_its_time():
    """The module refuses the server at once. To ask the server for its chain takes long."""

    visits = []

    def route(module):
        slow = slowly(module.clock, 3, flight(GOOD))

        def peer():
            visits.append(slow if visits else says(flight(GOOD)))
            return visits[-1]()

        module.world.route(HOST, 443, peer)

    in_time(lambda radio: connect(radio, "module", Bundle(ROOTS), 10), route, 10)
    assert len(visits) > 1


def test_a_slow_server_is_not_called_silent():
    radio, module = joined(longest=100)
    module.world.route(HOST, 443, slowly(module.clock, 1, flight(GOOD)))
    with pytest.raises(DiscoveryError, match=r"within 5 s, only \d+ bytes"):
        radio.certs.discover(HOST, timeout=5)
    module.world.route(HOST, 443, says())
    with pytest.raises(DiscoveryError, match="the server is silent"):
        radio.certs.discover(HOST, timeout=5)


@pytest.mark.parametrize("timeout", [0, -1, None, "5"])
@pytest.mark.parametrize("name", ["discover", "install_for", "pin", "diagnose"])
def test_a_timeout_that_is_none_is_refused_before_anything_is_sent(name, timeout):
    radio, module = joined()
    before = module.commands
    with pytest.raises((TypeError, ValueError), match="timeout"):
        getattr(radio.certs, name)(HOST, timeout=timeout)
    assert module.commands == before
