"""How a module is reached: ports that are found, and those that cannot be opened."""

import os
import types

import pytest

from spwf04_cli import ports
from spwf04_cli.output import NO_MODULE, Failure
from spwf04_cli.simulated import described, world_and_name
from spwf04_sim import PtyPort
from tests.cli import at_port, spwf04
from tests.cli.benches import says
from tests.shims.controller import Controller
from tests.shims.desk import simulated


def port(device, vid=0x0403, pid=0x6001, description="FT232R USB UART"):
    """A port as pyserial describes it."""
    return types.SimpleNamespace(
        device=device, vid=vid, pid=pid, description=description, manufacturer="", product=""
    )


PICO = port("/dev/ttyACM0", 0x2E8A, 5, "Board in FS mode")
ADAPTER = port("/dev/ttyUSB0")


@pytest.fixture
def there(monkeypatch):
    """The list of this computer's ports, which a test fills."""
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


# Windows -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("COM3", True),
        ("com12", True),
        (r"\\.\COM12", True),
        (r"\\.\com12", True),
        ("COM*", True),
        ("COM[345]", True),
        ("COM", False),
        ("COM3.txt", False),
        ("comments*", False),
        (r"C:\COM3", False),
        ("/dev/ttyUSB0", False),
        ("/dev/ttyUSB*", False),
        ("-", False),
    ],
)
def test_what_windows_calls_a_port(name, is_one):
    assert ports.of_windows(name) is is_one


def test_a_pattern_of_windows_is_matched_with_the_ports_and_not_with_files(
    there, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "COM99").touch()
    there += [port("COM3"), port("COM12"), port("LPT1")]
    assert ports.matching("com*") == ["COM3", "COM12"]
    assert ports.matching("COM?") == ["COM3"]
    assert ports.matching(r"\\.\COM1*") == ["COM12"]
    with pytest.raises(Failure, match=r"no port is called COM4\*"):
        ports.matching("COM4*")


def test_another_pattern_is_one_of_files(tmp_path):
    for name in ("ttyUSB1", "ttyUSB0", "other"):
        (tmp_path / name).touch()
    names = ports.matching(str(tmp_path / "ttyUSB*"))
    assert names == [str(tmp_path / "ttyUSB0"), str(tmp_path / "ttyUSB1")]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (
            "could not open port 'COM9': FileNotFoundError(2, 'The system cannot find the file "
            "specified.', None, 2)",
            "no such port",
        ),
        (
            "could not open port 'COM3': PermissionError(13, 'Access is denied.', None, 5)",
            "another program has it open",
        ),
    ],
)
def test_what_pyserial_says_on_windows_is_understood(monkeypatch, said, why):
    import serial

    def refused(*given, **more):
        raise serial.SerialException(said)

    monkeypatch.setattr(serial, "Serial", refused)
    done = spwf04("info", "--port", "COM9")
    assert done.code == NO_MODULE and f"COM9 cannot be opened: {why}" in done.err


def test_a_log_is_no_port_but_com3_is(there):
    done = spwf04("trace", "COM77")
    assert done.code == NO_MODULE and "COM77 cannot be opened" in done.err
    assert spwf04("trace", "COM77.log").code == 2


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("world.toml", ("world.toml", "")),
        ("world.toml#one", ("world.toml", "one")),
        (r"C:\bench\world.toml#one", (r"C:\bench\world.toml", "one")),
        (r"C:\bench\world.toml", (r"C:\bench\world.toml", "")),
        ("a#b/world.toml#one", ("a#b/world.toml", "one")),
    ],
)
def test_a_world_file_and_a_module_in_it(text, found):
    assert world_and_name(text) == found


def test_a_folder_may_have_a_number_sign(tmp_path):
    folder = tmp_path / "c#"
    folder.mkdir()
    (folder / "w.toml").write_text('[[module]]\nname = "one"\n')
    assert described(str(folder / "w.toml"))[0].name == "one"
    assert described(str(folder / "w.toml#one"))[0].name == "one"


# as editors on Windows write files
def test_a_byte_order_mark_is_passed_over_and_the_lines_stay(tmp_path):
    world = tmp_path / "world.toml"
    world.write_bytes(b'\xef\xbb\xbf[[module]]\r\nname = "one"\r\n')
    assert spwf04("info", "--port", f"sim:{world}#one").code == 0
    world.write_bytes(b"\xef\xbb\xbf[[module]]\r\nname = 7\r\n")
    done = spwf04("info", "--port", f"sim:{world}")
    assert done.code == 2 and says(done.err, "world.toml:2")
    plan = tmp_path / "plan.toml"
    plan.write_bytes(b'\xef\xbb\xbf[bench]\r\nports = ["sim"]\r\n')
    assert spwf04("provision", str(plan), "--check").code == 0
    plan.write_bytes('[bench]\nports = ["sim"]\n'.encode("utf-16"))
    done = spwf04("provision", str(plan), "--check")
    assert done.code == 2 and says(done.err, "save it as UTF-8")


def test_a_script_for_the_shell_may_begin_with_one():
    done = spwf04("shell", "--port", "sim", stdin="\ufeffGCFG=nv_model\n")
    assert done.code == 0 and "nv_model=SPWF04SA" in done.out
