"""The host's own TLS over a plain socket of the module: for chains that the module cannot take.

Verified like the module's: the same CAs, the same name, TLS 1.2 or newer. Which TLS the
interpreter has is found out here; hosttls_layer.py is between it and the socket. How it is used is
in hosttls_cpython.py (ssl with MemoryBIO), hosttls_stream.py (MicroPython's tls) and
hosttls_circuitpython.py.
"""

from ..const import const
from ..errors import SPWF04Error, errno
from ..hosttls.native import native

_SHAKE_MS = const(35000)  # for TCP and handshake if settimeout() sets none; as Socket.connect()


def _engine():
    """The class that drives this interpreter's TLS, or None."""
    try:
        ssl = native("ssl")
    except ImportError:
        ssl = None
    if ssl is not None and hasattr(ssl, "MemoryBIO"):
        from ..hosttls.cpython import Engine
    elif _has_tls():
        from ..hosttls.micropython import Engine
    elif ssl is not None and hasattr(ssl, "create_default_context"):
        from ..hosttls.circuitpython import Engine
    else:
        return None
    return Engine


def _has_tls():
    try:
        tls = native("tls")
    except ImportError:
        return False
    return hasattr(tls, "SSLContext")


def available():
    """True if this interpreter has TLS of its own, with verification."""
    return _engine() is not None


def divert(sock, context, address):
    """Before a connection: make it by the host's TLS, and return True, if that is decided."""
    if context.engine == "auto":
        made = sock._pool.radio.certs.plan(context, address)
        if made is None or made.engine != "host":
            return False
    elif context.engine != "host":
        return False
    connect(sock, context, address)
    return True


def connect(sock, context, address):
    """Connect sock to address and make it a TLS socket by the host's TLS: see hosttls_layer.py.

    Trusted are the context's CAs, the device's, and what was found for this server among the
    context's roots.
    """
    end = sock._end if sock.timeout_ms > 0 else None
    if end is None:
        end = sock.channel.deadline(_SHAKE_MS)
    engine = _engine()
    if engine is None:
        raise SPWF04Error(
            errno.ENODEV, "this interpreter has no TLS of its own", hint='Use engine="module"'
        )
    if not context.check_hostname and not engine.without_name:
        raise ValueError("this interpreter's TLS always checks the server's name")
    name = sock._tls[1]
    if name is None:
        from ..arguments import server_name

        name = server_name(address[0])
    radio = sock._pool.radio
    store = radio.certs
    from .turn import trusted

    cas = trusted(store, context)
    made = store.plan(context, address)
    if made is not None and not made.fresh():
        store.plans.remove(made)
        made = None
    if context.roots is not None and made is None:
        from ..net.connect import left
        from .plan import keep, plan

        seconds = left(sock, 20)
        asked = name.decode()
        given = store.given(context)
        made = plan(radio, address[0], address[1], asked, context.roots, cas, given, seconds)
        keep(store, made)
    if made is not None:
        if made.chain is not None:
            from .plan import check

            wanted = name.decode() if context.check_hostname else None
            check(radio, made, wanted, context.roots is not None)
        cas = cas + made.anchors
        if context.roots is not None and made.chain is None:
            cas = cas + engine.all_of(context.roots)  # TLS 1.3 hides the chain
    if not cas:
        if made is not None and made.refused is not None:
            raise made.refused
        from ..at.failure import no_ca

        raise no_ca(address)
    from ..hosttls.stream import Layer

    if sock._over is not None:
        sock._over.undo()  # Stepwise: Layer has its own way not to wait
    layer = Layer(sock, context, name, address, cas, engine, end)
    if sock.timeout_ms == 0:
        raise OSError(errno.EINPROGRESS, "connecting")
    layer.connect(address)
