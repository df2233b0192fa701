"""An HTTP server on this computer that gives the module one file."""

import contextlib
import http.server
import secrets
import socket
import threading

from . import output


def own_address(other) -> str:
    """This computer's address in the network of `other`, the module's IPv4 address."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect((other, 9))  # sends nothing
            return sock.getsockname()[0]
        except OSError as e:
            raise output.Failure(
                f"this computer cannot reach the module's address {other}: {e}",
                "Both must be in one network. --address names this computer's address there.",
            ) from None


@contextlib.contextmanager
def serving(data, address, advance):
    """(port, path) of the data until the block ends. advance(n) is called when n bytes were
    sent."""
    path = f"/{secrets.token_hex(4)}.ota"

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self):
            self._head()

        def do_GET(self):
            if self._head():
                for at in range(0, len(data), 16384):
                    part = data[at : at + 16384]
                    self.wfile.write(part)
                    advance(len(part))

        def _head(self):
            there = self.path == path
            self.send_response(200 if there else 404)
            self.send_header("Content-Length", str(len(data) if there else 0))
            self.end_headers()
            return there

        def handle(self):
            with contextlib.suppress(OSError):  # the client has gone away
                super().handle()

        def log_message(self, format, *args):
            """Print nothing."""

    try:
        server = http.server.ThreadingHTTPServer((address, 0), Handler)
    except OSError as e:
        raise output.Failure(
            f"{address} is no address of this computer: {e}",
            "Name another one with --address.",
        ) from None
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1], path
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
