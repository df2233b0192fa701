"""The tests run the documentation's examples, and all that it names exists."""

import ast
import pathlib
import pkgutil
import re
import shutil
import subprocess
import sys
import time

import pytest

from spwf04 import SPWF04
from spwf04.pki import causes
from spwf04_sim import VirtualClock
from tests.shims.controller import Controller
from tests.shims.micropython import ROOT
from tests.shims.servers import servers

TLS = (ROOT / "docs" / "tls.md").read_text()
NOTES = ("spwf04.trust", "spwf04.lent", "spwf04.eap")  # files that the driver writes on the module
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def anchors(page):
    """Return what a link into a page may name: headings as GitHub names them, and anchors."""
    page = re.sub(r"^```.*?^```", "", page, flags=re.S | re.M)
    found = set(re.findall(r'<a id="([^"]+)"></a>', page))
    for heading in re.findall(r"^#+ (.+)$", page, re.M):
        words = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading))
        found.add(words.strip().lower().replace(" ", "-"))
    return found


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_link_leads_somewhere(path):
    text = re.sub(r"^```.*?^```", "", path.read_text(), flags=re.S | re.M)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"https?://", target):
            continue
        file, _, fragment = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        assert there.is_relative_to(ROOT), target
        assert there.exists(), target
        if fragment:
            assert fragment in anchors(there.read_text()), target


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_what_is_typed_on_windows_too_has_no_single_quotes(path):
    assert re.findall(r"(?:pip install|--port) '(?!/dev|sim)[^']*'", path.read_text()) == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_what_a_page_has_in_angle_brackets_is_shown(path):
    page = re.sub(r"^```.*?^```", "", path.read_text(), flags=re.S | re.M)
    page = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", page, flags=re.S)
    tags = re.findall(r"</?([A-Za-z][^<>\n]*)>", page)
    assert [tag for tag in tags if not re.match(r"(a|br|a id=\S+|https?:\S+)$", tag)] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_file_that_a_page_names_is_there(path):
    ours = "spwf04|spwf04_sim|spwf04_cli|boards|tests|bench|docs|examples"
    named = re.findall(rf"(?<![\w/.:])((?:{ours})/[\w./-]*\w)", path.read_text())
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_name_of_ours_that_a_page_names_is_there(path):
    if path.name == "CHANGELOG.md":
        return  # it also names what is gone
    named = set(re.findall(r"\b(spwf04(?:_sim|_cli)?(?:\.\w+)+)", path.read_text()))
    assert [name for name in sorted(named - {*NOTES}) if not known(name)] == []


_IMPORT = re.compile(r"^[\s`>]*((?:from|import) spwf04\w*(?:\.\w+)*(?: +import [\w, *]+)?)", re.M)


# Our modules that a program imports; it reaches all else through them
PUBLIC = {"", ".aio", ".at.trace", ".compat", ".roots.bundling", ".services", ".supervise"}


def shown(*folders):
    """Every import of ours that README, the pages and the files of these folders show, as it is
    written."""
    files = [p for p in PAGES if p.name != "CHANGELOG.md"]
    for folder in folders:
        files += (ROOT / folder).rglob("*.py")
    return sorted({found.strip() for p in files for found in _IMPORT.findall(p.read_text())})


def test_imports_are_read_as_they_are_shown():
    text = "    from spwf04 import A, B  # c\n`import spwf04.aio` as\nfrom spwf04.net import (\n"
    found = ["from spwf04 import A, B", "import spwf04.aio", "from spwf04.net"]
    assert [one.strip() for one in _IMPORT.findall(text)] == found


@pytest.mark.parametrize("line", shown("examples", "boards", "spwf04"))
def test_every_import_that_is_shown_works(line):
    subprocess.run([sys.executable, "-W", "error", "-c", line], check=True, cwd=ROOT)


def test_what_programs_import_is_public():
    named = {line.split()[1] for line in shown("examples", "boards")}
    ours = {name for name in named if re.match(r"spwf04(\.|$)", name)}
    assert {name[6:] for name in ours if not name.startswith("spwf04.services.")} <= PUBLIC


def known(name):
    """True if a dotted name can be imported, or is an attribute of what can."""
    try:
        pkgutil.resolve_name(name)
    except (ImportError, AttributeError):
        return False
    return True


