"""The driver's advice speaks of Python; at the desk it names commands."""

import re
import types

import pytest

from spwf04.at import failure as explain
from spwf04.at import hints
from spwf04.at.exchange import Exchange
from spwf04.commands import join
from spwf04.commands.clock import ensure_set
from spwf04.commands.filesystem import damaged
from spwf04.errors import CertificateError, NotFound
from spwf04.tls import host, refusal
from spwf04_cli.app import COMMANDS
from spwf04_cli.words import for_the_desk, told_by_driver
from tests.faults.exchanges import Stage


def exceptions():
    """Those whose advice is for somebody who writes a program."""
    done = Exchange().prepare(b"AT+S.PING=1,56,x\r")
    for code in (-3, -2, 44):
        done.code = code
        yield explain.exchange(done, True)
        yield explain.exchange(done, False)
    yield no_boot()
    yield damaged("the file is not what was sent")
    yield no_clock()
    yield host.no_ca(("host", 443))
    for restarted, winds, stage in (
        (True, {}, 0),
        (False, {85: 1}, 51),
        (False, {40: 3}, 25),
        (False, {35: 3}, 21),
        (False, {}, 19),
    ):
        radio = types.SimpleNamespace(ssid=b"home", stage=stage, indications=bytearray(96))
        for n, times in winds.items():
            radio.indications[n] = times
        yield join.failed(radio, 30, restarted)


def no_clock():
    """The exception for TLS without a clock."""
    stage = Stage()
    with pytest.raises(CertificateError) as caught:
        ensure_set(stage.radio, None, 0)
    return caught.value


def no_boot():
    """The exception for a reset after which nothing comes."""
    stage = Stage()
    stage.module.faults.add("reset_blocked")
    stage.radio.reset_line = None
    with pytest.raises(NotFound) as caught:
        stage.radio.reset(1)
    return caught.value


ADVICE = [hint for _, hint, _ in map(hints.explain, range(256)) if hint]
ADVICE += [refusal.explain(n)[1] for n in range(1, 30)]
ADVICE += [e.hint for e in exceptions() if e.hint]


@pytest.mark.parametrize("advice", sorted(set(ADVICE)))
def test_no_advice_asks_for_a_program(advice):
    said = for_the_desk(advice)
    assert "radio." not in said.replace("a program with radio.certs.pin", "")
    assert not re.search(r"\w\(\w*\)", said), said
    for command in re.findall(r"spwf04 (\w+)", said):
        assert command in COMMANDS


def test_message_and_advice_are_told_apart():
    what, todo = told_by_driver(host.no_ca(("host", 443)))
    assert what == "host:443: there is no CA to verify it with"
    assert todo.endswith("spwf04 trust --pem FILE")
