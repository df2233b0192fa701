"""The story of the SPWF04 and TLS, told by a simulated module in half a minute: `make demo`.

Between a real HTTPS server and a simulated module on a pseudo-terminal stands what a user's
program has: Adafruit Blinka's busio.UART and this driver. The exit code is 0 only if the page came
complete, over a connection that the module verified.
"""

import datetime
import http.server
import ssl
import sys
import tempfile
import threading
import time
from pathlib import Path

import trustme
from rich.console import Console
from rich.panel import Panel

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from spwf04 import SPWF04, Bundle, CertificateError, SocketPool, SSLContext
from spwf04_cli.server.roots import build, certifi_roots
from spwf04_sim import PtyPort, SimulatedModule, Timing, World
from tests.shims.ports import blinka

HOST = "www.example.com"
PAGE = b"<html><body><h1>Hello from the far side of an SPWF04.</h1></body></html>\n"
say = Console(highlight=False)


class Page(http.server.BaseHTTPRequestHandler):
    """Serves one page."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *args):
        """Print nothing."""


def https_server(authority):
    """Start an HTTPS server for HOST on loopback; return its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    since = datetime.datetime.now() - datetime.timedelta(
        days=9
    )  # trustme's default is the year 2000
    authority.issue_cert(HOST, not_before=since).configure_cert(context)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def step(text):
    say.print(f"\n[bold cyan]{text}[/]")


def code(text):
    say.print(f"  [dim]>>>[/] [green]{text}[/]", soft_wrap=True)


def tell(text):
    say.print(f"  {text}", soft_wrap=True)


def fetch(radio, context):
    """Get / from HOST over TLS; return the answer, bytes."""
    sock = context.wrap_socket(SocketPool(radio).socket(), server_hostname=HOST)
    sock.settimeout(30)
    with sock:
        sock.connect((HOST, 443))
        sock.send(b"GET / HTTP/1.0\r\nHost: %s\r\n\r\n" % HOST.encode())
        return sock.read()


def refused(radio):
    """Make a connection that must fail, and print how; return the exception, or None."""
    code(f'sock.connect(("{HOST}", 443))')
    try:
        fetch(radio, SSLContext())
    except CertificateError as e:
        tell(f"[bold red]{type(e).__name__}[/]: {e.args[1]}")
        return e
    return None


def story(path, roots):
    """Tell the story; return True if it ends well. roots: the name of a root bundle's file."""
    uart = blinka(path)
    radio = SPWF04(uart)

    step("1. A factory-fresh SPWF04 on a UART: join a network")
    code('radio.connect("cafe", "********")')
    radio.connect("cafe", "flat white")
    tell(f"address {radio.ipv4_address}, firmware {radio.firmware}")

    step("2. September 2018, a forum: “The SPWF04S also perform a time validity check”")
    if refused(radio) is None:
        return False
    code("radio.set_time(time.time())")
    radio.set_time(time.time())

    step("3. And: “I get a Certificate Error:23 back. What am I doing wrong?”")
    failure = refused(radio)
    if failure is None or failure.code != 23:
        return False

    step("4. “… save me a lot of time to create a CA cert and load onto each client module”")
    code('context = SSLContext(roots=Bundle("roots.bin"))')
    context = SSLContext(roots=Bundle(roots))
    code(f'sock.connect(("{HOST}", 443)); sock.send(b"GET / …"); print(sock.read())')
    answer = fetch(radio, context)
    head, _, body = answer.partition(b"\r\n\r\n")
    say.print(Panel(answer.decode().replace("\r\n", "\n").strip(), border_style="green"))
    (entry,) = radio.certs.entries()
    tell(f"the driver asked the server for its chain, and found its root: {entry.subject},")
    tell(f"subject key identifier {entry.ski}; it is in the module's {entry.where} now")

    step("5. From now on")
    commands, sent, received = counts(radio)
    fetch(radio, context)
    after = counts(radio)
    tell(
        f"verified HTTPS GET: [bold]{after[0] - commands} AT commands[/], "
        f"{after[1] - sent} bytes to the module, {after[2] - received} bytes from it"
    )
    tell(f"from power-on to here: {after[0]} AT commands, {after[1]} + {after[2]} bytes")
    return head.startswith(b"HTTP/1.0 200") and body == PAGE


def counts(radio):
    channel = radio.channel
    return channel.commands, channel.uart.sent, channel.uart.received


def main():
    began = time.monotonic()
    authority = trustme.CA()
    world = World()
    world.add_access_point("cafe", "flat white")
    world.route(HOST, 443, ("127.0.0.1", https_server(authority)))
    module = SimulatedModule(world, timing=Timing(baud=115200))
    module.power_on()
    root = ssl.PEM_cert_to_DER_cert(authority.cert_pem.bytes().decode())
    with PtyPort(module) as port, tempfile.TemporaryDirectory() as folder:
        roots = Path(folder) / "roots.bin"
        roots.write_bytes(build([*certifi_roots(), root]))
        good = story(port.path, str(roots))
    seconds = time.monotonic() - began
    if good:
        say.print(f"\n[bold green]The page was verified and complete.[/] {seconds:.1f} s\n")
    else:
        say.print("\n[bold red]That is not how the story ends.[/]\n")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
