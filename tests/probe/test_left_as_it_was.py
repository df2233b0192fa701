"""An experiment leaves the module as it was: settings, files, sockets."""

import copy

import pytest

from spwf04_cli.probe.experiment import FACTORY, Untried, experiments
from spwf04_cli.probe.run import one, put_back, settings
from spwf04_cli.probe.tls import certificates, trust
from spwf04_sim import Quirks, random_quirks
from tests import SEED
from tests.probe.stage import staged

CASES = [(quirks, e) for quirks in ("default", "random") for e in experiments()]


def kept(module):
    """What a module has to have after an experiment as before it."""
    flash = module.flash
    return copy.deepcopy((flash.saved, flash.files, flash.radio_off, flash.eap))


@pytest.mark.generated(20)
@pytest.mark.parametrize(
    ("quirks", "experiment"), CASES, ids=[f"{e.run.__name__}-{q}" for q, e in CASES]
)
def test_what_is_on_the_module_stays(quirks, experiment):
    made, module = staged(Quirks() if quirks == "default" else random_quirks(SEED))
    module.flash.files[1, "theirs.txt"] = bytearray(b"somebody's file")
    module.flash.saved["wifi_ssid"] = "somebody's network"
    made.restart()
    before, shown = kept(module), settings(made)
    try:
        one(made, experiment)
    except Untried:
        pass
    assert [s for s in module.sockets if s is not None] == []
    assert [s for s in module.socket_table.servers if s is not None] == []
    assert module.tls.count == 0
    assert module.flash.slot == {}, "a CA of the probe is on it"
    made.restart()
    if FACTORY in experiment.needs:  # the end of a run puts them back
        assert put_back(made, shown) == []
    assert kept(module) == before


@pytest.mark.parametrize(
    ("way", "command"),
    [(trust.SLOT, "TLSCERT"), (trust.FILES[0], "FSD")],
    ids=["slot", "file"],
)
def test_a_ca_that_cannot_be_removed_is_told(way, command):
    made, module = staged(Quirks())
    with pytest.raises(Untried, match="still on the module"):
        with trust.put(made, way, certificates.root()):
            module.faults.add("refuse", command=command, number=56)
