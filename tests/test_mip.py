"""`mpremote mip install`, as the README says it, into a real MicroPython behind a serial port."""

from spwf04_sim import PtyPort
from tests.shims.controller import Controller
from tests.shims.micropython import ROOT
from tests.shims.mp_board import Board

REQUEST = """
import sys
sys.path.append({tests!r})
from shims.mp_uart import PtyUART
from spwf04 import SPWF04, SocketPool, SSLContext
import spwf04
print("from", spwf04.__file__)
radio = SPWF04(PtyUART({port!r}))
radio.connect("home", "correct horse")
radio.set_time({now})
radio.certs.install({pem!r})
sock = SSLContext().wrap_socket(SocketPool(radio).socket(), server_hostname="www.example.com")
sock.connect(("www.example.com", 443))
sock.send(b"GET / HTTP/1.0\\r\\n\\r\\n")
print(sock.read().split(b"\\r\\n")[0])
"""


def test_the_installed_package_does_a_verified_request():
    controller = Controller()
    with Board() as board, PtyPort(controller.module, vmin0=True) as line:
        board.mpremote("mip", "install", "./package.json")
        installed = {p.name for p in (board.lib / "spwf04").iterdir()}
        assert installed == {p.name for p in (ROOT / "spwf04").glob("*.py")}
        output = board.mpremote(
            "exec",
            REQUEST.format(
                tests=str(ROOT / "tests"),
                port=line.path,
                now=controller.now(),
                pem=controller.ca_pem(),
            ),
        )
    assert f"from {board.lib}" in output
    assert "b'HTTP/1.0 200 OK'" in output
