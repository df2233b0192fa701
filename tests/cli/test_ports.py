"""How a module is reached: ports that are found, and those that cannot be opened."""

import errno
import json
import os
import re
import subprocess
import sys
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
        device=device,
        vid=vid,
        pid=pid,
        description=description,
        manufacturer="",
        product="",
        serial_number=None,
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


@pytest.mark.skipif(os.name != "posix", reason="names of files")
@pytest.mark.parametrize("option", ["--port", "--via-mcu"])
def test_a_file_a_folder_and_what_is_no_line_are_no_serial_ports(option, tmp_path):
    (tmp_path / "file").touch()
    for name in (tmp_path, tmp_path / "file", *(["/dev/null"] if option == "--port" else [])):
        done = spwf04("info", option, str(name), width=200)
        assert done.code == NO_MODULE
        assert f"{name} cannot be opened: it is no serial port" in done.err


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


# Ports that cannot be opened -----------------------------------------------------------------
@pytest.fixture
def monitor():
    """(port, process) of a port that another program has open."""
    main, name = os.openpty()
    port = os.ttyname(name)
    text = f"import os; os.open({port!r}, os.O_RDWR | os.O_NOCTTY); print(); os.read(0, 1)"
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", text], stdin=pipe, stdout=pipe) as process:
        process.stdout.readline()
        yield port, process
        process.stdin.close()
    os.close(name)
    os.close(main)


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="only Linux tells who it is")
def test_a_busy_port_names_the_program_that_has_it_open(monitor, monkeypatch):
    import serial

    def busy(*given, **more):
        raise serial.SerialException(errno.EBUSY, "could not open port")

    port, process = monitor
    monkeypatch.setattr(serial, "Serial", busy)
    done = spwf04("info", "--port", port)
    assert done.code == NO_MODULE
    who = f"python.* \\(process {process.pid}\\)"
    said = " ".join(done.err.replace("│", "").split())
    assert re.search(f"{port} cannot be opened: another program has it open, {who}", said)
    assert re.search(f"Close {who}, and try again", said)
    assert "serial monitor" in said


def test_so_does_the_port_of_a_board(monitor, monkeypatch):
    from mpremote import transport, transport_serial

    def refused(*given, **more):
        raise transport.TransportError("failed to access it")

    monkeypatch.setattr(transport_serial, "SerialTransport", refused)
    port, process = monitor
    done = spwf04("info", "--via-mcu", port)
    assert done.code == NO_MODULE and f"(process {process.pid})" in done.err
    done = spwf04("info", "--via-mcu", "/dev/ttyNONE")
    assert done.code == NO_MODULE and "/dev/ttyNONE cannot be opened: no such port" in done.err


def test_a_busy_port_of_nobody_known_says_what_it_may_be(monkeypatch):
    monkeypatch.setattr(ports, "holder", lambda name: None)
    said = ports.refused("/dev/ttyUSB0", OSError(errno.EBUSY, "busy"))
    assert said.what == "/dev/ttyUSB0 cannot be opened: another program has it open"
    assert said.todo.startswith("Close that program, and try again. It may be a serial monitor")


def test_a_port_that_is_denied_says_which_group_it_belongs_to(monkeypatch):
    def permit(group, members):
        entry = types.SimpleNamespace(gr_name=group, gr_mem=members)
        monkeypatch.setattr("grp.getgrgid", lambda number: entry)
        monkeypatch.setattr("pwd.getpwuid", lambda n: types.SimpleNamespace(pw_name="ada"))
        return ports.how_to_permit("/dev/null")

    said = "Add yourself to its group, and log in anew: sudo usermod -aG uucp ada"
    assert permit("uucp", []) == said
    assert "log in anew" in permit("uucp", ["ada"]) and "usermod" not in permit("uucp", ["ada"])
    assert "sudo chmod a+rw /dev/null" in permit("root", [])
    assert "dialout" in ports.how_to_permit("/dev/ttyNONE")


