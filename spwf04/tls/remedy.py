"""What can be done when a server was refused over TLS. Imported only then.

In this order: if the context has roots, or the host has TLS of its own, ask the server for its
chain (once); if that shows that the module cannot, use the host's TLS; else install the CA that
is missing and let the module try again; put the CAs in place in the other attested forms. What
is left is an error that says what to do. Verification is part of every try.
"""

from ..at.failure import handshake_broken, not_trusted
from ..const import const
from ..errors import CertificateError, SPWF04Error

_ASK_S = const(20)  # for asking a server, if the socket has no time limit
_REMEMBER_MS = const(600000)  # a server that was asked, and is not trusted, is not asked again


def remedy(sock, exchange, number):
    """SOCKON of a TLS socket failed. True: the module should try again; False: the socket is
    open, by the host's TLS. Otherwise raises.

    number: of AT-S.Certificate Error, -1 if there was none.
    """
    context, name = sock._tls
    radio = sock._pool.radio
    host, port = sock.address
    store = radio.certs
    if number < 0 and exchange.code not in (74, 91, 111):
        sock.channel.check(exchange)  # not a matter of TLS
    store.switch(context)  # another's turn may have come since
    # it may send other certificates for another name, or by now
    made = store.plan(context, sock.address, (name or b"").decode() or host)
    if made is not None and sock.channel.expired(made.until):
        made = None
    may_host = False
    if context.engine == "auto":
        from .host import available, connect

        may_host = available()
    if made is None and (context.roots is not None or may_host):
        made = _ask(radio, context, sock, name)
    if made is None:
        if number < 0:
            sock.channel.check(exchange)
        return _other_form(radio, sock, number)
    if made.chain is None and not made.obstacles:
        if number < 0 and made.refused is not None:
            raise made.refused
    else:
        from .plan import check

        # without check_hostname no name is wrong
        wanted = made.name if context.check_hostname else None
        check(radio, made, wanted, context.roots is not None, number)
        if made.obstacles and may_host:
            made.engine = "host"
            connect(sock, context, (host, port))
            return False
    if number >= 0:
        from .upload import other_form

        if (number == 23 or made.entry is not None) and other_form(store, sock.address):
            return True
        if context.roots is not None and made.try_next(store):
            return True
    if may_host and made.anchors:
        # The CA is right and this module cannot use it, in whatever form; or it has no cipher
        # in common with the server
        if not made.obstacles:
            what = "Certificate Error:%d" % number if number >= 0 else "a broken handshake"
            made.obstacles = ["it ended with %s all the same" % what]
        made.engine = "host"
        try:
            connect(sock, context, (host, port))
        except CertificateError:
            raise
        except SPWF04Error:
            if number >= 0 or context._identity is not None:
                raise
            # Both were broken off: most likely for want of a client certificate
            raise handshake_broken(exchange.code, exchange.text, sock.address)
        return False
    if number < 0:
        raise made.refused or handshake_broken(exchange.code, exchange.text, sock.address)
    raise not_trusted(radio, sock.address, number, made.obstacles)


def _ask(radio, context, sock, name):
    from ..net.connect import left
    from .plan import keep, plan
    from .turn import trusted

    store = radio.certs
    host, port = sock.address
    cas = trusted(store, context)
    asked = (name or b"").decode() or None
    try:
        wait = left(sock, _ASK_S)
        made = plan(radio, host, port, asked, context.roots, cas, store.given(context), wait)
        made.until = sock.channel.deadline(_REMEMBER_MS)
        keep(store, made)
        return made
    except OSError:
        return None  # it cannot be asked: the first error stands


def _other_form(radio, sock, number):
    from .upload import other_form

    if number == 23 and other_form(radio.certs, sock.address):
        return True
    raise not_trusted(radio, sock.address, number, ())
