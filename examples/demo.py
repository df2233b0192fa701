"""From a factory-fresh SPWF04 to a page over verified TLS, as a person goes there: `make demo`.

The module is a simulated one on a pseudo-terminal, as fast as a real one. The HTTPS server runs on
this computer, with a CA of its own, as the server of a workshop or a company has it.
The exit code is 0 only if the page came complete, over a connection that the module verified, and
if `spwf04 trust` had another module verify the server too.
"""

import contextlib
import ssl
import sys
import tempfile
import time
from pathlib import Path

import serial
from rich.console import Console
from rich.panel import Panel

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from spwf04 import SPWF04, CertificateError, SocketPool, SSLContext
from spwf04_cli.app import main as spwf04
from spwf04_cli.server.roots import build, certifi_roots
from spwf04_cli.simulated import https
from spwf04_sim import PtyPort, SimulatedModule, Timing, World

SSID, PASSWORD = "workshop", "correct horse"
say = Console(highlight=False, soft_wrap=True)


@contextlib.contextmanager
def fresh_module(server, timing):
    """The path of a factory-fresh module, in a world where it reaches the server (host, port)."""
    world = World()
    world.add_access_point(SSID, PASSWORD)
    world.route(*server, ("127.0.0.1", server[1]))
    world.ntp = int(time.time())
    module = SimulatedModule(world, timing=timing)
    module.power_on()
    with PtyPort(module) as port:
        yield port.path


def step(text):
    say.print(f"\n[bold cyan]{text}[/]")


def code(text):
    say.print(f"  [dim]>>>[/] [green]{text}[/]")


def get(radio, context, server):
    """Get / from a server (host, port) over TLS; return the answer, bytes."""
    sock = context.wrap_socket(SocketPool(radio).socket())
    sock.settimeout(30)
    with sock:
        sock.connect(server)
        sock.send(b"GET / HTTP/1.0\r\nHost: %s\r\n\r\n" % server[0].encode())
        return sock.read()


def with_a_program(path, server, roots):
    """What a person's program does. True if the page came. roots: the name of a root bundle."""
    lines = []
    radio = SPWF04(serial.Serial(path, timeout=0), debug=lines.append)

    step("1. A factory-fresh module joins a network")
    code(f'radio.connect("{SSID}", "********")')
    radio.connect(SSID, PASSWORD)
    say.print(f"  address {radio.ipv4_address}, firmware {radio.firmware}")

    step("2. It shall get a page, and refuses the server")
    code(f"sock = SSLContext().wrap_socket(pool.socket()); sock.connect({server})")
    try:
        get(radio, SSLContext(), server)
        return False  # a new module trusts nobody
    except CertificateError as e:
        explained(e, next(line for line in lines if "Certificate Error:23" in line))

    step("3. One argument more: a file with the roots that you trust. Then the same call")
    code('context = SSLContext(roots="roots.bin")')
    code(f"sock = context.wrap_socket(pool.socket()); sock.connect({server})")
    answer = get(radio, SSLContext(roots=roots), server)
    say.print(Panel(answer.decode().replace("\r\n", "\n").strip(), border_style="green"))
    (entry,) = radio.certs.entries()
    say.print(f"  The driver asked the server which root it needs, found {entry.subject}")
    say.print(f"  in the file, and put it into the module's {entry.where}. It stays there.")
    head, _, body = answer.partition(b"\r\n\r\n")
    return head.startswith(b"HTTP/1.0 200") and body == https.PAGE


def explained(error, line):
    """Show a CertificateError: what the module said, what is wrong, what to do."""
    what = error.args[1].removesuffix(error.hint).rstrip(" .")
    say.print(f"  the module says  [red]{line.partition('< ')[2]}[/]")
    say.print("                   and the same of a wrong name, a wrong date and much else")
    say.print(f"  the driver says  [red]{what}[/]")
    say.print(f"  what to do       {error.hint}")


def from_the_desk(path, server, pem):
    """What a person types instead, with a module on a USB adapter. True if it went well."""
    step("4. Or without a program: another fresh module, and one command")
    typed = ["trust", f"{server[0]}:{server[1]}", "--roots", pem, "--join", SSID, "--port", path]
    say.print(f"  [dim]$[/] [green]spwf04 {' '.join(typed)}[/]")
    return spwf04([*typed, "--password", PASSWORD]) == 0


def main(timing):
    began = time.monotonic()
    authority = https.authority()
    with https.served(authority) as port, tempfile.TemporaryDirectory() as folder:
        server = https.NAME, port
        pem, roots = Path(folder) / "ca.pem", Path(folder) / "roots.bin"
        authority.cert_pem.write_to_path(str(pem))
        own = ssl.PEM_cert_to_DER_cert(pem.read_text())
        roots.write_bytes(build([*certifi_roots(), own]))
        with fresh_module(server, timing) as path:
            good = with_a_program(path, server, str(roots))
        with fresh_module(server, timing) as path:
            good = from_the_desk(path, server, str(pem)) and good
    if good:
        say.print("\n[bold green]The page was verified and complete.[/]", end=" ")
        say.print(f"{time.monotonic() - began:.0f} s. To try more: spwf04 sim; docs/tour.md\n")
    else:
        say.print("\n[bold red]That is not how the story ends.[/]\n")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(Timing(baud=115200)))
