"""Suites of certificates from outside, and our own: nothing is accepted that OpenSSL refuses, and
the simulated module accepts nothing that `spwf04 check` calls impossible.

NIST's PKITS is here whole or in part. `python -m tools.laxness` takes larger suites too, see
docs/security.md.
"""

import functools
import ipaddress
import time

import pytest

from spwf04_sim import Quirks
from tests import SEED, sample
from tests.shims.micropython import micropython
from tests.shims.random_chains import Maker
from tests.shims.shapes import DAY, Node, good, hostile
from tools import suites
from tools.laxness import MUST_NOT, STRICTEST, judged
from tools.suites import Case
from tools.verdicts import by_host, by_micropython, by_openssl

NOW = int(time.time())
ADDRESS = ipaddress.ip_address("192.0.2.7")


def of_shape(shape, kind, now=NOW):
    return Case(shape.name, kind, shape.ders(), shape.root_ders(), shape.name, now)


@functools.cache
def pkits():
    """The Cases of PKITS that have a name."""
    cases = suites.pkits(suites.pkits_folder())
    for case in cases:
        case.host = suites.own_name(case.chain[0])
    return [case for case in cases if case.host]


def mixed(n):
    mixer = suites.Mixer([der for case in pkits() for der in case.chain])
    return [mixer.make(SEED * 1000 + k, NOW) for k in range(n)]


SUITES = {
    "pkits": lambda: sample(pkits(), 40, "pkits"),
    "shapes": lambda: [of_shape(shape, "shapes") for shape in [*good(), *hostile()]],
    "random chains": lambda: [of_shape(Maker(900 + n).make(), "random") for n in range(30)],
    "parts of others": lambda: mixed(80),
}


@pytest.mark.parametrize("name", SUITES)
def test_nothing_is_accepted_that_must_not_be(name):
    seen = [judged(case) for case in SUITES[name]()]
    for one in seen:
        wrong = [(what, why) for what, why in one.contradictions() if what in MUST_NOT]
        assert not wrong, (one.case.name, wrong)
    for who in ("openssl", "host", "module", "check"):
        refusals = [getattr(one, who) for one in seen]
        assert None in refusals and any(refusals), who  # it tells them apart


def test_pkits_is_whole():
    """What its names say of each server, where neither policies nor revocation decide."""
    assert len(pkits()) > 200
    decided = ("Signature", "Date", "NameChaining", "basicConstraints", "pathLen", "keyUsage")
    decided += ("nameConstraints", "SelfIssuedOld", "SelfIssuedNew", "UnknownCritical")
    # PKITS lets these stand or fall by revocation lists or by a kind of key
    undecided = ("CRL", "cRL", "DSA", "OldWithNewTest2", "NewWithOldTest5", "EmailAddress")
    cases = [case for case in pkits() if any(word in case.name for word in decided)]
    cases = [case for case in cases if not any(word in case.name for word in undecided)]
    assert len(cases) > 60
    for case in cases:
        assert (by_host(case) is None) == case.name.startswith("Valid"), case.name


# mbedTLS, of MicroPython -------------------------------------------------------------------------
LAXER = {  # what: (host, alternative names)
    "a wildcard for a top level": ("name.example", ["*.example"]),
    "an address as a host": ("192.0.2.7", ["192.0.2.7"]),
    "an address as a common name": ("192.0.2.7", None),
}


@pytest.mark.parametrize("what", LAXER)
def test_a_name_that_mbedtls_would_take_is_refused(what):
    host, names = LAXER[what]
    root = Node("Root")
    leaf = Node(None, root, hosts=names) if names else Node(host, root, ca=False)
    one = case([leaf], [root], host)
    assert by_openssl(one) is not None
    [why] = by_micropython([one], micropython())
    assert why is not None and "was not trusted: its certificate is" in why


def test_on_micropython_nothing_is_accepted_that_openssl_refuses():
    cases = [*SUITES["shapes"](), *SUITES["random chains"]()]
    for host, names in ("name.example", ["name.example"]), ("192.0.2.7", [ADDRESS]):
        root = Node("Root")
        cases.append(case([Node(None, root, hosts=names)], [root], host))
    verdicts = by_micropython(cases, micropython())
    assert len(verdicts) == len(cases) and verdicts[-2:] == [None, None]
    for one, why in zip(cases, verdicts):
        assert why is not None or by_openssl(one) is None, one.name


# The measure itself ------------------------------------------------------------------------------
def chain(**leaf):
    root = Node("Root")
    made = Node("www.example.com", root, hosts=["www.example.com"], **leaf)
    return [made], root


def case(nodes, roots, host="www.example.com", now=NOW):
    ders = [
        [node.cert.public_bytes(suites.Encoding.DER) for node in some] for some in (nodes, roots)
    ]
    return Case("a case", "own", *ders, host, now)


def test_all_agree_on_a_good_chain_and_on_one_without_a_root():
    nodes, root = chain()
    one = judged(case(nodes, [root]))
    assert [one.openssl, one.plain, one.host, one.module, one.strictest, one.check] == [None] * 6
    one = judged(case(nodes, [Node("Other")]))
    assert None not in [one.openssl, one.plain, one.host, one.module, one.strictest, one.check]
    assert not list(one.contradictions()) and not one.raised


@pytest.mark.parametrize(("days", "taken"), [(-31, False), (1, True), (79, True), (81, False)])
def test_the_time_of_a_case_is_that_of_all_engines(days, taken):
    nodes, root = chain()
    one = judged(case(nodes, [root], now=NOW + int(days * DAY.total_seconds())))
    verdicts = [one.openssl, one.host, one.module, one.check]
    assert [why is None for why in verdicts] == [taken] * 4


def test_another_name_is_refused_by_all():
    nodes, root = chain()
    one = judged(case(nodes, [root], "www.example.org"))
    assert None not in [one.openssl, one.host, one.module, one.check]


def test_contradictions_are_found():
    nodes, root = chain()
    one = judged(case(nodes, [root]))
    one.openssl = one.check = "refused"
    assert {name for name, _ in one.contradictions()} == {
        "host > OpenSSL",
        "module > check",
        "strictest > check",
    }
    one.module, one.check = "refused", None
    assert "check > module" in {name for name, _ in one.contradictions()}


def test_an_exception_is_found():
    one = judged(Case("a case", "own", [b"\x30\x00"], [b"no certificate"], "a.example", NOW))
    assert None not in [one.openssl, one.host, one.module, one.check] and not one.raised
    one = judged(Case("a case", "own", [None], [], "a.example", NOW))
    assert one.raised and "exception" in {name for name, _ in one.contradictions()}


def test_the_strictest_reading_is_one_of_the_readings():
    for name, choices in Quirks.choices().items():
        assert getattr(STRICTEST, name) in choices