def test_anchors_are_named_as_github_names_them():
    page = (
        "# The module's TLS: what it *cannot* do\n## A `spwf04.toml`, and more\n"
        + '<a id="g.4"></a>'
    )
    assert anchors(page) == {"the-modules-tls-what-it-cannot-do", "a-spwf04toml-and-more", "g.4"}


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """The names that the blocks use, in a folder with the files that they use."""
    monkeypatch.chdir(tmp_path)
    clock = VirtualClock()
    controller = Controller(clock=clock)
    controller.world.ntp = int(time.time())
    shutil.copy(controller.bundle(), "roots.bin")
    (tmp_path / "private-ca.pem").write_text(controller.other_ca_pem())
    for source, name in zip(controller.client_files(), ("client.pem", "client.key")):
        shutil.copy(source, name)
    radio = SPWF04(controller.module.uart("machine"), clock=clock)
    radio.connect("home", "correct horse")
    pems = [controller.ca_pem(), controller.other_ca_pem()]
    (tmp_path / "root-1.pem").write_text(pems[0])
    (tmp_path / "root-2.pem").write_text(pems[1])
    (tmp_path / "ca-20261130.pem").write_text(pems[0])
    client = [pathlib.Path(name).read_bytes() for name in controller.client_files()]
    return {
        "radio": radio,
        "fingerprint": controller.fingerprint(),
        "both_roots": "".join(pems).encode(),
        "client_and_key": b"".join(client),
    }


def test_the_blocks_of_the_tls_page_run_as_printed(desk, capsys):
    blocks = re.findall(r"```python\n(.*?)```", TLS, re.S)
    assert len(blocks) == 13
    for block in blocks:
        exec(compile(block, "docs/tls.md", "exec"), desk)
    said = capsys.readouterr().out
    assert desk["page"].startswith(b"HTTP/1.0 200")
    assert "SHA-256" in said
    assert "verified by the module's TLS" in said
    assert servers().other_ca is not None


def said_by_the_driver():
    """All strings in the driver's source, with "…" for what is filled in."""
    for file in (ROOT / "spwf04").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield re.sub(r"\"?%[sdgr]\"?", "…", node.value)


def test_the_table_of_errors_names_what_the_driver_says():
    section = TLS.partition("### What each error means\n")[2].partition("\n#")[0]
    first = [row.split(" | ")[0] for row in section.splitlines() if row.startswith("| `")]
    named = [words for cell in first for words in re.findall(r"`(.*?)`", cell)]
    said = list(said_by_the_driver())
    for words in named:
        pieces = [piece.strip() for piece in words.split("…")]
        assert any(all(piece in each for piece in pieces) for each in said), words
    for words, *_ in causes._CAUSES.values():
        told = re.sub(r"\"?%[sd]\"?", "…", words)
        fits = [n for n in named if all(piece.strip() in told for piece in n.split("…"))]
        assert fits or told == "…", f"no row for: {words}"


def test_every_switch_that_the_tls_page_names_exists():
    from spwf04_sim import Quirks

    for name in ("ca_lookup", "ca_file_encoding", "ca_file_name", "no_identifier", "rsa4096"):
        assert f"`{name}`" in TLS
        assert name in Quirks.choices()


def test_every_fault_is_in_the_reliability_page():
    from spwf04_sim import FAULTS

    page = (ROOT / "docs" / "reliability.md").read_text()
    listed = re.findall(r"^\| `(\w+)` \| (.+?) \| (.*) \|$", page, re.M)
    assert [name for name, _, _ in listed] == list(FAULTS)
    assert [what for _, what, _ in listed] == [what for what, _ in FAULTS.values()]


def test_the_reliability_page_has_results_without_losses():
    page = (ROOT / "docs" / "reliability.md").read_text()
    row = re.search(r"^\| all \| (.+) \|$", page, re.M)
    assert row is not None
    _, _, _, _, _, wrong, hangs, _ = row[1].split(" | ")
    assert (wrong, hangs) == ("0", "0")
    lost = re.search(r"and nobody told \| (.+) \|$", page, re.M)
    assert lost is not None
    assert lost[1] == "0"


def test_the_glossary_is_in_order_and_short():
    page = (ROOT / "docs" / "glossary.md").read_text()
    entries = page.split("\n\n")[2:]
    words = [re.sub(r"[^a-z]", "", entry.split("**")[1].lower()) for entry in entries]
    assert words == sorted(words)
    assert [entry for entry in entries if entry.count("\n") > 2] == []
