"""What is shipped, who imports whom, and that it fits where it goes."""

import ast
import json
import pathlib
import re
import subprocess
import sys
import types
import unittest.mock

import pytest

import spwf04
from tests.shims.micropython import ROOT, tool

DRIVER = sorted((ROOT / "spwf04").glob("*.py"))
PACKAGE = json.loads((ROOT / "package.json").read_text())

# Who may import whom; an import that is not here has no business there. In brackets: only
# inside a function, so that it costs nothing until it is needed.
ARROWS = {
    "__init__": "",
    "parser": "",
    "port": "parser",
    "errors": "",
    "hints": "",
    "digest": "(sha)",
    "sha": "",
    "native": "",
    "argument": "(payload)",
    "checks": "argument (epoch)",
    "payload": "(checks argument)",
    # the AT engine
    "at": "parser port (find rare explain payload)",
    "find": "at parser",
    "explain": "errors (hints)",
    "rare": "(refusal)",  # and the files of its table
    "odds": "(digest errors udp tls at pem x509)",
    # radio
    "radio": "at parser port (join status certs trace)",
    "join": "argument at parser (comma explain)",
    "reset": "argument at parser (explain)",
    "settings": "argument (comma)",
    "comma": "at",
    "status": "argument errors parser settings (join scan)",
    "scan": "at",
    "epoch": "moment parser (at explain argument)",
    "moment": "",
    "trace": "checks secret",
    "secret": "",
    "supervise": "argument checks epoch settings at errors parser (aio join reset comma)",
    "flow": "checks at errors parser socketpool (reset)",
    # sockets
    "socketpool": "at parser (odds reclaim tcp checks)",
    "opening": "argument at parser (epoch hosttls mishap reclaim refusal)",
    "tcp": "at parser (mishap opening stepwise transfer checks)",
    "transfer": "parser tcp (cork mishap reading silence payload)",
    "reading": "at parser",
    "silence": "at errors parser (mishap reclaim)",
    "mishap": "at errors parser (opening refusal silence tls argument)",
    "reclaim": "at parser reading silence (aio)",
    "stream": "parser errors (checks payload)",
    "names": "argument errors",
    "constants": "",
    "cork": "parser (odds)",
    "stepwise": "at errors parser transfer (mishap reading reclaim silence argument)",
    "server": "argument at clients errors parser",
    "clients": "at parser tcp (reclaim silence transfer)",
    "udp": "payload argument errors opening parser server tcp transfer (reclaim silence checks)",
    "makefile": "(checks payload)",
    "aio": "argument checks at parser (join scan)",
    # TLS
    "tls": "at (argument explain server tcp bundle checks)",
    "refusal": "(errors remedy)",
    "remedy": "errors explain parser (cafiles hosttls opening plan turn)",
    "hosttls": "errors native parser (argument explain opening plan turn hosttls_layer "
    "hosttls_cpython hosttls_stream hosttls_circuitpython)",
    "hosttls_layer": "errors parser pem (cork tcp)",
    "hosttls_cpython": "native (errors cafiles)",
    "hosttls_stream": "errors native",
    "hosttls_circuitpython": "cafiles errors native validity watch (trust)",
    "watch": "errors parser",
    "validity": "digest errors moment x509",
    # certificates: reading, storing, finding
    "pem": "payload (x509)",
    "x509": "(digest)",
    "x509info": "digest parser x509 (moment)",
    "certs": "at (pem placing turn record)",
    "turn": "placing (certs explain)",
    "lines": "at",
    "placing": "lines certs parser (pem cafiles digest explain record)",
    "record": "parser lines (at digest explain)",
    "cafiles": "lines at parser placing (digest explain record)",
    "seldom": "lines cafiles certs parser pem placing reading record (argument)",
    "entry": "(pem x509info)",
    "identity": "payload at parser pem placing x509 (lines cafiles explain seldom)",
    "hello": "parser (reach)",
    "reach": "parser (errors)",
    "bundle": "argument payload parser (pem x509info)",
    "discover": "digest errors hello parser socketpool x509info (reach checks argument)",
    "plan": "discover errors pem reach x509info (argument placing seldom)",
    "trust": "pem plan (argument x509 certs explain hosttls placing seldom socketpool tls bundle "
    "checks)",
    "pin": "argument checks discover errors plan reach trust x509info",
    "diagnose": "argument cafiles discover errors lines placing plan reach record "
    "trust (pem x509 bundle)",
    # under other names
    "compat": "checks payload argument at errors names socketpool tcp tls (odds wlan wifi bundle)",
    "wlan": "status (checks)",
    "wifi": "radio (status checks)",
    # for the desk, mostly
    "ping": "checks argument at",
    "files": "checks payload argument cafiles errors parser lines reading settings "
    "(digest explain)",
    "update": "checks argument errors parser reset settings status",
}

