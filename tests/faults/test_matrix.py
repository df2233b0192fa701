"""Every fault at every byte of every exchange.

These tests try about one byte in twenty; the seed says which is the first. `make test-all` tries
all.
"""

import pytest

from spwf04.errors import ModuleError
from spwf04.services.websocket import connect
from spwf04.tls.context import SSLContext
from tests import ALL, chance
from tests.faults.exchanges import EXCHANGES, Stage
from tests.faults.matrix import BYTE_FAULTS, Wrong, alarm, length, run
from tests.shims.tlspeer import alike

STEP = 1 if ALL else 19


@pytest.mark.generated(80)
@pytest.mark.parametrize("fault", BYTE_FAULTS)
@pytest.mark.parametrize("name", EXCHANGES)
def test_a_fault_at_any_byte(name, fault):
    """Data are a beginning of what was sent. The call ends, and the next operation works."""
    lengths = length(name)
    for way in BYTE_FAULTS[fault][0]:
        first = chance(name, fault, way).randrange(STEP)
        for at in range(first, lengths[way], STEP):
            alarm()
            run(name, fault, way, at)
    alarm(0)


SECURE = "WebSocket, TLS: open and send"


@pytest.mark.parametrize(
    "url, words", [("ws://ws.example:443", "went without TLS"), ("wss://ws.example:1", "stranger")]
)
def test_what_goes_by_no_tls_or_to_a_stranger_is_seen(url, words, monkeypatch):
    def known(stage):
        EXCHANGES[SECURE][0](stage)
        stage.radio.certs.remove(stage.radio.certs.entries()[0].ski)
        stage.radio.certs.install(alike("Another CA").der)
        stage.again = None

    def say(stage):
        with connect(stage.radio, url, timeout=8) as ws:
            ws.send("a secret")

    monkeypatch.setitem(EXCHANGES, "made", (known, say, b""))
    with pytest.raises(Wrong, match=words):
        run("made", "delay", "<", 0)


def test_a_lost_byte_can_take_tls_away_and_that_is_counted():
    assert sum(run("mail, TLS: send", "drop", ">", at).in_clear for at in range(50, 70)) == 1


def test_a_certificate_of_a_login_that_was_changed_on_its_way_is_written_again():
    """The module does not show it, so only the network's refusal tells."""
    for at in range(150, 350, 50):
        assert run("joining, TLS: login", "flip 0", ">", at).resets == 0


CERTIFIED = "HTTP, TLS: get with a certificate"


def test_a_certificate_of_its_own_that_was_changed_on_its_way_is_written_again():
    """The module does not show it, so only the broken handshake tells."""
    for at in range(800, 1300, 100):
        outcome = run(CERTIFIED, "flip 0", ">", at)
        assert (outcome.fresh, outcome.resets) == (0, 0)


def test_a_certificate_of_its_own_that_the_server_refuses_is_written_twice():
    stage = Stage()
    EXCHANGES[CERTIFIED][0](stage)
    stage.context = SSLContext()
    stage.context.load_verify_locations(cadata=alike("The CA").der)
    stranger = alike("module", alike("Nobody"), ("module.example",))
    stage.context.load_cert_chain(stranger.der, stranger.key_pem)
    for _ in range(3):
        with pytest.raises(ModuleError, match="handshake"):
            EXCHANGES[CERTIFIED][1](stage)
        assert len([line for line in stage.module.log if "TLSCERT=cert" in line]) == 2


def test_a_page_that_was_not_put_in_place_does_not_stand_in_the_way_of_the_next():
    for at in range(130, 230, 2):
        run("HTTP, plain: get to a file", "unplugged", ">", at)
