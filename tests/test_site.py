"""The documentation site: it is built once, without a warning, and then looked through.

The build takes about ten seconds; all workers of a run share it.
"""

import ast
import fcntl
import inspect
import os
import pkgutil
import re
import shutil
import subprocess
import sys
import textwrap
import types
import urllib.parse
import zlib

import pytest

import spwf04
import spwf04_sim
from tests import house
from tests.shims.micropython import ROOT

sys.path.insert(0, str(ROOT / "docs" / "extensions"))
import docstrings
import links

# What programs import beside the names of spwf04 and spwf04_sim
OTHERS = """
spwf04.aio: command connect disconnect drive pause scan take
spwf04.at.trace: record stop trace
spwf04.roots.bundling: make
spwf04.supervise: Supervisor Supervisor.poll Supervisor.run Supervisor.isconnected
spwf04_sim.pytest_plugin: spwf04_file spwf04_module spwf04_modules spwf04_port spwf04_world
spwf04_sim.worldfile: fresh load
"""


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The folder of the site."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    place, said = base / "site", base / "site.txt"
    with open(base / "site.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not said.exists():
            command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going"]
            command += ["-d", str(base / "doctrees"), str(ROOT / "docs"), str(place)]
            done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)
            said.write_text(
                done.stderr + (f"ended with {done.returncode}" * bool(done.returncode))
            )
    assert said.read_text() == ""
    return place


@pytest.fixture(scope="session")
def pages(site):
    """{path: [(tag, {attribute: value})]} of each page."""
    return {
        path.relative_to(site).as_posix(): [
            (tag, dict(re.findall(r'([\w-]+)="([^"]*)"', rest)))
            for tag, rest in re.findall(r"<(\w+)((?:\s[^<>]*)?)>", path.read_text("utf-8"))
        ]
        for path in site.rglob("*.html")
    }


@pytest.fixture(scope="session")
def entries(site):
    """The names that the reference has an entry for."""
    data = (site / "objects.inv").read_bytes().split(b"\n", 4)[4]
    lines = [line.split() for line in zlib.decompress(data).decode().splitlines()]
    return {name for name, kind, *_ in lines if kind.startswith("py:")}


# The site ----------------------------------------------------------------------------------------
def test_every_link_leads_to_a_page_and_a_place_on_it(site, pages):
    places = {
        page: {"", *(attributes.get("id") for _, attributes in tags)}
        for page, tags in pages.items()
    }
    wrong = []
    for page, tags in pages.items():
        for target in [attributes["href"] for _, attributes in tags if attributes.get("href")]:
            if re.match(r"\w+:", target):
                continue
            name, _, place = urllib.parse.unquote(target).partition("#")
            name = name.partition("?")[0]  # the version of a style
            name = os.path.normpath(os.path.join(os.path.dirname(page), name)) if name else page
            if not (site / name).exists() or place not in places.get(name, {place}):
                wrong.append((page, target))
    assert wrong == []


def test_every_page_has_a_title_and_one_heading_of_the_first_level(site, pages):
    for page, tags in pages.items():
        title = re.search(r"<title>\s*(.*?)\s*</title>", (site / page).read_text("utf-8"), re.S)
        assert title is not None, page
        assert title[1].replace("&lt;", "<").strip(" -") not in ("", "<no title>"), page
        if page not in ("search.html", "genindex.html", "py-modindex.html"):
            assert [tag for tag, _ in tags].count("h1") == 1, page


def test_no_two_pages_have_the_same_title(site, pages):
    found = [
        re.search(r"<title>(.*?)</title>", (site / page).read_text("utf-8"), re.S)[1]
        for page in pages
    ]
    assert [title for title in found if found.count(title) > 1] == []