# Modules that MicroPython and CircuitPython have, perhaps behind a try
FOREIGN = set("binascii errno io gc hashlib machine micropython supervisor time".split())
# and what the engines of the host's TLS need, each on its own interpreter
HOST_TLS = {"hosttls": "ssl tls", "hosttls_cpython": "ssl os tempfile", "hosttls_stream": "tls io"}
HOST_TLS["hosttls_circuitpython"] = "ssl"
HOST_TLS.update(dict.fromkeys(("at", "compat", "native", "reclaim", "refusal"), "sys"))
HOST_TLS["aio"] = "asyncio"
HOST_TLS["payload"] = "sys io"


def imports(path):
    """(module, inside a function) of each import; relative ones begin with a dot."""
    tree = ast.parse(path.read_text())
    inside = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            inside.update(ast.walk(node))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or ""), node in inside
        elif isinstance(node, ast.Import):
            for name in node.names:
                yield name.name, node in inside


def test_package_json_lists_exactly_the_files_of_the_driver():
    names = [f"spwf04/{p.name}" for p in DRIVER]
    assert PACKAGE["urls"] == [[name, name] for name in names]


def test_one_version_everywhere():
    project = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.M)
    assert project is not None
    assert project[1] == spwf04.__version__ == PACKAGE["version"]
    assert f"## {project[1]}" in (ROOT / "CHANGELOG.md").read_text()


def test_every_public_name_can_be_imported():
    tree = ast.parse((ROOT / "spwf04" / "__init__.py").read_text())
    (table,) = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and str(node.value).startswith("radio SPWF04 ")
    ]
    for name in table.split()[1::2]:
        assert getattr(spwf04, name).__name__ == name


@pytest.mark.parametrize("path", DRIVER, ids=lambda p: p.stem)
def test_imports_keep_to_the_arrows(path):
    allowed, _, late = ARROWS[path.stem].partition("(")
    for module, inside in imports(path):
        if module.startswith("."):
            name = module.lstrip(".")
            assert name in allowed.split() or (inside and name in late.strip(")").split()), name
        else:
            assert module in FOREIGN | set(HOST_TLS.get(path.stem, "").split()), module


