"""`mpremote mip install`, as in README, on a real MicroPython behind a serial port."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

from spwf04_sim import PtyPort
from tests import HANG
from tests.shims import package
from tests.shims.controller import Controller
from tests.shims.micropython import ROOT, tool
from tests.shims.mp_board import Board

REQUEST = """
import sys
sys.path += {paths!r}
from shims.mp_uart import PtyUART
from shims.mp_slow import Clock
from spwf04 import SPWF04, SocketPool, SSLContext
import spwf04
print("from", spwf04.__file__)
radio = SPWF04(PtyUART({port!r}), clock=Clock())
radio.connect("home", "correct horse")
radio.set_time({now})
radio.certs.install({pem!r})
sock = SSLContext().wrap_socket(SocketPool(radio).socket(), server_hostname="www.example.com")
sock.connect(("www.example.com", 443))
sock.send(b"GET / HTTP/1.0\\r\\n\\r\\n")
print(sock.read().split(b"\\r\\n")[0])
"""


def request(board):
    """Have the board make a request; return what it prints."""
    controller = Controller()
    with PtyPort(controller.module, vmin0=True) as line:
        return board.mpremote(
            "exec",
            REQUEST.format(
                paths=["", str(ROOT / "tests")],
                port=line.path,
                now=controller.now(),
                pem=controller.ca_pem(),
            ),
        )


def test_the_installed_package_does_a_verified_request():
    with Board() as board:
        board.mpremote("mip", "install", "./package.json")
        there = board.lib / "spwf04"
        installed = {p.relative_to(there).as_posix() for p in there.rglob("*") if p.is_file()}
        assert installed == set(map(package.inside, package.sources()))
        output = request(board)
    assert f"from {board.lib}" in output
    assert "b'HTTP/1.0 200 OK'" in output


def test_a_profile_installed_as_the_readme_says_does_a_verified_request(tmp_path):
    (block,) = [b for b in (ROOT / "README.md").read_text().split("```\n") if "make mpy" in b]
    rule = re.search(r"^mpy: venv\n\t(.+)$", (ROOT / "Makefile").read_text(), re.M)
    assert rule is not None
    for folder in ("spwf04", "tools"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    path = os.pathsep.join(
        [str(tmp_path), str(pathlib.Path(sys.executable).parent), os.environ["PATH"]]
    )
    with Board() as board:
        # this computer has other ports, and the test needs no new environment
        known = {
            "mpremote": f'exec {tool("mpremote")} connect {board.port} resume "$@"',
            "make": rule[1].replace("$(BIN)/", ""),
        }
        for name, command in known.items():
            (tmp_path / name).write_text(f"#!/bin/sh\n{command}\n")
            (tmp_path / name).chmod(0o755)
        subprocess.run(
            ["sh", "-e"],
            input=block,
            text=True,
            cwd=tmp_path,
            env={**os.environ, "PATH": path},
            check=True,
            timeout=HANG,
        )
        output = request(board)
    assert f"from {board.lib}/spwf04/__init__.mpy" in output
    assert "b'HTTP/1.0 200 OK'" in output
