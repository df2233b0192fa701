"""The simulator keeps the rules of the driver's house, see tests/house.py."""

import pytest

from tests import house
from tests.shims.package import ROOT

FILES = house.read(ROOT / "spwf04_sim")

# From the top
FLOORS = """
: __main__ pytest_plugin __init__ worldfile playback
recordings: __init__ check known compare play scene past servers certificates steps
logs: __init__ reader sorter pasted recorded signs events forms
desk: serve pty options tomlfile textfile screen
module: module runner console replies firmware heap line faults timers uart
apps: __init__ daemons web remote ssi tftpd update mqtt packets websocket frames smtp tftp http
    connections
commands: __init__ server factory wifi net secure config status manual pins power files tls eap
    registry
air: __init__ wifi wps miniap peers scanning security addresses
parts: power pins sockets verify tlslink links flash ota fat timing quirks variables tables
tls: path rules constraints names certificate
world: world peers clock
: missing texts
"""


def test_imports_point_down():
    assert set(house.not_on_a_floor(FILES, FLOORS)) == set()
    assert set(house.arrows_up(FILES, FLOORS)) == set()
    assert set(house.folders_that_do_more(FILES, FLOORS)) == set()


@pytest.mark.parametrize("find", [house.in_circles, house.others_privates, house.too_long])
def test_the_simulator_keeps_the_rule(find):
    assert list(find(FILES)) == []


def test_folders_do_not_import_each_other():
    assert list(house.folders_in_circles(FILES, FLOORS)) == []
