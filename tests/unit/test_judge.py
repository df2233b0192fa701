"""What is wrong with a chain, and what of it rules a connection out: pki/causes, tls/judge."""

import itertools
import types

import pytest

from spwf04.errors import CertificateError
from spwf04.pki.causes import day, period, told
from spwf04.pki.chain import Chain
from spwf04.pki.faults import BEYOND, FATAL, out_of_date
from spwf04.roots.ends import best_last
from spwf04.roots.issuers import anchors
from spwf04.tls.judge import check
from spwf04.tls.plan import Plan
from spwf04_cli.server.roots import info
from tests.shims import shapes
from tests.shims.shapes import Node, der, ecc

NOW = 1800000000  # 2027-01-15
DAY = 86400


class Radio:
    @staticmethod
    def time():
        return NOW


def plan(**known):
    made = Plan(("www.example.com", 443), "www.example.com", None)
    made.shown = True
    made.cas = [("ca.pem", "00" * 20, "11" * 32)]
    for name, value in known.items():
        setattr(made, name, value)
    return made


def refused(made, number=-1, name="www.example.com", **options):
    """The CertificateError for a plan; None if nothing speaks against it."""
    try:
        check(Radio, made, name, number, **options)
    except CertificateError as e:
        return e
    return None


# dates -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (30, "0 minutes"),
        (60, "1 minute"),
        (3 * 3600, "3 hours"),
        (DAY, "1 day"),
        (2 * DAY - 1, "1 day"),
        (30 * DAY, "30 days"),
    ],
)
def test_a_certificate_of_the_future_tells_for_how_long(ahead, words):
    error = refused(plan(dates=[("Leaf", NOW + ahead, NOW + 90 * DAY, False)]))
    assert f"the certificate of Leaf is not valid yet, for {words}, by the clock" in str(error)
    assert "it says 2027-01-15" in str(error)
    assert error.remedy == "set_clock"


@pytest.mark.parametrize(("ago", "words"), [(3600, "1 hour"), (DAY, "1 day"), (DAY * 9, "9 days")])
def test_one_that_has_expired_tells_how_long_ago_and_who_must_renew_it(ago, words):
    error = refused(plan(dates=[("Leaf", NOW - 900 * DAY, NOW - ago, False)]))
    assert f"the certificate of Leaf expired {words} ago" in str(error)
    assert error.remedy == "ask_owner" and "2027-01-15, the server's owner" in str(error)


def test_an_old_ca_is_the_users_to_replace_and_is_tried_before_it_is_told():
    made = plan(dates=[("Root", NOW - 900 * DAY, NOW - DAY, True)])
    assert refused(made) is None
    error = refused(made, 23, only=None)
    assert "the CA Root, which is trusted here, expired 1 day ago" in str(error)
    assert error.remedy == "install_ca"


@pytest.mark.parametrize(("begins", "ends"), [(NOW, NOW + DAY), (NOW - DAY, NOW), (NOW, NOW)])
def test_the_first_and_the_last_second_count(begins, ends):
    assert out_of_date([("Leaf", begins, ends, False)], NOW) == []


def test_a_connection_and_the_store_choose_the_same_of_several_cas_with_one_key():
    """In date before out of date, then the later end, whatever came first."""
    key = ecc()
    years = ((-9, -2), (-9, -1), (-3, 1), (-2, 2), (1, 9))  # from and to; the best is the fourth
    cas = [
        der(Node("Root", key=key, start=a * 365 * shapes.DAY, end=b * 365 * shapes.DAY).cert)
        for a, b in years
    ]
    order = [4, 1, 0]  # by their ends, when none of them is in date
    leaf = Node("www.example.com", Node("Root", key=key), hosts=["www.example.com"])
    chain = Chain("www.example.com", 443)
    chain.certificates = [info(der(leaf.cert))]
    now = int(shapes.NOW.timestamp())
    for given in itertools.permutations(range(5)):
        found = anchors(chain, None, [cas[n] for n in given], lambda: now)
        assert [cas.index(source) for source, _ in found] == [3, 2, *order]
        entries = [types.SimpleNamespace(source=cas[n]) for n in given]
        assert [cas.index(e.source) for e in best_last(entries, now)] == [*order[::-1], 2, 3]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "1970-01-01"),
        (951782400, "2000-02-29"),
        (NOW, "2027-01-15"),
        (4107542399, "2100-02-28"),
    ],
)
def test_a_day_is_written_as_people_do(seconds, text):
    assert day(seconds) == text


