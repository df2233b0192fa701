"""The files in boards/ against the table of facts, and the table against its quotations."""

import importlib.metadata
import inspect
import re
import subprocess

import pytest

from tests.shims import boards, micropython
from tests.shims.boards import FOLDER, Firmware
from tests.shims.controller import Controller
from tests.shims.micropython import ROOT
from tests.shims.paced import Paced
from tools import boards as facts

BOARDS = facts.BOARDS
MICROPYTHON = [board for board in BOARDS if board["port"] != "circuitpython"]
CIRCUITPYTHON = [board for board in BOARDS if board["port"] == "circuitpython"]
NUCLEOS = [board for board in BOARDS if board["port"] == "stm32"]
ON_A_PC = {"desktop", "raspberry_pi", "simulated"}
PINS = ("tx", "rx", "reset")
BY_PIN, BY_COMMAND = 2, 3  # what the module says of its last reset


def name(board):
    return f"{board['name']}-{board['file']}"


def each(some):
    return pytest.mark.parametrize("board", some, ids=name)


def firmware(board):
    """The firmware of a board of the table."""
    if board["port"] == "circuitpython":
        return Firmware(board["port"], boards.stub_pins(board["stub"]))
    machine = f"{board['machine']} with a processor"
    return Firmware(board["port"], [board[pin] for pin in PINS], machine)


def works(radio, there):
    """The radio joins a network, and restarts the module by its RESET line."""
    radio.connect("home", "correct horse")
    assert radio.isconnected()
    radio.reset()
    assert there.module.reset_reason == BY_PIN


# The files ------------------------------------------------------------------------------------
def test_every_file_has_its_boards_in_the_table():
    files = {path.stem for path in FOLDER.glob("*.py")}
    assert files == {board["file"] for board in BOARDS} | ON_A_PC
    assert len(files) <= 15


@each(BOARDS)
def test_a_board_is_wired_as_the_table_says_and_works(board):
    there = firmware(board)
    radio = there.radio(board["file"])
    wanted = {"baudrate": 115200, "rxbuf": 1024, "reset": board["reset"], "value": 1}
    wanted["mode"] = "open drain"
    if "uart" in board:
        wanted["uart"] = board["uart"]
    if board["port"] in ("rp2", "esp32", "circuitpython"):
        wanted.update(tx=board["tx"], rx=board["rx"])
    if board["port"] == "circuitpython":
        wanted["timeout"] = 0
    assert there.asked == wanted
    works(radio, there)


@each(BOARDS)
def test_a_file_tells_its_boards_and_their_wires(board):
    source = (FOLDER / f"{board['file']}.py").read_text()
    told = source.split('"""')[1]
    assert re.search(rf"\b{re.escape(board['name'].removeprefix('NUCLEO_'))}\b", told)
    for pin in PINS:
        assert re.search(rf"\b{facts.pin(board, pin)}\b", told), pin


@each([board for board in NUCLEOS if board["file"] == "nucleo64_idw04a1"])
def test_a_board_of_the_shield_works_on_wires_too(board):
    there = firmware(board)
    there.radio("nucleo64")
    assert (there.asked["uart"], there.asked["reset"]) == (board["uart"], board["reset"])


def test_the_files_run_on_micropython():
    """One board of each file, on a MicroPython of its own, through a UART to a module."""
    of_file = {board["file"]: board["machine"] for board in MICROPYTHON}
    controller = Controller()
    with Paced(controller.module) as line:
        script = ROOT / "tests" / "shims" / "mp_boards.py"
        arguments = [line.path, line.time, str(FOLDER)]
        arguments += [f"{file}:{machine}" for file, machine in of_file.items()]
        code, output = micropython.run(script, arguments, controller)
    assert (code, output.split()[::2]) == (0, list(of_file)), output
    assert set(output.split()[1::2]) == {"False"}


# A file on another board -----------------------------------------------------------------------
OTHERS = ["Raspberry Pi Pico with RP2040", "NUCLEO-F091RC with STM32F091RCT6", "", None]
LISTS = ("nucleo64", "nucleo64_idw04a1", "nucleo144")


@pytest.mark.parametrize("file", LISTS)
@pytest.mark.parametrize("machine", OTHERS + [f"{b['machine']} with STM32" for b in NUCLEOS])
def test_a_nucleo_that_a_file_does_not_know_is_told_what_to_do(file, machine):
    known = [b["machine"] for b in NUCLEOS if b["file"] == file]
    if file == "nucleo64":
        known += [b["machine"] for b in NUCLEOS if b["file"] == "nucleo64_idw04a1"]
    there = Firmware("stm32", ["A8", "E13"], machine)
    if (machine or "").split(" with ")[0] in known:
        assert there.radio(file) is not None
        return
    with pytest.raises(ValueError) as raised:
        there.radio(file)
    said = str(raised.value)
    assert said.startswith("This board" if machine is None else machine.split(" with ")[0])
    assert ("nucleo64.py" if file == "nucleo64_idw04a1" else "radio(uart=N)") in said
    assert there.asked == {}


