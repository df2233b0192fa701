"""The HTTP client: pages by a file and raw, a body that is sent.

A raw body has no frame. So what came of it is not compared: a byte that was lost on the way cannot
be told from one that the server did not send.
"""

from spwf04.errors import CertificateError
from spwf04.services.http import get, post
from spwf04.tls.context import SSLContext
from spwf04_sim import Peer
from tests.shims.servers import pattern
from tests.shims.tlspeer import alike, among_strangers

PAGE = pattern(300)
URL = "http://web.example/page"
SECURE = "https://web.example/page"


class Web(Peer):
    """Answers a request once it is whole, and closes. bodies: a list that gets what was sent."""

    def __init__(self, bodies=None):
        super().__init__()
        self._bodies = [] if bodies is None else bodies
        self._data = b""
        self._answered = False

    def on_data(self, data):
        self._data += data
        head, end, body = self._data.partition(b"\r\n\r\n")
        size = int(head.partition(b"Content-Length: ")[2].split(b"\r\n")[0] or b"0")
        if end and len(body) >= size and not self._answered:
            self._answered = True
            self._bodies += [body] if body else []
            self.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(PAGE) + PAGE)
            self.close()


def _web(stage):
    bodies = []
    stage.arrived = bodies.copy
    return lambda: Web(bodies)


def _ready(stage):
    stage.world.route("web.example", 80, _web(stage))
    stage.radio.get("nv_model")


def _get(stage):
    stage.got += get(stage.radio, URL, timeout=30).content


def _raw(stage):
    get(stage.radio, URL, into=lambda piece: None, timeout=30)


def _for_a_file(stage):
    _ready(stage)
    stage.again = lambda: get(stage.radio, URL, to="1:/page.html", timeout=30)


def _to_a_file(stage):
    page = get(stage.radio, URL, to="1:/page.html", timeout=30)
    if page.file is not None:
        stage.got += stage.radio.files.get(page.file)


def _post(stage):
    stage.got += post(stage.radio, URL, b"0123456789" * 4, timeout=30).content


def _known(stage):
    stage.radio.certs.install(_unknown(stage))
    stage.context = None
    stage.again = lambda: _page_by_tls(stage)


def _unknown(stage):
    ca = among_strangers(stage, "web.example", 443, _web(stage))
    stage.context = SSLContext()
    stage.context.load_verify_locations(cadata=ca)
    stage.again = lambda: _only_with_the_context(stage)
    return ca


def _certified(stage):
    """The server wants a certificate, which the call puts on the module, with the CA."""
    above = alike("The company")
    own = alike("module", above, ("module.example",))
    ca = among_strangers(stage, "web.example", 443, _web(stage), above)
    stage.context = SSLContext()
    stage.context.load_verify_locations(cadata=ca)
    stage.context.load_cert_chain(own.der, own.key_pem)
    stage.again = lambda: _page_by_tls(stage)


def _only_with_the_context(stage):
    """Its CA counts for no other call."""
    try:
        get(stage.radio, SECURE, timeout=30)
    except CertificateError:
        assert _page_by_tls(stage) == PAGE
        return
    raise AssertionError("the CA of a context counts for others")


def _page_by_tls(stage):
    page = get(stage.radio, SECURE, auth=("me", "secret"), context=stage.context, timeout=30)
    return page.content


def _get_by_tls(stage):
    stage.got += _page_by_tls(stage)


def _post_by_tls(stage):
    stage.got += post(stage.radio, SECURE, b"0123456789" * 4, timeout=30).content


EXCHANGES = {
    "HTTP, plain: get": (_ready, _get, PAGE),
    "HTTP, plain: get raw": (_ready, _raw, b""),
    "HTTP, plain: get to a file": (_for_a_file, _to_a_file, PAGE),
    "HTTP, plain: post": (_ready, _post, PAGE),
    "HTTP, TLS: get": (_known, _get_by_tls, PAGE),
    "HTTP, TLS: get with a CA": (_unknown, _get_by_tls, PAGE),
    "HTTP, TLS: get with a certificate": (_certified, _get_by_tls, PAGE),
    "HTTP, TLS: post": (_known, _post_by_tls, PAGE),
}
