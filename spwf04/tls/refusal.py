"""The module refused a server over TLS: what can be done about it, and the error that is left.

In this order: if the context has roots, or the host has TLS of its own, ask the server for its
chain (once); if that shows that the module cannot, use the host's TLS; else install the CA that
is missing and let the module try again; put the CAs in place in the other attested forms. What
is left is an error that says what to do. Verification is part of every try.
"""

from ..errors import CertificateError, ModuleError, errno
from ..hosttls.native import which

_PLACES = ("slot", "file")


def refused(context, sock, exchange, number):
    """SSLContext.refused()."""
    radio = sock.pool.radio
    store = radio.certs
    if number < 0 and exchange.code not in (74, 91, 111):
        sock.channel.check(exchange)  # not a matter of TLS
    from .plan import plan_for, server_name

    store.switch(context)  # another's turn may have come since
    # it may send other certificates for another name, or by now
    made = store.plan(context, sock.address, server_name(sock))
    if made is not None and sock.channel.expired(made.until):
        made = None
    may_host = context.engine == "auto" and which() is not None
    if made is None and (context.roots is not None or may_host):
        try:
            made = plan_for(context, sock)
        except OSError:
            pass  # it cannot be asked: the first error stands
    if made is None:
        if number < 0:
            sock.channel.check(exchange)
        if number == 23 and store.other_form(sock.address):
            return None
        raise not_trusted(radio, sock.address, number)
    if not made.shown and not made.obstacles:
        if number < 0 and made.refused is not None:
            raise made.refused
    else:
        from .limits import check

        # without check_hostname no name is wrong
        wanted = made.name if context.check_hostname else None
        check(radio, made, wanted, context.roots is not None, number)
        if made.obstacles and may_host:
            return _by_host(context, sock, made)
    if number >= 0:
        if (number == 23 or made.entry is not None) and store.other_form(sock.address):
            return None
        if context.roots is not None and made.try_next(store):
            return None
    if may_host and made.cas:
        # The CA is right and this module cannot use it, in whatever form; or it has no cipher
        # in common with the server
        if not made.obstacles:
            what = "Certificate Error:%d" % number if number >= 0 else "a broken handshake"
            made.obstacles = ["it ended with %s all the same" % what]
        host = _by_host(context, sock, made)
        if number < 0 and context.identity is None:
            # Should it be broken off too: most likely for want of a client certificate
            host.instead = handshake_broken(exchange.code, exchange.text, sock.address)
        return host
    if number < 0:
        raise made.refused or handshake_broken(exchange.code, exchange.text, sock.address)
    raise not_trusted(radio, sock.address, number, made.obstacles)


def _by_host(context, sock, made):
    """From now on by the host's TLS."""
    from .host import terms

    made.engine = "host"
    return terms(context, sock)


# errors --------------------------------------------------------------------------------------
def not_trusted(radio, address, number, obstacles=()):
    """The CertificateError for a server that the module refused.

    number: of AT-S.Certificate Error. obstacles: why its TLS cannot take the chain, if known.
    """
    words = "Certificate Error:%d" % number
    message = "%s:%d was not trusted, %s" % (address[0], address[1], words)
    what = hint(number)
    if obstacles:
        what = "The module's TLS cannot take this server: " + "; ".join(obstacles)
        what += ". SSLContext uses this board's own TLS for it, where there is one"
    elif number == 23:
        installed = [e.subject or e.ski for e in radio.certs.entries() if e.where in _PLACES]
        if installed:
            what = (
                "The CA on the module (%s) is not this server's, or cannot be read there. "
                "Install the root certificate of the server's chain: radio.certs.install(pem); "
                "radio.certs.diagnose(host) tells which"
            ) % ", ".join(installed)
    return CertificateError(errno.EIO, message, number, words, what)


def handshake_broken(code, text, address):
    """The exception for a TLS handshake that ended without a certificate error."""
    return ModuleError(
        errno.ECONNRESET,
        "%s:%d: the server broke off the TLS handshake, AT-S.ERROR:%d:%s"
        % (address[0], address[1], code, text),
        code,
        text,
        "It may ask for a client certificate: SSLContext.load_cert_chain(); or have no cipher "
        "in common with the module",
    )


def hint(number):
    """What AT-S.Certificate Error:<number> means and what to do about it. [h.2]"""
    return _HINTS.get(
        number,
        "The number is undocumented. radio.certs.diagnose(host) looks at chain, clock, CA and "
        "name",
    )


_HINTS = {
    5: "The number is undocumented; it was seen with a server name that did not fit the "
    "certificate: check server_hostname",
    11: "It could not parse a signature in the server's chain. This firmware cannot take chains "
    "that mix RSA and ECDSA, whatever CA is installed: use a server with one kind, or this "
    'board\'s own TLS: SSLContext(engine="host")',
    22: "The number is undocumented; it was seen with an RSA-4096 certificate in the server's "
    "chain, which this firmware probably cannot take. This board's own TLS may: "
    'SSLContext(engine="host")',
    23: "The module has no CA for this server, or cannot read it. Install the root certificate "
    "of the server's chain: radio.certs.install(pem), or let "
    "radio.certs.install_for(host, roots=…) find it",
}
