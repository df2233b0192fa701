"""What `make mpy` builds: parts of the driver that need no other part and fit small boards."""

import json
import os
import pathlib
import re
import shutil

import pytest

import spwf04
from tests import sample
from tests.scenarios.test_scenarios import HEAPS, scenarios
from tests.shims import package
from tests.shims.controller import Controller
from tests.shims.lockstep import Lockstep
from tests.shims.micropython import HEAP, ROOT, run_scenario
from tests.shims.mp_board import Board
from tests.shims.paced import Paced
from tools import mpy
from tools.imports import PLAIN, Tree

NAMES = ("core", "tls", "discovery", "everything")
# KB of flash for files on Nucleo-64 boards, from the linker scripts in MicroPython's
# ports/stm32/boards
FLASH = (64, 112, 128, 160, 512)
# Attributes of other objects that have the name of a door: {name: the objects' names}
OTHERS = {
    "load_cert_chain": ("own",),  # of the interpreter's own context
}
# Doors that a file of the driver uses, but only if a program asks for it: {door: the file}
ASKED = {
    # connect(address, TLS_MODE)
    "wrap": "net/connect",
    # listen()
    "serve": "net/socket",
    # engine="host"; or what a server showed, in a profile that has tls/refusal
    "_by_host": "tls/context",
    # roots=
    "_find": "tls/context",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """(folder with all profiles, {name: (Profile, {file: size})})."""
    folder = tmp_path_factory.mktemp("mpy")
    return folder, mpy.build(folder)


@pytest.fixture(scope="module")
def tree():
    return Tree(mpy.SOURCES)


# closed --------------------------------------------------------------------------------------
def test_each_has_all_of_the_one_before(made):
    files = [profile.files for profile, _ in made[1].values()]
    assert tuple(made[1]) == NAMES
    for smaller, larger in zip(files, files[1:]):
        assert smaller <= larger
    everything, sizes = made[1]["everything"]
    files = {package.inside(path) for path in package.sources()}
    assert {name + ".py" for name in everything.files} == files
    assert everything.lacks == {}
    # all but the __init__ of folders, which hold a docstring
    assert {name for name in files if (ROOT / "spwf04" / name).read_text().count("\n") > 1} == {
        name + ".py" for name in sizes
    }


def test_services_are_in_the_profiles_that_their_page_names(made):
    page = (ROOT / "docs" / "services.md").read_text()
    table = re.findall(r"^\| \[.*?\) \| (.*) \| `(\w+)` \|$", page, re.M)
    assert len(table) == 23
    for calls, named in table:
        doors = {"SPWF04." + call for call in re.findall(r"`radio\.(\w+)", calls)}
        files = {"services/" + name for name in re.findall(r"`spwf04\.services\.(\w+)", calls)}
        files |= {"commands/enterprise"} if "identity=" in calls else set()
        have = [
            name
            for name, (profile, _) in made[1].items()
            if not doors & set(profile.lacks) and files <= profile.files
        ]
        assert have[0] == named, calls


@pytest.mark.parametrize("name", NAMES)
def test_no_import_leads_out_but_through_a_door_that_is_shut(made, tree, name):
    profile, _ = made[1][name]
    for file in profile.files:
        for found in tree.imports[file]:
            if found.target not in profile.files and tree.has_code(found.target):
                assert found.way != PLAIN, found
                assert any(found.target in files for files in profile.lacks.values())


@pytest.mark.parametrize("name", NAMES)
def test_nothing_in_it_goes_through_a_door_that_is_shut(made, tree, name):
    profile, _ = made[1][name]
    shut = {door.partition(".")[2] for door in profile.lacks} - {"__init__", ""}
    for file, line, whose, word in tree.mentions(shut, profile.files):
        if whose not in OTHERS.get(word, ()):
            assert ASKED.get(word) == file, f"{file}.py:{line} {whose}.{word}"


# what is built -------------------------------------------------------------------------------
@pytest.mark.parametrize("name", NAMES)
def test_its_package_json_lists_what_is_there(made, name):
    folder = made[0] / name
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*.mpy")}
    package = json.loads((folder / "package.json").read_text())
    assert [to for to, _ in package["urls"]] == [source for _, source in package["urls"]]
    assert {to for to, _ in package["urls"]} == there
    assert package["version"] == spwf04.__version__
    for file in there:
        # byte code for any processor, in the format of MicroPython 1.19 and newer; integers of
        # 31 bits, as where words have 32 bits
        assert (folder / file).read_bytes()[:4] == b"M\x06\x00\x1f"


class Manifest:
    """The functions that our manifests use, as MicroPython's manual describes them."""

    def __init__(self, path):
        self.files = {}
        self._folder = path.parent
        exec(compile(path.read_text(), str(path), "exec"), {"package": self.package})

    def package(self, package_path, files=None, base_path=".", opt=None):
        base = self._folder / base_path
        if files is None:
            found = (base / package_path).rglob("*.py")
            files = [p.relative_to(base / package_path).as_posix() for p in found]
        for file in files:
            path = base / package_path / file
            assert path.is_file()
            self.files[f"{package_path}/{file}"] = opt, os.path.realpath(path)


def test_the_manifest_freezes_the_whole_package():
    files = Manifest(ROOT / "manifest.py").files
    assert files == {
        f"spwf04/{package.inside(path)}": (3, os.path.realpath(path)) for path in package.sources()
    }


@pytest.mark.parametrize("name", NAMES)
def test_the_manifest_of_a_profile_freezes_its_files(made, name):
    files = Manifest(made[0] / name / "manifest.py").files
    assert {pathlib.PurePath(file).with_suffix("").as_posix() for file in files} == {
        f"spwf04/{file}" for file in made[1][name][1]
    }
    assert {opt for opt, _ in files.values()} == {3}
    assert {source for _, source in files.values()} <= set(map(str, package.sources()))


# what the pages say of it --------------------------------------------------------------------
def rows(page, head):
    """The cells of each row of the table with this head."""
    text = (ROOT / page).read_text()
    lines = text[text.index(head) :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_sizes_in_the_readme_are_those_that_it_prints(made):
    """They agree within 5 %, so that a small edit of the driver needs no edit of README."""
    said = rows("README.md", "| profile | what a program can do | files |")
    assert [cells[0] for cells in said] == [f"`{name}`" for name in NAMES]
    for cells, (name, *figures) in zip(said, mpy.table(made[1])):
        for cell, figure in zip(cells[2:], figures):
            what = f"{name}: {figure:.0f}. python -m tools.mpy --pages"
            assert abs(int(cell) - figure) <= 0.05 * figure + 0.5, what


@pytest.fixture(scope="module")
def boards():
    """{KB of flash: (KB free, profile; both when formatted anew)} of docs/boards.md."""
    said = rows("docs/boards.md", "| board | flash for files |")
    return {
        int(kb.split()[0]): (int(free.split()[0]), profile, int(other.split()[0]), then)
        for _, kb, free, profile, other, then in said
    }


def test_the_page_says_which_profile_fits_which_board(made, boards):
    assert tuple(boards) == FLASH
    for free, profile, other, then in boards.values():
        told = "python -m tools.mpy --pages"
        assert profile == mpy.fitting(made[1], free), told
        assert then == mpy.fitting(made[1], other), told


# on a board ----------------------------------------------------------------------------------
START = """
import sys
sys.path.append({tests!r})
from shims.mp_uart import PtyUART
from shims.mp_paced import Clock
import spwf04
print("from", spwf04.__file__)
from spwf04 import SPWF04, SocketPool
radio = SPWF04(PtyUART({port!r}), clock=Clock({time!r}))
radio.connect("home", "correct horse")
pool = SocketPool(radio)
def attempt(call, *arguments):
    try:
        return call(*arguments)
    except Exception as e:
        print(type(e).__name__, e)
def fetch(host, port, context=None):
    sock = pool.socket()
    if context is not None:
        sock = context.wrap_socket(sock, server_hostname=host)
    sock.settimeout(20)
    sock.connect((host, port))
    sock.send(b"GET / HTTP/1.0\\r\\n\\r\\n")
    print(sock.readline())
    sock.close()
"""
PROGRAMS = {
    "core": """
fetch("plain.example", 80)
attempt(fetch, "nowhere.example", 80)
attempt(fetch, "plain.example", 81)
sock = pool.socket()
sock.setblocking(False)
attempt(sock.connect, ("plain.example", 80))
sock.close()
radio.reset()
attempt(radio.isconnected)
try:
    radio.certs
except ImportError as e:
    print("lacks", e)
""",
    "tls": """
from spwf04 import SSLContext
fetch("plain.example", 80)
radio.set_time({now})
attempt(fetch, "www.example.com", 443, SSLContext())
radio.certs.install({pem!r})
fetch("www.example.com", 443, SSLContext())
""",
    "discovery": """
from spwf04 import Bundle, SSLContext
radio.set_time({now})
attempt(fetch, "www.example.com", 443, SSLContext())
print(radio.certs.diagnose("www.example.com"))
fetch("www.example.com", 443, SSLContext(roots=Bundle({bundle!r})))
""",
    "everything": """
spwf04.install(radio, roots=spwf04.Bundle({bundle!r}))
radio.set_time({now})
import socket, ssl
sock = socket.socket()
sock.connect(socket.getaddrinfo("www.example.com", 443)[0][-1])
sock = ssl.wrap_socket(sock, server_hostname="www.example.com")
sock.write(b"GET / HTTP/1.0\\r\\n\\r\\n")
print(sock.readline())
""",
}


FILL = """
for n in range({free}):
    with open("/flash/%d" % n, "wb") as f:
        f.write(bytes([n] * 1024))
"""
CHECK = """
os.umount("/flash")
os.mount(os.VfsFat(flash), "/flash")
for n in range({free}):
    with open("/flash/%d" % n, "rb") as f:
        assert f.read() == bytes([n] * 1024)
"""
FREE = "s = os.statvfs('/flash'); print(s[0] * s[3] / 1024)"  # KB


# Makes the board's Flash what pyb calls Flash
PYB = """
class pyb:
    @staticmethod
    def Flash(start):
        assert start == 0
        return flash
sys.modules["pyb"] = pyb
"""


def formatted(board, kb):
    """Give the board a flash of so many KB and format it; return the KB that are free."""
    board.flash(kb)
    board.mpremote("exec", PYB)
    said = board.mpremote("run", str(ROOT / "tools" / "format_flash.py"))
    return int(said.split()[0])


@pytest.mark.parametrize("kb", FLASH)
def test_so_much_is_free_on_a_board(boards, kb):
    free, _, other, _ = boards[kb]
    with Board() as board:
        board.flash(kb)
        assert int(float(board.mpremote("exec", FREE))) == free
        assert formatted(board, kb) == other


def test_a_flash_that_was_formatted_anew_holds_as_much_as_it_says():
    with Board() as board:
        free = formatted(board, 64)
        board.mpremote("exec", FILL.format(free=free))
        assert float(board.mpremote("exec", FREE)) == 0
        board.mpremote("exec", CHECK.format(free=free))


@pytest.mark.generated(2)
@pytest.mark.parametrize("name", NAMES)
def test_it_is_installed_with_mip_and_works_from_there(made, name):
    folder, profiles = made
    _, sizes = profiles[name]
    controller = Controller()
    with Board() as board, Paced(controller.module) as line:
        for kb in FLASH:  # the smallest that has room
            board.flash(kb)
            free = board.mpremote("exec", FREE)
            if float(free) < mpy.room(sizes) + mpy.SPARE:
                free = formatted(board, kb)
            if float(free) >= mpy.room(sizes) + mpy.SPARE:
                break
        free = board.mpremote("exec", FREE)
        board.mpremote("mip", "install", str(folder / name / "package.json"))
        assert float(free) - float(board.mpremote("exec", FREE)) == mpy.room(sizes)
        program = (START + PROGRAMS[name]).format(
            tests=str(ROOT / "tests"),
            port=line.path,
            time=line.time,
            now=controller.now(),
            pem=controller.ca_pem(),
            bundle=controller.bundle(),
        )
        said = board.mpremote("exec", program)
    assert "from /flash/lib/spwf04/__init__.mpy" in said
    assert "ImportError" not in said
    assert ("lacks no module named 'spwf04.tls'" in said) == (name == "core")
    assert re.search(r"^b'HTTP/1.0 200", said, re.M)


# Files of scenarios for each profile: what it can do, and what can go wrong
SITUATIONS = {
    "core": "start join sockets stepwise recovery",
    "tls": "start join sockets stepwise recovery certs tls",
    "discovery": "start join sockets stepwise recovery certs tls trust files cork",
}
# What a profile explains less well: tls lacks refusal.py, and knows no subject and end of a CA
UNEXPLAINED = {
    ("tls", "test_a_chain_that_mixes_rsa_and_ecdsa_is_explained"),
    ("tls", "test_install_reports_what_was_installed"),
    ("tls", "test_list_tells_where_each_ca_is_and_whose_until_when"),
}
CASES = [
    (name, file, function)
    for name, files in SITUATIONS.items()
    for file, function, _ in scenarios()
    if file in files.split() and (name, function) not in UNEXPLAINED
]


@pytest.fixture(scope="module")
def talking(made, tree, tmp_path_factory):
    """The profiles, with the optional files that need nothing else: scenarios test their words."""
    folder = tmp_path_factory.mktemp("talking")
    for name, (profile, _) in made[1].items():
        shutil.copytree(made[0] / name, folder / name)
        for file in profile.lacks:
            if file in tree.imports and {i.target for i in tree.imports[file]} <= profile.files:
                inside = pathlib.Path("spwf04", file + ".mpy")
                shutil.copy(made[0] / "everything" / inside, folder / name / inside)
    return folder


@pytest.mark.parametrize(("name", "file", "function"), sample(CASES, 24))
def test_no_situation_leads_out_of_it(made, talking, name, file, function):
    """A scenario passes, or uses by itself a name that the profile lacks."""
    profile, _ = made[1][name]
    with Lockstep() as line:
        try:
            run_scenario(file, function, line, HEAPS.get(file, HEAP), driver=talking / name)
        except AssertionError as e:
            said = str(e)
        else:
            return
    assert "ImportError" in said, said
    frames = re.findall(r'File "(.+?)", line \d+, in (\S+)', said)
    words = {door.partition(".")[2] for door in profile.lacks} | {"__getattr__"}
    where, who = frames[-1]
    if "/" not in where:  # a file of the driver
        assert who in words, said
        where, _ = frames[-2]
    assert "/scenarios/" in where, said