def test_pages_load_nothing_from_elsewhere(site, pages):
    loaded = [
        attributes.get("src" if tag in ("script", "img") else "href", "")
        for tags in pages.values()
        for tag, attributes in tags
        if tag in ("script", "img", "iframe") or (tag == "link" and "href" in attributes)
    ]
    assert [address for address in loaded if re.match(r"(\w+:)?//", address)] == []
    for style in site.rglob("*.css"):
        assert (
            re.findall(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//", style.read_text("utf-8")) == []
        )


def test_every_page_of_the_folder_is_on_the_site(pages):
    for path in sorted((ROOT / "docs").rglob("*.md")):
        assert path.relative_to(ROOT / "docs").with_suffix(".html").as_posix() in pages


def test_readme_and_the_pages_beside_it_are_on_the_site_in_full(site):
    for page, words in (
        ("index", "Install"),
        ("contributing", "Three ways through the driver"),
        ("changelog", "0.1.0"),
    ):
        assert words in (site / f"{page}.html").read_text("utf-8")


def test_pictures_of_readme_are_on_its_page(site, pages):
    shown = [attributes["src"] for tag, attributes in pages["index.html"] if tag == "img"]
    assert shown
    assert [picture for picture in shown if not (site / picture).exists()] == []


def test_a_link_that_has_the_name_of_a_file_has_the_title_of_the_page(site):
    text = re.sub(r"<[^>]+>", "", (site / "tls.html").read_text("utf-8"))
    assert "“What no hardware has confirmed” has an experiment" in text
    assert "unverified.md" not in text


def test_a_file_that_a_page_names_can_be_read_on_the_site(site, pages):
    assert "files/examples/bench.toml.html" in pages
    assert "[[access_point]]" in re.sub(
        r"<[^>]+>", "", (site / "files/examples/bench.toml.html").read_text("utf-8")
    )


# The reference -----------------------------------------------------------------------------------
def public():
    """Every public name: "SocketPool.socket" or "spwf04.aio.connect"."""
    yield from (f"spwf04.{name}" for name in spwf04._NAMES)
    yield from (f"spwf04_sim.{name}" for name in spwf04_sim._NAMES)
    for line in re.sub(r"\n +", " ", house.PUBLIC).strip().splitlines():
        owner, names = line.split(": ")
        yield from (f"{owner}.{name}" for name in names.split())
    for line in OTHERS.strip().splitlines():
        owner, names = line.split(": ")
        yield from (f"{owner}.{name}" for name in names.split())


def test_every_public_name_has_its_entry(entries):
    ends = {one.split(".", n)[-1] for one in entries for n in range(one.count(".") + 1)}
    assert [name for name in public() if name not in ends] == []


def documented(entries):
    """(name, function) of each method, property or function of the reference."""
    for name in sorted(entries):
        try:
            owner, _, last = name.rpartition(".")
            found = inspect.getattr_static(pkgutil.resolve_name(owner), last)
        except (ImportError, AttributeError):
            found = getattr(pkgutil.resolve_name(owner), last, None)  # by __getattr__()
        found = getattr(found, "fget", None) or getattr(found, "__func__", None) or found
        if isinstance(found, types.FunctionType):
            yield name, found


# A docstring that says "As connect()" has the arguments, units and errors of that
# and "connect() as steps" too
ELSEWHERE = re.compile(r"\b([Aa]s|those\sof|[Ss]ee)\s+[\w.]+(\(\)|'s)|[\w.]+\(\),? (as|in) steps")


def explains(name, function, words):
    """True if one of these words is in the docstring of a function or of its class."""
    owner = pkgutil.resolve_name(name.rpartition(".")[0])
    text = function.__doc__ + (owner.__doc__ or "") * inspect.isclass(owner)
    return re.search(rf"\b(?:{words})\b", text) or ELSEWHERE.search(function.__doc__)


def test_a_docstring_names_every_argument(entries):
    missing = [
        f"{name}: {argument}"
        for name, function in documented(entries)
        for argument, what in inspect.signature(function).parameters.items()
        if argument not in ("self", "cls") and what.kind not in (what.VAR_KEYWORD,)
        if not explains(name, function, argument)
    ]
    assert missing == []


# argument: the words of which one must stand in the docstring
UNITS = {
    "timeout": "seconds|s",
    "timeout_ms": "ms",
    "ms": "ms",
    "seconds": "seconds|s",
    "now": "seconds",
    "made": "seconds",
    "days": "days",
    "size": "bytes",
    "nbytes": "bytes|nbytes",
    "offset": "byte|bytes",
    "rate": "bit/s",
    "rssi": "dBm",
}


def test_a_docstring_says_in_which_unit_a_number_is(entries):
    missing = [
        f"{name}: {argument}"
        for name, function in documented(entries)
        for argument in inspect.signature(function).parameters
        if argument in UNITS
        if not explains(name, function, UNITS[argument])
    ]
    assert missing == []


GENERAL = {"TypeError", "ValueError", "AttributeError", "StopIteration", "NotImplementedError"}


def test_a_docstring_names_what_the_function_itself_raises(entries):
    missing = []
    for name, function in documented(entries):
        for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                raised = ast.unparse(node.exc.func)
                general = raised in GENERAL or not raised[0].isupper()
                if not general and not explains(name, function, raised):
                    missing.append(f"{name}: {raised}")
    assert missing == []


# How docstrings and links become the site's -----------------------------------------------------
def rendered(text, name="spwf04.f", obj=None):
    lines = text.split("\n")
    app = types.SimpleNamespace(env=types.SimpleNamespace(docname="api/radio"))
    what = "class" if inspect.isclass(obj) else "function"
    docstrings.rewrite(app, what, name, obj, None, lines)
    return "\n".join(lines).strip()


def test_arguments_and_errors_of_a_docstring_become_lists():
    said = rendered(
        "Join a network.\n\nssid: bytes; None: any. password, or key: of the\nnetwork. JoinError: "
        "its\nreason tells. ValueError, TypeError. [c.3]"
    )
    assert said == (
        "Join a network. "
        "[`c.3 <../protocol.html#c.3>`__]\n\n"
        ":Arguments:\n"
        "   * **ssid** – bytes; None: any.\n"
        "   * **password**, or **key** – of the network.\n\n"
        ":Raises:\n"
        "   * :py:obj:`JoinError <JoinError>` – its reason tells\n"
        "   * :py:obj:`ValueError <ValueError>`, :py:obj:`TypeError <TypeError>`"
    )


def test_what_follows_the_arguments_and_an_error_stays_prose():
    said = rendered(
        "Scan.\n\ntimeout: seconds. Returns a list. OSError (EINVAL) if not. It waits."
    )
    assert said == (
        "Scan.\n\nReturns a list. It waits.\n\n"
        ":Arguments:\n   * **timeout** – seconds.\n\n"
        ":Raises:\n   * :py:obj:`OSError <OSError>` (EINVAL) if not"
    )


def test_a_place_in_the_protocol_and_a_call_become_links():
    assert rendered("See docs/errors.md.") == "See “:doc:`/errors`”."
    assert rendered("Sets it; save() keeps it. [c.1, T1]") == (
        "Sets it; :py:obj:`save() <save>` keeps it. "
        "[`c.1 <../protocol.html#c.1>`__, `T1 <../protocol.html#t1>`__]"
    )


def test_what_reStructuredText_would_take_for_markup_is_text():
    assert rendered("A STAT_ constant, a*b, `name`, [0].") == (
        "A STAT\\_ constant, a\\*b, ``name``, [0]."
    )


def test_the_word_error_is_no_name():
    assert rendered("It says AT-S.Certificate Error:23.") == "It says AT-S.Certificate Error:23."


def test_lines_that_are_indented_stay_a_block_of_code():
    said = rendered("Make one.\n\n    radio = SPWF04(uart)\n    radio.scan()")
    assert said.endswith(".. code-block:: python\n\n    radio = SPWF04(uart)\n    radio.scan()")


def test_what_a_class_is_made_of_are_arguments_and_all_else_attributes():
    class Made:
        def __init__(self, uart):
            pass

    text = "A radio.\n\nuart: the line. ip, mask: of the network."
    made = rendered(text, "spwf04.Made", Made)
    assert ":Arguments:\n   * **uart** – the line." in made
    assert made.endswith(".. py:attribute:: ip\n                  mask\n\n   of the network.")
    assert ":Arguments:" not in rendered(text, "spwf04.commands.ping.Made", Made)


@pytest.mark.parametrize(
    "target, source, leads",
    [
        ("https://example.com", "docs/tls.md", ("", "")),
        ("cli.md#doctor", "docs/tls.md", ("page", "cli.md#doctor")),
        ("#renewal", "docs/tls.md", ("", "")),
        ("protocol.md#g.4", "docs/tls.md", ("html", "protocol.html#g.4")),
        ("../README.md#install", "docs/tls.md", ("page", "index.md#install")),
        ("docs/tls.md", "README.md", ("page", "tls.md")),
        ("CONTRIBUTING.md", "README.md", ("page", "contributing.md")),
        ("../boards/pico.py", "docs/tls.md", ("html", "files/boards/pico.py.html")),
        ("examples/", "README.md", ("html", "files/examples/index.html")),
    ],
)
def test_where_a_link_leads_to_on_the_site(target, source, leads):
    assert links.leads_to(target, ROOT / source) == leads


def test_make_docs_needs_a_small_environment_only(tmp_path):
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    command = ["make", "--dry-run", "docs"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "--editable '.[cli,docs]' 'pytest" in done.stdout and "[dev]" not in done.stdout
    assert ".venv-docs/bin/python -m sphinx" in done.stdout
