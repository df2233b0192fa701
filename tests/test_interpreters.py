"""docs/interpreters.md calls the interpreters what they call themselves."""

import json
import re

import pytest

from tests.scenarios.test_scenarios import LACKING, scenarios
from tests.shims import micropython, wasm
from tests.shims.fences import text

PAGE = text("interpreters.md")
# Rows of its table: (version, "preview" or "", newer ones too, port, bits, versions of TLS)
ROWS = re.findall(
    r"^\| MicroPython (\d+\.\d+)( preview)?( or newer)?, (.+), (\d\d) bit \|.*\| (.*) \|$",
    PAGE,
    re.M,
)
# (port, bits) -> the suite's name of it
PORTS = {
    ("unix port", "64"): "micropython",
    ("unix port", "32"): "micropython32",
    ("WebAssembly", "32"): "wasm",
}


def told(port):
    """[version, "preview" or "", bits], as the interpreter itself tells them."""
    if port == "wasm":
        code, output = wasm.run("mp_version", [], None)
    else:
        script = micropython.ROOT / "tests" / "shims" / "mp_version.py"
        interpreter = micropython.micropython32() if port == "micropython32" else None
        code, output = micropython.run(script, [], None, interpreter=interpreter)
    assert code == 0, output
    return json.loads(output)


def numbers(version):
    return [int(number) for number in version.split(".")]


def test_the_page_has_every_interpreter_of_the_suite():
    assert {PORTS[row[3], row[4]] for row in ROWS} == set(PORTS.values())
    assert len(ROWS) == len(PORTS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[3]}-{row[4]}")
def test_it_is_called_what_it_calls_itself(row):
    version, preview, newer, port, bits, _ = row
    itself = told(PORTS[port, bits])
    assert itself[2] == int(bits)
    if newer and numbers(itself[0]) > numbers(version):
        return
    assert [itself[0], itself[1]] == [version, preview.strip()]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[3]}-{row[4]}")
def test_the_scenarios_of_tls_1_3_work_where_the_page_says_so(row):
    port = PORTS[row[3], row[4]]
    ours = [name for file, name, _ in scenarios() if file == "tls13"]
    assert ours
    for name in ours:
        assert ((port, name) not in LACKING) == ("1.3" in row[5])
