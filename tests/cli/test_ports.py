"""How a module is reached: ports that are found, and those that cannot be opened."""

import os
import types

import pytest

from spwf04_cli import ports
from spwf04_cli.app import NO_MODULE
from spwf04_cli.output import Failure
from spwf04_sim import PtyPort
from tests.cli import at_port, spwf04
from tests.shims.controller import Controller
from tests.shims.desk import simulated


def port(device, vid=0x0403, pid=0x6001, description="FT232R USB UART"):
    """As pyserial describes one."""
    return types.SimpleNamespace(
        device=device, vid=vid, pid=pid, description=description, manufacturer="", product=""
    )


PICO = port("/dev/ttyACM0", 0x2E8A, 5, "Board in FS mode")
ADAPTER = port("/dev/ttyUSB0")


@pytest.fixture
def there(monkeypatch):
    """The list of this computer's ports."""
    found = []
    monkeypatch.setattr(ports, "serial_ports", lambda: found)
    return found


def test_the_only_adapter_is_taken_and_named(there):
    there += [ADAPTER, PICO]
    with at_port(simulated().module, ADAPTER.device):
        done = spwf04("info")
    assert done.code == 0
    assert "Using /dev/ttyUSB0 (FT232R USB UART)." in done.err


def test_of_several_one_must_be_chosen(there):
    there += [ADAPTER, port("/dev/ttyUSB1"), PICO]
    done = spwf04("info")
    assert done.code == NO_MODULE
    said = " ".join(done.err.replace("│", "").split())
    assert "--port /dev/ttyUSB1 (FT232R USB UART)" in said
    assert "--via-mcu /dev/ttyACM0" in said


def test_a_board_alone_is_named_with_the_option_for_it(there):
    there.append(PICO)
    with pytest.raises(Failure) as e:
        ports.found()
    assert "--via-mcu /dev/ttyACM0" in e.value.todo


def test_without_any_port_the_simulated_one_is_named(there):
    done = spwf04("info")
    assert done.code == NO_MODULE
    assert "--port sim" in done.err


def test_a_port_in_the_environment(monkeypatch):
    monkeypatch.setenv("SPWF04_PORT", "sim")
    from spwf04_cli.app import main

    assert main(["info", "--json"]) == 0


def test_a_real_serial_port(monkeypatch):
    controller = Controller()
    with PtyPort(controller.module) as line:
        done = spwf04("info", "--port", line.path)
        assert done.code == 0
        assert "SPWF04SA" in done.out
        with ports.wired(line.path):
            done = spwf04("info", "--port", line.path)
    assert done.code == NO_MODULE
    assert "another program has it open" in done.err


def test_a_port_without_permission_says_what_to_do(monkeypatch):
    import serial

    def refused(*args, **options):
        raise serial.SerialException(13, "could not open port")

    monkeypatch.setattr(serial, "Serial", refused)
    done = spwf04("info", "--port", "/dev/ttyUSB0")
    assert done.code == NO_MODULE
    assert "permission denied" in done.err
    assert "dialout" in done.err


def test_a_port_that_vanishes_is_no_module(monkeypatch):
    import serial

    controller = simulated()
    with at_port(controller.module) as name:
        uart = controller.module.uart("pyserial")

        def gone(data):
            raise serial.SerialException("device disconnected")

        uart.write = gone
        monkeypatch.setattr(controller.module, "uart", lambda face: uart)
        done = spwf04("info", "--port", name)
    assert done.code == NO_MODULE
    assert "the line was lost" in done.err


def test_blinka_opens_two_pins_of_the_header(monkeypatch):
    controller = Controller()
    with PtyPort(controller.module, vmin0=True) as line:
        monkeypatch.setitem(os.environ, "BLINKA_FORCECHIP", "BCM2XXX")
        monkeypatch.setitem(os.environ, "BLINKA_FORCEBOARD", "RASPBERRY_PI_4B")
        from adafruit_blinka.microcontroller.generic_linux import uart

        monkeypatch.setattr(uart.UART, "_PORT_SEARCH_PATTERNS", (line.path,))
        done = spwf04("info", "--port", "blinka:TXD,RXD")
        assert done.code == 0, done.err
        done = spwf04("info", "--port", "blinka:TXD,NOPE")
    assert done.code == NO_MODULE
    assert "not two pins" in done.err
    assert "TXD" in done.err
