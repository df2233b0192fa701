"""What no CA can mend: dates, names, damage, and what is missing. See tls/judge.py."""

import pytest

from spwf04.errors import CertificateError
from spwf04.tls.judge import check
from spwf04.tls.plan import Plan

NOW = 1800000000
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


def refused(made, number=-1):
    """The CertificateError for a plan; None if nothing speaks against it."""
    try:
        check(Radio, made, "www.example.com", True, number)
    except CertificateError as e:
        return e
    return None


@pytest.mark.parametrize(
    ("ahead", "days"), [(1, 1), (DAY - 1, 1), (DAY, 2), (2 * DAY - 1, 2), (30 * DAY, 31)]
)
def test_a_certificate_of_the_future_tells_after_how_many_days_it_is_valid(ahead, days):
    error = refused(plan(dates=[("Leaf", NOW + ahead, NOW + 90 * DAY)]))
    assert f"(Leaf) is not valid before {days} days from now" in str(error)
    assert error.remedy == "set_clock"


@pytest.mark.parametrize(("ago", "days"), [(1, 0), (DAY - 1, 0), (DAY, 1), (400 * DAY, 400)])
def test_one_that_has_expired_tells_how_many_days_ago(ago, days):
    error = refused(plan(dates=[("Leaf", NOW - 900 * DAY, NOW - ago)]))
    assert f"(Leaf) expired {days} days ago" in str(error)
    assert error.remedy == "ask_owner"


@pytest.mark.parametrize(("begins", "ends"), [(NOW, NOW + DAY), (NOW - DAY, NOW), (NOW, NOW)])
def test_the_first_and_the_last_second_count(begins, ends):
    assert refused(plan(dates=[("Leaf", begins, ends)])) is None


def test_the_first_that_is_out_of_date_is_named():
    dates = [("Leaf", NOW - DAY, NOW + DAY), ("Between", NOW - 9 * DAY, NOW - DAY)]
    assert "(Between) expired 1 days ago" in str(refused(plan(dates=dates)))


def test_the_number_of_the_module_is_told():
    error = refused(plan(dates=[("Leaf", NOW - 9 * DAY, NOW - DAY)]), 23)
    assert (error.code, error.text) == (23, "Certificate Error:23")
    assert refused(plan(dates=[("Leaf", NOW - 9 * DAY, NOW - DAY)])).code is None


def test_a_name_counts_if_it_is_checked():
    made = plan(fits=False, names="other.example")
    assert "is not for www.example.com but for other.example" in str(refused(made))
    check(Radio, made, None, True)


@pytest.mark.parametrize("pinnable", [False, True])
def test_a_missing_ca_is_named_and_its_remedy_fits(pinnable):
    error = refused(plan(cas=[], missing='"Root", key identifier ab', pinnable=pinnable))
    assert error.remedy == ("pin" if pinnable else "install_ca")
    assert "Root" in str(error)
