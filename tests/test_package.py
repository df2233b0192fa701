"""What the package has, which file imports which, and whether it fits on its boards."""

import ast
import json
import pathlib
import re
import subprocess
import sys

import pytest

import spwf04
from tests.shims import package
from tests.shims.micropython import ROOT, micropython, tool

DRIVER = package.sources()
PACKAGE = json.loads((ROOT / "package.json").read_text())

# Modules that MicroPython and CircuitPython have; some are imported in a try
FOREIGN = set("binascii errno io gc hashlib machine micropython struct supervisor time".split())
# The engines of the host's TLS need these, each on its own interpreter
HOST_TLS = {
    "hosttls.cpython": "ssl os tempfile",
    "hosttls.micropython": "tls io",
    "hosttls.circuitpython": "ssl",
}
HOST_TLS.update(
    dict.fromkeys(
        ("at.channel", "at.task", "compat", "compat.socket", "hosttls.native", "net.socket"),
        "sys",
    )
)
HOST_TLS["aio"] = "asyncio"
HOST_TLS["payload"] = "sys io"
HOST_TLS["roots.bundling"] = "os"
HOST_TLS["services.pins"] = "sys traceback"  # to print what a handler raises
HOST_TLS["at.raw"] = "os"
HOST_TLS["services.http"] = "json"


def imports(path):
    """(module, inside a function) of each import; relative ones begin with a dot."""
    tree = ast.parse(path.read_text())
    inside = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            inside.update(ast.walk(node))
    unread = set()  # for checkers alone
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            unread.update(n for part in node.body for n in ast.walk(part))
    for node in ast.walk(tree):
        if node in unread:
            continue
        if isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or ""), node in inside
        elif isinstance(node, ast.Import):
            for name in node.names:
                yield name.name, node in inside


def test_package_json_lists_exactly_the_files_of_the_driver():
    names = [f"spwf04/{package.inside(p)}" for p in DRIVER]
    assert PACKAGE["urls"] == [[name, name] for name in names]


def test_one_version_everywhere():
    project = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.M)
    assert project is not None
    assert project[1] == spwf04.__version__ == PACKAGE["version"]
    assert f"## {project[1]}" in (ROOT / "CHANGELOG.md").read_text()


def test_every_public_name_can_be_imported():
    tree = ast.parse((ROOT / "spwf04" / "__init__.py").read_text())
    (names,) = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_NAMES"
    ]
    for name in names:
        assert getattr(spwf04, name).__name__ == name


@pytest.mark.parametrize("path", DRIVER, ids=package.inside)
def test_imports_are_of_modules_that_the_interpreters_have(path):
    allowed = FOREIGN | set(HOST_TLS.get(package.name(path), "").split())
    assert {module for module, _ in imports(path) if not module.startswith(".")} <= allowed


def test_importing_the_radio_loads_nothing_that_is_not_needed():
    code = (
        "import sys; sys.path.insert(0, %r); from spwf04 import SPWF04; "
        "print(*sorted(m for m in sys.modules if m.startswith('spwf04.')))" % str(ROOT)
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [
        "spwf04.at",
        "spwf04.at.channel",
        "spwf04.at.exchange",
        "spwf04.at.parser",
        "spwf04.at.task",
        "spwf04.at.uart",
        "spwf04.const",
        "spwf04.radio",
        "spwf04.state",
    ]


# The driver and the simulator share one table of what is secret in a line. With two tables one
# could show a password that the other hides. The table knows nothing of how the driver works.
_SHARED = {(file, "spwf04.at") for file in ("runner", "playback", "compare", "past", "recorded")}


def test_the_simulator_never_imports_the_driver():
    for path in (ROOT / "spwf04_sim").rglob("*.py"):
        for module, _ in imports(path):
            if (path.stem, module) in _SHARED:
                continue
            assert module.split(".")[0] != "spwf04", path


def test_what_the_simulator_shares_with_the_driver_stands_alone():
    assert list(imports(ROOT / "spwf04" / "at" / "secret.py")) == []


@pytest.mark.parametrize("path", DRIVER, ids=package.inside)
def test_a_source_file_can_be_compiled_on_the_board(path, tmp_path):
    """It compiles in 72 KB of heap with 64 bits, and a board needs less.

    A service needs up to 88 KB. secret.py, the table that is loaded with the trace, needs more:
    mpy-cross compiles it.
    """
    heap = "88k" if path.parent.name == "services" else "72k"
    if path.stem != "secret":
        (tmp_path / "one.py").write_text("raise SystemExit\n" + path.read_text())
        command = [*micropython(), "-X", "heapsize=" + heap, "-c", "import one"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


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
