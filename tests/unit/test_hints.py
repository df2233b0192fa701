"""Every error number that any source names is explained."""

import re

import pytest

from spwf04 import SPWF04, errors
from spwf04.at import hints
from spwf04.tls import refusal
from spwf04_sim import SimulatedModule
from tests.shims.micropython import ROOT

# ST's table of errors [e] without the numbers that hold WIND texts, and what users have seen
NUMBERS = [1, 2, 4, 5, 6, 7, 17, 18, *range(19, 30), 32, 33, 39, *range(40, 45), 47]
NUMBERS += [*range(50, 67), *range(72, 83), 91, 99, 100, 101, 110, 111]


@pytest.mark.parametrize("number", NUMBERS)
def test_an_error_number_of_the_module_has_a_meaning(number):
    assert len(hints.explain(number)[0]) > 12


@pytest.mark.parametrize("number", [5, 11, 22, 23])
def test_a_certificate_error_has_a_hint(number):
    what, hint, remedy = refusal.explain(number)
    assert len(what) > 40 and len(hint) > 20 and remedy


@pytest.mark.parametrize("number", [5, 22, 9, 24, 99])
def test_an_undocumented_number_is_called_so(number):
    assert "undocumented" in refusal.explain(number)[0]


def test_a_number_without_a_source_gets_no_invented_meaning():
    assert hints.explain(3) == (None, None, None)


def test_every_exception_of_the_driver_is_an_oserror_with_number_text_and_hint():
    kinds = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.SPWF04Error)
    ]
    assert len(kinds) >= 8
    for kind in kinds:
        assert issubclass(kind, OSError)
    made = refusal.not_trusted(_Radio(), ("example.com", 443), 23)
    assert (made.code, made.text) == (23, "Certificate Error:23")
    assert made.hint in made.args[1]


class _Radio:
    class certs:
        @staticmethod
        def entries():
            return []


def test_methods_that_hints_name_exist():
    names = (
        "at/hints.py",
        "at/failure.py",
        "tls/refusal.py",
        "tls/discover.py",
        "tls/judge.py",
        "commands/clock.py",
    )
    text = "".join([(ROOT / "spwf04" / name).read_text() for name in names])
    radio = SPWF04(SimulatedModule().uart("machine"))
    for name in set(re.findall(r"radio\.(\w+)\(", text)):
        assert hasattr(radio, name), name
    for name in set(re.findall(r"radio\.certs\.(\w+)\(", text)):
        assert hasattr(radio.certs, name), name