@pytest.mark.parametrize("file", ["nucleo64", "nucleo144"])
def test_firmware_of_ones_own_may_have_another_uart(file):
    there = Firmware("stm32", ["A8", "E13"], "MINE with STM32")
    there.radio(file, uart=5)
    assert there.asked["uart"] == 5


@pytest.mark.parametrize("file", ["nucleo64", "nucleo64_idw04a1"])
def test_a_shield_without_the_patch_is_restarted_by_command(file):
    there = Firmware("stm32", ["A8"], "NUCLEO-L476RG with STM32L476RG")
    radio = there.radio(file, reset=False)
    assert "reset" not in there.asked
    radio.reset()
    assert there.module.reset_reason == BY_COMMAND


@pytest.mark.parametrize("stub", ["adafruit_metro_rp2040", "raspberry_pi_pico"])
def test_a_board_without_the_pins_named_tx_and_rx_has_a_file_of_its_own(stub):
    assert not {"TX", "RX"} & boards.stub_pins(stub)
    assert stub in [board["stub"] for board in CIRCUITPYTHON if board["file"] != "circuitpython"]


# On a PC --------------------------------------------------------------------------------------
def test_a_raspberry_pi():
    there = Firmware("blinka", ["D17"])
    radio = there.radio("raspberry_pi")
    wanted = {"port": "/dev/serial0", "baudrate": 115200, "timeout": 0, "reset": "D17"}
    assert there.asked == wanted
    works(radio, there)


def test_a_raspberry_pi_without_a_wire_to_reset_needs_no_blinka():
    there = Firmware("blinka", [])  # no pin D17
    radio = there.radio("raspberry_pi", port="/dev/ttyAMA3", reset=False)
    assert there.asked["port"] == "/dev/ttyAMA3"
    radio.reset()
    assert there.module.reset_reason == BY_COMMAND


def test_blinka_has_what_the_file_asks_of_it(monkeypatch):
    monkeypatch.setenv("BLINKA_FORCECHIP", "BCM2XXX")
    monkeypatch.setenv("BLINKA_FORCEBOARD", "RASPBERRY_PI_4B")
    import board
    import digitalio

    assert board.D17.id == 17
    inspect.signature(digitalio.DigitalInOut.switch_to_input).bind(None)
    inspect.signature(digitalio.DigitalInOut.switch_to_output).bind(None, value=False)


# The table ------------------------------------------------------------------------------------
def quoted(board, path, pattern):
    """What a pattern finds in the board's quotations of files with this end."""
    texts = [text for there, text in facts.quotes(board) if there.endswith(path)]
    found = [match for text in texts if (match := re.search(pattern, text))]
    assert found, (path, pattern)
    return found