def test_a_period_is_told_by_its_largest_unit():
    assert [period(n) for n in (0, 119, 7200, 400 * DAY)] == [
        "0 minutes",
        "1 minute",
        "2 hours",
        "400 days",
    ]


# all faults --------------------------------------------------------------------------------------
def test_all_that_is_wrong_is_told_and_what_nobody_can_mend_comes_first():
    dates = [("Leaf", NOW - 90 * DAY, NOW - 9 * DAY, False)]
    error = refused(plan(faults=[("size", "Leaf", 3000)], dates=dates))
    assert str(error).index("expired 9 days ago") < str(error).index("3000 bytes")
    assert error.remedy == "ask_owner"


def test_the_number_of_the_module_is_told():
    dates = [("Leaf", NOW - 9 * DAY, NOW - DAY, False)]
    error = refused(plan(dates=dates), 23)
    assert (error.code, error.text) == (23, "Certificate Error:23")
    assert refused(plan(dates=dates)).code is None


@pytest.mark.parametrize(
    "fault",
    [
        ("name", "www.example.com", "other.example"),
        ("name_as_text", "www.example.com"),
    ],
)
def test_a_name_counts_if_it_is_checked(fault):
    made = plan(faults=[fault])
    assert "www.example.com" in str(refused(made)) and refused(made).remedy == "check_name"
    assert refused(made, name=None) is None
    assert refused(made, name=None, only=None) is None


def test_what_the_module_may_take_is_told_only_once_it_has_refused():
    made = plan(faults=[("not_ca", "Middle", "Leaf"), ("old_hash", "Leaf", "SHA-1")])
    assert refused(made) is None
    error = refused(made, 23, only=None)
    assert "Middle, which issued that of Leaf, is not a CA's" in str(error)
    assert "signed with SHA-1" in str(error)


DETAILS = {
    "not_sent": ("R3", "ab", "http://r3.example/"),
    "lower_ca": ("X1", "DST", "ab", "X1"),
    "expired": ("Leaf", DAY, NOW),
    "future": ("Leaf", DAY, NOW),
    "expired_ca": ("Root", DAY, NOW),
    "future_ca": ("Root", DAY, NOW),
    "name_as_text": ("192.168.1.50",),
    "algorithm": ("Ed25519",),
    "old_firmware": ("1.0.0",),
    "mixed": (),
    "no_certificate": (),
    "damaged": ("certificate 2 of 2 that it sends cannot be read",),
    "damaged_own": ("certificate 1 of 1 that it sends cannot be read",),
    "size": ("Leaf", 3000),
    "key_size": ("Leaf", 4096),
    "small_key": ("Leaf", 1024),
    "path_length": ("Root", 0),
    "old_hash": ("Leaf", "MD5"),
    "no_ca": ("Root", "ab"),
    "alone": ("R3", "ab"),
    "own": ("Leaf", "ab"),
    "other_key": ("Root", "Leaf"),
    "not_ca": ("Middle", "Leaf"),
    "critical": ("Leaf", "1.2.3"),
    "name": ("www.example.com", "other.example"),
}


def faults():
    from spwf04.pki import causes

    return sorted(causes._CAUSES)


@pytest.mark.parametrize("name", faults())
def test_each_fault_has_words_a_remedy_and_a_place(name):
    (cause,) = told([(name, *DETAILS.get(name, ("Root",)))])
    assert cause.what and cause.hint and cause.remedy
    assert "%" not in cause.what + cause.hint
    assert not (name in BEYOND and name in FATAL)


def test_what_is_judged_by_kind_is_known():
    assert set(BEYOND) | set(FATAL) <= set(faults())
