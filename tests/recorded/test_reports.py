"""What reports have shown, played again against the driver: CONTRIBUTING.md says how."""

import pytest

from spwf04 import SPWF04, ModuleError


@pytest.mark.spwf04_recording("unknown_variable.txt")
def test_a_variable_that_the_module_does_not_know_is_an_error_with_its_number(spwf04_playback):
    radio = SPWF04(spwf04_playback, clock=spwf04_playback.clock)
    radio.connect("home", "any password")
    with pytest.raises(ModuleError) as caught:
        radio.get("no_such_variable")
    assert caught.value.code == 4
    assert spwf04_playback.done
