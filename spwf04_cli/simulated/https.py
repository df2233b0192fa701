"""The HTTPS server of the bench: on this computer only, with a certificate of a CA of its own."""

import contextlib
import datetime
import errno
import http.server
import ssl
import threading

NAME = "localhost"
PORT = 8443
PAGE = b"<html><body><h1>Hello from the far side of an SPWF04.</h1></body></html>\n"

_BENCH = "The bench of spwf04"
_PATIENCE = 30  # seconds for a client that says nothing


class _Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *args):
        pass


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port, context):
        self._context = context
        super().__init__(("127.0.0.1", port), _Page)

    def get_request(self):
        """As of the base class; the client has some time for each step."""
        connection, address = super().get_request()
        connection.settimeout(_PATIENCE)
        return connection, address

    def finish_request(self, request, client_address):
        """As of the base class, over TLS. The handshake keeps no other client waiting."""
        with contextlib.suppress(OSError):  # the client does not trust this server, or is gone
            with self._context.wrap_socket(request, server_side=True) as tls:
                super().finish_request(tls, client_address)
                tls.unwrap()


def authority():
    """A new CA, for this server only: a trustme.CA."""
    import trustme

    return trustme.CA(organization_name=_BENCH, organization_unit_name="CA")


@contextlib.contextmanager
def served(ca, port=PORT, name=NAME):
    """Serve PAGE under https://name:port/ until the block ends; the block gets the port, which is
    another one if that is in use."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # As of real servers: not valid yet in the year that a module's clock shows at power-on
    since = datetime.datetime.now() - datetime.timedelta(days=9)
    issued = ca.issue_cert(name, common_name=name, not_before=since)
    issued.configure_cert(context)
    try:
        server = _Server(port, context)
    except OSError as e:
        if e.errno != errno.EADDRINUSE:
            raise
        server = _Server(0, context)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