def test_importing_the_radio_loads_nothing_that_is_not_needed():
    code = (
        "import sys; sys.path.insert(0, %r); from spwf04 import SPWF04; "
        "print(*sorted(m for m in sys.modules if m.startswith('spwf04.')))" % str(ROOT)
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["spwf04.at", "spwf04.parser", "spwf04.port", "spwf04.radio"]


# The table of what is secret in a line is the same for who sends it and who is sent it: were there
# two, a password that one hides the other would show. It knows nothing of how the driver works.
_SHARED = {("module", "spwf04"), ("playback", "spwf04")}


@pytest.mark.parametrize("folder", ["spwf04_sim", "spwf04_sim/commands"])
def test_the_simulator_never_imports_the_driver(folder):
    for path in (ROOT / folder).glob("*.py"):
        for module, _ in imports(path):
            if (path.stem, module) in _SHARED:
                continue
            assert module.split(".")[0] != "spwf04", path


def test_what_the_simulator_shares_with_the_driver_stands_alone():
    assert list(imports(ROOT / "spwf04" / "secret.py")) == []


@pytest.mark.parametrize("path", DRIVER, ids=lambda p: p.stem)
def test_a_source_file_is_small_enough_to_be_compiled_on_the_board(path):
    # over it, mpy-cross them: at, and the table that is loaded with the trace
    if path.stem not in ("at", "secret"):
        assert path.stat().st_size < 15000


@pytest.mark.parametrize("path", sorted((ROOT / "boards").glob("*.py")), ids=lambda p: p.stem)
def test_a_board_is_one_function_that_gives_a_radio(path):
    tree = ast.parse(path.read_text())
    functions = [n.name for n in tree.body if isinstance(n, ast.FunctionDef)]
    assert functions == ["radio"]
    assert ast.get_docstring(tree)
    assert len(path.read_text().splitlines()) <= 40


@pytest.mark.parametrize("path", sorted((ROOT / "boards").glob("*.py")), ids=lambda p: p.stem)
def test_a_board_file_compiles_for_the_board(path, tmp_path):
    subprocess.run([tool("mpy-cross"), "-o", str(tmp_path / "board.mpy"), str(path)], check=True)


# Where MicroPython's firmware has the UARTs of Nucleo-64 boards whose D8 is PA9 and D2 PA10:
# {board: {UART: (TX, RX)}}, from ports/stm32/boards/NUCLEO_*/mpconfigboard.h and pins.csv. UART 2
# is the REPL's.
NUCLEO64 = {
    "NUCLEO-F091RC": {1: ("PB6", "PB7"), 3: ("PC10", "PC11")},
    "NUCLEO-F401RE": {6: ("PC6", "PC7")},
    "NUCLEO-F411RE": {6: ("PC6", "PC7")},
    "NUCLEO-F446RE": {1: ("PB6", "PB7"), 3: ("PB10", "PC5"), 6: ("PC6", "PC7")},
    "NUCLEO-G0B1RE": {1: ("PA9", "PA10"), 3: ("PC4", "PC5")},
    "NUCLEO_G474RE": {1: ("PC4", "PC5"), 3: ("PB10", "PB11")},
    "NUCLEO-L073RZ": {1: ("PB6", "PB7")},
    "NUCLEO-L152RE": {1: ("PA9", "PA10"), 3: ("PB10", "PB11")},
    "NUCLEO-L452RE": {1: ("PB6", "PB7"), 3: ("PC10", "PC11")},
    "NUCLEO-L476RG": {1: ("PA9", "PA10"), 3: ("PC4", "PC5")},
}


@pytest.fixture
def nucleo64():
    """board(machine): what the board file has on a board that calls itself so."""

    def board(machine):
        made = types.ModuleType("machine")
        made.UART = lambda number, **more: ("UART", number)
        made.Pin = unittest.mock.Mock()
        file = ROOT / "boards" / "nucleo64_idw04a1.py"
        found = {"__doc__": None}
        with unittest.mock.patch.dict(sys.modules, machine=made):
            with unittest.mock.patch(
                "spwf04.SPWF04", lambda uart, reset: (uart, reset), create=True
            ):
                exec(compile(file.read_text(), str(file), "exec"), found)
        found["sys"] = types.SimpleNamespace(implementation=types.SimpleNamespace())
        if machine is not None:
            found["sys"].implementation._machine = machine
        return found

    return board


@pytest.mark.parametrize("board", NUCLEO64)
def test_the_nucleo_board_names_what_works_and_how(nucleo64, board):
    here = nucleo64(f"{board} with STM32")
    short = board[7:]
    plugged, _, others = here["__doc__"].partition("so there the shield is just put on")
    uarts = NUCLEO64[board]
    if uarts.get(1) == ("PA9", "PA10"):
        assert f"NUCLEO_{short}" in plugged
        uart, reset = here["radio"]()
        assert uart == ("UART", 1) and reset is not None
        assert here["radio"](reset=False) == (("UART", 1), None)
        return
    assert short not in plugged
    with pytest.raises(ValueError, match=board) as raised:
        here["radio"]()
    said = str(raised.value)
    if short in others:
        assert "less RAM" in others and "which UART" in said
        return
    number = int(said.rpartition("uart=")[2])
    tx, rx = uarts[number]
    assert f"wire {tx} to D8, {rx} to D2" in said
    assert here["radio"](uart=number)[0] == ("UART", number)


@pytest.mark.parametrize("machine", ["Raspberry Pi Pico with RP2040", "", None])
def test_the_nucleo_board_says_so_where_it_knows_nothing(nucleo64, machine):
    here = nucleo64(machine)
    with pytest.raises(ValueError, match="which UART is on D8 and D2"):
        here["radio"]()
    assert here["radio"](uart=3)[0] == ("UART", 3)


def test_the_simulated_board_is_a_ready_radio():
    sys.path.insert(0, str(ROOT / "boards"))
    try:
        import simulated
    finally:
        sys.path.pop(0)
    radio = simulated.radio()
    radio.connect("simulated", "password")
    assert radio.isconnected()


def test_the_example_of_the_readme_is_in_the_language_of_all_interpreters(tmp_path):
    text = (ROOT / "README.md").read_text()
    example = text.split("```python\n")[1].split("```")[0]
    file = tmp_path / "example.py"
    file.write_text(example)
    subprocess.run([tool("mpy-cross"), "-o", str(tmp_path / "x.mpy"), str(file)], check=True)
    assert pathlib.Path(file).exists()