# devs ----------------------------------------------------------------------------------------
FEATHER = port("/dev/ttyACM1", 0x239A, 0x80F4, "Feather RP2040")
SOLDERED = port("/dev/ttyAMA0", None, None, "n/a")


@pytest.fixture
def plugged(monkeypatch):
    """Four kinds of ports are there, and free."""
    found = [SOLDERED, PICO, FEATHER, ADAPTER]
    monkeypatch.setattr("serial.tools.list_ports.comports", lambda: found)
    monkeypatch.setattr(os, "access", lambda name, how: True)
    monkeypatch.setattr(ports, "holder", lambda name: None)
    return found


def test_devs_lists_ports_with_what_to_type_for_each(plugged):
    done = spwf04("devs")
    assert done.code == 0
    assert done.out == (
        "/dev/ttyACM0: board with MicroPython\n"
        "  Board in FS mode, USB id 2e8a:0005\n"
        "  → spwf04 info --via-mcu /dev/ttyACM0 --board pico\n"
        "/dev/ttyACM1: board with CircuitPython\n"
        "  Feather RP2040, USB id 239a:80f4\n"
        "  → The driver runs on it; --via-mcu takes boards with MicroPython\n"
        "/dev/ttyUSB0: USB adapter\n"
        "  FT232R USB UART, USB id 0403:6001\n"
        "  → spwf04 info -p /dev/ttyUSB0\n"
        "/dev/ttyAMA0: port without USB\n"
        "  → spwf04 info -p /dev/ttyAMA0\n"
    )
    assert done.err == "Without a module: spwf04 info --port sim\n"


def test_devs_tells_which_port_is_busy_or_denied(plugged, monkeypatch):
    monkeypatch.setattr(
        ports, "holder", lambda name: "screen (process 7)" if "USB" in name else None
    )
    monkeypatch.setattr(os, "access", lambda name, how: "ACM" not in name)
    monkeypatch.setattr(ports, "how_to_permit", lambda name: "Ask the owner")
    done = spwf04("devs")
    assert "/dev/ttyUSB0: USB adapter, another program has it open\n" in done.out
    assert "  → Close screen (process 7)\n" in done.out
    assert "/dev/ttyACM0: board with MicroPython, you may not open it\n" in done.out
    assert "  → Ask the owner\n" in done.out


def test_devs_for_a_program(plugged):
    found = json.loads(spwf04("devs", "--json").out)
    assert [(p["port"], p["kind"], p["state"]) for p in found] == [
        ("/dev/ttyACM0", "board", "free"),
        ("/dev/ttyACM1", "circuitpython", "free"),
        ("/dev/ttyUSB0", "adapter", "free"),
        ("/dev/ttyAMA0", "other", "free"),
    ]
    assert found[2]["next"] == "spwf04 info -p /dev/ttyUSB0"


def test_devs_without_any_port_says_what_to_do(plugged):
    plugged.clear()
    done = spwf04("devs")
    assert done.code == 0 and "Connect the USB adapter" in done.out
    assert "--port sim" in done.err


def test_a_circuitpython_board_is_not_taken_for_the_adapter(there):
    there += [ADAPTER, FEATHER]
    with at_port(simulated().module, ADAPTER.device):
        assert spwf04("info").code == 0


def test_a_url_of_pyserial_is_a_port():
    """tests/hardware has one over RFC 2217."""
    with ports.wired("loop://", 9600) as (uart, clock):
        uart.write(b"AT")
        assert uart.read(2) == b"AT"
        assert (uart.baudrate, clock) == (9600, None)


def test_a_url_where_nothing_answers_is_refused_with_what_it_is():
    for name in ("rfc2217://127.0.0.1:1", "nonsense://here"):
        with pytest.raises(Failure, match=f"{name} cannot be opened"):
            with ports.wired(name):
                pass