def test_the_driver_as_source_is_as_large_as_the_table_says():
    sizes = [path.stat().st_size for path in (ROOT / "spwf04").rglob("*.py")]
    blocks = sum(-(-size // 512) for size in sizes)
    assert 0.8 * facts.SOURCE < blocks / 2 <= facts.SOURCE


@each(MICROPYTHON)
def test_the_name_of_a_board_is_quoted(board):
    (found,) = quoted(board, "mpconfigboard.h", r'define MICROPY_HW_BOARD_NAME "(.+)"')
    assert found[1] == board["machine"]


@each(NUCLEOS)
def test_what_the_table_says_of_an_stm32_is_quoted(board):
    for pin in ("tx", "rx"):
        what = rf"define MICROPY_HW_UART{board['uart']}_{pin.upper()} \(pin_(\w+)\)"
        assert [found[1] for found in quoted(board, "mpconfigboard.h", what)] == [board[pin]]
    (repl,) = quoted(board, "mpconfigboard.h", r"UART_REPL \(?PYB_(\w+)")
    assert repl[1] != f"UART_{board['uart']}"  # the prompt keeps its UART
    assert quoted(board, "pins.csv", rf",P{board['reset']}$")
    (script,) = quoted(board, "mpconfigboard.mk", r"LD_FILES = boards/(\w+\.ld)")
    files = quoted(board, script[1], r"^FLASH_FS2? \(.*LENGTH = (\d+)K$")
    assert sum(int(found[1]) for found in files) == board["files"]
    (ram,) = quoted(board, script[1], r"^RAM \(.*LENGTH = (\d+)(K?)$")
    assert int(ram[1]) // (1 if ram[2] else 1024) == board["ram"]
    assert board.get("heap", 0) < board["ram"]


@each([board for board in BOARDS if board["port"] == "rp2"])
def test_what_the_table_says_of_a_pico_is_quoted(board):
    for pin in PINS:
        assert quoted(board, "pins.csv", rf"^GP{board[pin]},GPIO{board[pin]}$")
    tx, rx = int(board["tx"]), int(board["rx"])
    (rule,) = quoted(board, "machine_uart.c", r"IS_VALID_PERIPH\(uart, pin\) (.*)")
    assert rule[1] == "(((((pin) + 4) & 8) >> 3) == (uart))"
    assert {((pin + 4) & 8) >> 3 for pin in (tx, rx)} == {board["uart"]}
    assert (tx & 3, rx & 3) == (0, 1)
    (size,) = quoted(board, "mpconfigboard.cmake", r"FLASH_STORAGE_BYTES (\d+)\)")
    assert int(size[1]) == board["files"] << 10


@each([board for board in BOARDS if board["port"] == "esp32"])
def test_what_the_table_says_of_an_esp32_is_quoted(board):
    for pin in PINS:
        assert quoted(
            board, "machine_pin.h", rf"… #define MICROPY_HW_ENABLE_GPIO{board[pin]} \(1\)"
        )
    (megabytes,) = quoted(board, "sdkconfig.base", r"FLASHSIZE_(\d+)MB=y")
    (at,) = quoted(board, ".csv", r"^factory, app, factory, (\w+), (\w+),$")
    used = int(at[1], 16) + int(at[2], 16)
    assert (int(megabytes[1]) << 20) - used == board["files"] << 10


@each([board for board in BOARDS if board["port"] == "mimxrt"])
def test_what_the_table_says_of_a_teensy_is_quoted(board):
    (index,) = quoted(board, "mpconfigboard.h", r"UART_INDEX \{ (.*) \}")
    unit = int(index[1].split(", ")[board["uart"]])
    for pin in ("tx", "rx"):
        what = rf"IOMUXC_(\w+)_LPUART{unit}_{pin.upper()} "
        (pad,) = quoted(board, "mpconfigboard.h", what)
        assert quoted(board, "pins.csv", rf"^{board[pin]},{pad[1]}$")
    assert quoted(board, "pins.csv", rf"^{board['reset']},")
    found = [
        int(quoted(board, path, pattern)[0][1], 16)
        for path, pattern in (
            ("mpconfigboard.mk", r"FLASH_SIZE = 0x(\w+)"),
            ("mpconfigboard.mk", r"FLASH_RESERVED \?= 0x(\w+)"),
            ("MIMXRT1062.ld", r"vfs_start = flash_start \+ 0x(\w+);"),
            ("MIMXRT1062.ld", r"ocrm_size = 0x(\w+);"),
        )
    ]
    assert found[0] - found[1] - found[2] == board["files"] << 10
    assert found[3] == board["heap"] << 10


def firmware_sizes(board):
    """KB of flash that the quotations give to CircuitPython on a chip of this size."""
    for _, text in facts.quotes(board):
        if found := re.search(r"FIRMWARE_SIZE(?:='| )\((\d+) \* 1024\)", text):
            yield int(found[1])
        if found := re.match(r"code_size = _ld_flash_size >= (\d)M \? (\d)M : (\d)M;", text):
            limit, large, small = (int(number) << 10 for number in found.groups())
            yield large if board["chip"] >= limit else small
        if text == "QSPI_FLASH_FILESYSTEM = 1":
            yield 0  # the firmware is not on this chip


@each(CIRCUITPYTHON)
def test_what_the_table_says_of_a_board_with_circuitpython_is_quoted(board):
    there = boards.stub_pins(board["stub"])
    assert {board[pin] for pin in PINS} <= there
    (chips,) = quoted(board, "mpconfigboard.mk", r'^(?:EXTERNAL_FLASH_DEVICES|FLASH) = "?([^"]+)')
    # A chip's name has its megabits: W25Q16, GD25Q64, S25FL116
    sizes = [int(re.search(r"(?:25Q|25FL1|25FL2)(\d+)", chip)[1]) for chip in chips[1].split(",")]
    assert min(sizes) << 7 == board["chip"]
    assert board["firmware"] in firmware_sizes(board)


@pytest.mark.parametrize("port", sorted({board["port"] for board in MICROPYTHON}))
def test_what_the_files_ask_of_a_port_is_quoted(port):
    """The fake of a port takes no more than this."""
    asked = ["rxbuf", "OPEN_DRAIN"] + (["tx", "rx"] if port in ("rp2", "esp32") else [])
    asked += ["cpu"] if port == "stm32" else []
    text = facts.FACTS["ports"][port]
    assert sorted(re.findall(r"MP_QSTR_(\w+)", text)) == sorted(asked)


def test_what_the_files_ask_of_busio_is_in_the_stubs():
    stub = boards.stubs("busio-stubs/__init__.pyi")
    (made,) = re.findall(r"class UART:.*?def __init__\((.*?)\) -> None", stub, re.S)
    assert {"tx", "rx", "baudrate", "timeout", "receiver_buffer_size"} <= {
        *re.findall(r"(\w+): ", made)
    }


def test_the_stubs_are_of_the_version_that_the_table_names():
    assert importlib.metadata.version("circuitpython-stubs") == facts.FACTS["stubs"]


# Looking up -----------------------------------------------------------------------------------
SOURCE = """// A board
#if ONE
#define  UART_TX   (pin_A9) // D8
#else
#define UART_TX (pin_B6)
  FLASH_FS (rx)   : ORIGIN = 0x08004000, LENGTH = 64K /* sectors */
"""


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("#define UART_TX (pin_A9)", True),
        ("#define UART_TX (pin_A8)", False),
        ("#define UART_TX (pin_A", False),
        ("#if ONE … #define UART_TX (pin_A9) … #else", True),
        ("#else … #define UART_TX (pin_A9)", False),
        ("FLASH_FS (rx) : ORIGIN = 0x08004000, LENGTH = 64K", True),
    ],
)
def test_a_quotation_is_found_or_not(text, there):
    assert facts.stands(facts.plain(SOURCE), text) == there


