"""Others' drivers work with the simulated module: from the reset pin to a page of a server."""

import pytest

from spwf04_sim import Quirks
from tests.sim.drivers import GHI, KEY, PAGE, ST, Failed, Mbed


def test_arms_driver_gets_a_page_and_leaves_the_network():
    host = Mbed()
    host.initialise()
    host.connect()
    assert host.page() == PAGE
    assert host.module.sockets[0] is None
    host.disconnect()
    assert host.module.wifi.ip is None


def test_arms_driver_configures_while_the_radio_is_starting():
    """It saves and resets before the first WIND 32: the radio has to come up afterwards."""
    host = Mbed()
    host.initialise()
    told = [line.split(":")[1] for line in host.lines if line.startswith("+WIND")]
    assert told.index("32") > len(told) - 2  # one alone, behind the second boot
    assert host.module.variables["wifi_mode"] == "0"


def test_arms_driver_does_it_all_again():
    host = Mbed()
    for _ in range(2):
        host.initialise()
        host.connect()
        assert host.page() == PAGE
        host.disconnect()


def test_arms_driver_gets_a_page_from_a_module_with_a_past():
    host = Mbed(saved={"wifi_ssid": "elsewhere", "console_echo": "0", "wifi_mode": "1"})
    host.initialise()
    host.connect()
    assert host.page() == PAGE


def test_sts_middleware_gets_a_page():
    host = ST()
    host.initialise()
    assert host.addresses == 2
    assert host.page() == PAGE


def test_sts_middleware_waits_for_ever_for_a_second_address():
    host = ST(Quirks(wind24_v6=False))
    with pytest.raises(Failed):
        host.initialise()


def test_ghis_driver_joins_without_a_reset_and_gets_a_page():
    host = GHI()
    host.initialise()
    host.connect()
    assert host.address_of("example.org") == "93.184.216.34"
    assert host.page() == PAGE
    assert host.module.flash.saved["wifi_wpa_psk_text"] == KEY


def test_a_host_that_compares_ok_literally_fails_with_a_longer_one():
    for driver in (Mbed, ST, GHI):
        with pytest.raises(Failed):
            driver(Quirks(ok_suffix=":heap")).initialise()
