"""What a type checker sees of the installed package."""

import ast
import json
import pathlib
import re
import shutil
import subprocess
import sys
import zipfile

import jedi
import pytest

import spwf04
from tests.shims import package
from tests.shims.micropython import ROOT, tool

FILE = ROOT / "tests" / "types" / "installed.py"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The package as a wheel. It is built from a copy, so that the tree stays as it is."""
    place = tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT, place / "source", ignore=shutil.ignore_patterns(".*", "node_modules"))
    command = ["wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run(
        [sys.executable, "-m", "pip", *command, "-w", str(place), str(place / "source")],
        check=True,
    )
    (found,) = place.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def checked(wheel, tmp_path_factory):
    """checked(files): what the checker says of {name: text} where only the wheel is installed.

    It gives {name: {line: [(severity, rule, text)]}}.
    """
    place = tmp_path_factory.mktemp("types")
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(place / "venv")], check=True
    )
    site = next((place / "venv" / "lib").glob("python*")) / "site-packages"
    zipfile.ZipFile(wheel).extractall(site)
    settings = {"include": ["files"], "venvPath": ".", "venv": "venv", "pythonVersion": "3.9"}
    settings.update(typeCheckingMode="basic", reportUnusedExpression=False)
    settings.update(extraPaths=["boards"])
    shutil.copytree(ROOT / "boards", place / "boards")
    (place / "pyrightconfig.json").write_text(json.dumps(settings))
    (place / "files").mkdir()

    def check(files):
        for name, text in files.items():
            (place / "files" / f"{name}.py").write_text(text)
        command = [tool("basedpyright"), "--outputjson"]
        done = subprocess.run(command, check=False, cwd=place, capture_output=True, text=True)
        found = {name: {} for name in files}
        for one in json.loads(done.stdout)["generalDiagnostics"]:
            lines = found[pathlib.Path(one["file"]).stem]
            line = lines.setdefault(one["range"]["start"]["line"] + 1, [])
            line.append((one["severity"], one.get("rule"), one["message"]))
        for file in (place / "files").iterdir():
            file.unlink()
        return found

    return check


def test_the_wheel_says_that_it_has_types_and_what_goes_to_a_board_does_not(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert "spwf04/py.typed" in names
    assert {f"spwf04/{package.inside(path)}" for path in package.sources()} <= set(names)
    assert "py.typed" not in (ROOT / "package.json").read_text()


def test_types_are_what_the_file_says(checked):
    wanted, found = set(), set()
    for number, line in enumerate(FILE.read_text().splitlines(), 1):
        code, _, comment = line.strip().partition("  # ")
        if code.startswith("reveal_type("):
            assert not re.search(r"\b(Any|Unknown)\b", comment), line
        if comment:
            wanted.add((number, code, comment))
    lines = FILE.read_text().splitlines()
    for number, ones in checked({"installed": FILE.read_text()})["installed"].items():
        code = lines[number - 1].strip().partition("  # ")[0]
        for severity, rule, text in ones:
            kind = re.search(r' is "(.*)"$', text)
            found.add((number, code, kind[1] if kind and severity == "information" else rule))
    assert sorted(found - wanted) == []
    assert sorted(wanted - found) == []


# Rules for names that do not exist and for calls with wrong arguments
FAULTS = {"reportAttributeAccessIssue", "reportCallIssue"}

# Names that a block may use from the blocks before it
BEFORE = """
import pico
from spwf04 import SocketPool, SSLContext
radio = pico.radio()
pool = SocketPool(radio)
sock = pool.socket()
context = SSLContext()
"""


def test_what_pages_show_is_there(checked):
    blocks = {
        f"{page.stem}_{n}": BEFORE + block
        for page in PAGES
        for n, block in enumerate(re.findall(r"```python\n(.*?)```", page.read_text(), re.S))
    }
    blocks["wrong"] = BEFORE + "radio.nonsense()\n"
    wrong = {
        f"{name}: {blocks[name].splitlines()[line - 1]}: {text}"
        for name, lines in checked(blocks).items()
        for line, ones in lines.items()
        for _, rule, text in ones
        if rule in FAULTS
    }
    (known,) = [text for text in wrong if text.startswith("wrong: radio.nonsense()")]
    assert wrong == {known}


# In an editor ------------------------------------------------------------------------------------
PROGRAM = """
from spwf04 import SPWF04, SocketPool
radio = SPWF04(uart)
radio.scan
radio.certs.install_for
SocketPool(radio).socket().recv_into
radio.
"""


def test_an_editor_shows_what_a_method_is_and_completes_its_name():
    """jedi is what Thonny, IPython, Jupyter and Spyder ask."""
    script = jedi.Script(PROGRAM, project=jedi.Project(ROOT))
    for line, said in (
        (4, "scan(timeout: float=8)"),
        (5, "install_for(host, port=443, roots=None"),
        (6, "recv_into(buffer, nbytes=0, flags=0)"),
    ):
        (found,) = script.help(line, len(PROGRAM.split("\n")[line - 1]))
        assert found.docstring().startswith(said)
        assert len(found.docstring(raw=True)) > 60
    offered = {one.name for one in script.complete(7, len("radio."))}
    assert {"scan", "connect", "certs", "ping"} <= offered


# On the board ----------------------------------------------------------------------------------
def test_checkers_are_told_of_every_public_name_where_it_is():
    tree = ast.parse((package.DRIVER / "__init__.py").read_text())
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    told = {
        alias.asname: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name == alias.asname and node.level == 1
    }
    assert told == spwf04._NAMES


class Bare(ast.NodeTransformer):
    """A file without its annotations and without what stands under TYPE_CHECKING."""

    def visit_If(self, node):
        self.generic_visit(node)
        return node.orelse or ast.Pass() if ast.unparse(node.test) == "TYPE_CHECKING" else node

    def visit_FunctionDef(self, node):
        self.generic_visit(node)
        node.returns = None
        return node

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_arg(self, node):
        node.annotation = None
        return node

    def visit_AnnAssign(self, node):
        if node.value is None:
            return ast.Pass()
        return ast.copy_location(ast.Assign([node.target], node.value), node)


def compiled(tree, place):
    (place / "file.py").write_text(ast.unparse(ast.fix_missing_locations(tree)))
    command = [tool("mpy-cross"), "-O3", "-o", str(place / "file.mpy"), str(place / "file.py")]
    subprocess.run(command, check=True)
    return (place / "file.mpy").read_bytes()


@pytest.mark.parametrize("path", package.sources(), ids=package.inside)
def test_types_cost_a_board_nothing(path, tmp_path):
    text = path.read_text()
    with_types = compiled(ast.parse(text), tmp_path)
    assert with_types == compiled(Bare().visit(ast.parse(text)), tmp_path)
    # Only in this form can a compiler leave out what stands under it
    assert re.findall(r"^\s*TYPE_CHECKING\b.*= *(.*)", text, re.M) in ([], ["const(0)"])
