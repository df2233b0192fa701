"""The examples of docs/joining.md, as printed, in the simulated world: no other one has an access
point for the module to join."""

import re

import pytest

from tests.shims import fences
from tests.shims.servers import servers

from .stage import example, stage
from .table import cell

__all__ = ["stage"]


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The folder of the program, with the CA's file."""
    (tmp_path / "company-ca.pem").write_bytes(servers().ca.cert_pem.bytes())
    monkeypatch.chdir(tmp_path)


def told(program):
    """What the arrows of a program say that it prints."""
    return re.findall(r"# → (.*)", program)


def test_every_block_of_the_page_is_tried():
    assert len(fences.blocks(fences.text("joining.md"), "python")) == 4


def test_wps_addresses_and_random_numbers(stage):
    stage.world.access_points[0].press_button()
    for n in (0, 2, 3):
        program = example("joining", n)
        assert stage.run(program) == told(program)
    cell("joining", "plain", stage.interpreter)


def test_a_login(stage, here):
    stage.world.add_access_point(
        "company",
        users={"alice@example.com": "wonderland"},
        ca=servers().ca.cert_pem.bytes(),
    )
    program = example("joining", 1)
    assert stage.run(program) == told(program)
    assert list(stage.module.flash.eap) == ["ca"]
    cell("joining", "TLS", stage.interpreter)