def git(folder, *words):
    command = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b", *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_the_tool_names_each_quotation_that_does_not_stand_there(tmp_path):
    git(tmp_path, "init", "-q")
    for _, path, text in facts.quoted("micropython"):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a") as f:
            f.write("\n".join(text.split(" … ")) + "\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "all of it")
    there = facts.Checkout(tmp_path, git(tmp_path, "rev-parse", "HEAD"))
    assert there.project == "micropython"
    assert there.missing() == []
    (tmp_path / "ports/rp2/boards/RPI_PICO/pins.csv").write_text("GP4,GPIO14\n")
    git(tmp_path, "commit", "-qam", "another pin")
    missing = facts.Checkout(tmp_path, "HEAD").missing()
    path = "ports/rp2/boards/RPI_PICO/pins.csv"
    pins = ["GP4,GPIO4", "GP5,GPIO5", "GP3,GPIO3"]
    assert missing == [("Raspberry Pi Pico", path, pin) for pin in pins]


def test_a_folder_that_is_no_checkout_is_told(tmp_path):
    with pytest.raises(OSError, match=re.escape(str(tmp_path))):
        facts.Checkout(tmp_path)


# Pages ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("page", facts.TABLES)
def test_a_page_has_the_table(page):
    assert (ROOT / page).read_text() == facts.page(page), "python -m tools.boards --pages"


def board(**more):
    return {"port": "stm32", "files": 512, "heap": 200, **more}


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (board(), "`everything`"),
        (board(files=64), "freeze it"),
        (board(heap=50), "freeze it"),
        (board(heap=100), "`everything`; for `roots=` freeze it"),
        (board(heap=100, room=180), "`everything`; for `roots=` freeze `discovery`"),
        (board(heap=100, room=120), "`everything`, no `roots=`"),
        (board(files=64, room=65), "freeze `core`"),
        (board(files=64, room=95), "freeze `tls` without `asyncio`"),
        (board(files=64, room=90), "freeze `tls` without `asyncio`, `framebuf`"),
        (board(files=64, room=75), "freeze `tls` without `asyncio`, `framebuf`, `@native`"),
        (board(files=64, room=400), "freeze `everything`"),
        (board(files=64, heap=40, room=400), "freeze `tls`"),
        (board(files=64, heap=20, room=400), "nothing, unless the firmware becomes smaller"),
        (board(files=170, room=400), "`tls`, or freeze `everything`"),
        (board(files=64, room=6), "nothing, unless the firmware becomes smaller"),
        (board(files=170, heap=100), "`tls`"),
        ({"port": "circuitpython", "chip": 2048, "firmware": 1536}, "`.mpy`"),
    ],
)
def test_what_fits_is_a_question_of_flash_and_heap(one, said):
    assert facts.fits(one) == said
