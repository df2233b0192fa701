"""The module refused a server over TLS: what can be done about it, and the error that is left.

The server is asked for its chain, once. If that shows that the module cannot take the server, the
host's TLS makes the connection. Else the missing CA is installed, and the module tries again; CAs
that are installed are written in the other attested forms. Verification is part of every try. What
is left is an error that says what is wrong with the chain, and what to do.
"""

from ..errors import CertificateError, ModuleError, errno
from ..hosttls.native import which

# AT-S.ERROR:<number> in place of a certificate error: the handshake may have failed
HANDSHAKE_ERRORS = (74, 91, 111)
_NO_ROOM = (74, 75, 91)  # or the module has no room for one more [h.4]


def refused(context, sock, exchange, number):
    """SSLContext.refused()"""
    radio = sock.pool.radio
    store = radio.certs
    host_may = context.engine == "auto" and which() is not None
    if number < 0 and exchange.code in _NO_ROOM and _crowded(sock.pool):
        if host_may:  # this time: the module has room again once one is closed
            from .host import terms

            return terms(context, sock)
        raise no_room(exchange, sock.address)
    if number < 0 and exchange.code not in HANDSHAKE_ERRORS:
        sock.channel.check(exchange)
    store.switch(context)  # another context may have been selected since
    if number < 0 and context.identity is not None and store.other_form(None):
        return None
    plan = _plan(context, sock)
    unknown = plan is None or (context.roots is None and not plan.cas)
    if number == 23 and unknown and store.other_form(sock.address):
        return None  # somebody else may have put its CA there
    if plan is not None:
        return _by_plan(context, sock, plan, exchange, number, host_may)
    if number < 0:
        sock.channel.check(exchange)
    raise not_trusted(radio, sock.address, number)


def _by_plan(context, sock, plan, exchange, number, host_may):
    """refused() of a server that was asked."""
    radio = sock.pool.radio
    # without check_hostname no name is wrong
    name = plan.name if context.check_hostname else None
    if plan.shown or plan.obstacles:
        from .judge import check

        check(radio, plan, name, number)
        if plan.obstacles and host_may:
            return _by_host(context, sock, plan)
    elif number < 0 and plan.refused is not None:
        raise plan.refused
    if number >= 0 and _place_other(context, sock, plan, number):
        return None
    if host_may and plan.cas:
        return _by_host_after_all(context, sock, plan, exchange, number)
    if number < 0:
        if plan.shown:  # firmware 1.0.0 does not even offer ECDSA
            check(radio, plan, name, number, ("old_firmware",))
        raise plan.refused or handshake_broken(exchange.code, exchange.text, sock.address)
    if plan.shown:  # what the module might have taken all the same
        check(radio, plan, name, number, None)
    raise not_trusted(radio, sock.address, number, plan)


def _crowded(pool):
    """True if as many connections are open by the module's TLS as its firmware has room for: two,
    or one on 1.0.0. [h.4]"""
    n = 0
    for stream in pool.owners:
        if stream is not None and stream.opened_by[-3:] not in (b",t\r", b",u\r"):
            n += 1
    return n > 1 or (n == 1 and pool.radio.firmware.startswith("1.0."))


def _plan(context, sock):
    """What is known of the server: it is asked if need be. None if it cannot be asked."""
    from .plan import plan_for, server_name

    # It may send other certificates for another name, or by now
    plan = sock.pool.radio.certs.plan(context, sock.address, server_name(sock))
    if plan is not None and not sock.channel.expired(plan.until):
        if plan.whole or plan.bad or not plan.shown:
            return plan
    try:
        return plan_for(context, sock)
    except OSError:
        return None  # the module's own refusal is the error then


def _place_other(context, sock, plan, number):
    """Put the CAs on the module in another form, or another CA; False if none is left."""
    store = sock.pool.radio.certs
    if (number == 23 or plan.entry is not None) and store.other_form(sock.address):
        return True
    return context.roots is not None and plan.try_next(store)


def _by_host(context, sock, plan):
    """The host's TLS makes connections to this server from now on."""
    from .host import terms

    plan.engine = "host"
    return terms(context, sock)


def _by_host_after_all(context, sock, plan, exchange, number):
    """_by_host(), though nothing speaks against the module: the CA is right, and the module cannot
    use it in any form, or has no cipher in common with the server."""
    if not plan.obstacles:
        what = "Certificate Error:%d" % number if number >= 0 else "a broken handshake"
        plan.obstacles = ["it ended with %s all the same" % what]
    found = _by_host(context, sock, plan)
    if number < 0 and context.identity is None:
        # If the host's handshake breaks too, a client certificate is most likely what is missing
        found.module_error = handshake_broken(exchange.code, exchange.text, sock.address)
    return found


# errors --------------------------------------------------------------------------------------
def not_trusted(radio, address, number, plan=None):
    """The CertificateError for a server that the module refused.

    number: of AT-S.Certificate Error. plan: the plan.Plan of the server, if it was asked.
    """
    words = "Certificate Error:%d" % number
    where = "%s:%d was not trusted, %s" % (address[0], address[1], words)
    entries = [e for e in radio.certs.entries() if e.where in ("slot", "file")]
    names = ", ".join([e.subject or e.ski for e in entries])
    if plan is not None and plan.shown:
        return CertificateError(
            errno.EIO,
            "%s: the driver finds nothing wrong with its certificates%s. The module may not be "
            "able to read the CA; or it objects to a signature or to a constraint of names, at "
            "which the driver does not look"
            % (where, ", and its CA is on the module (%s)" % names if names else ""),
            number,
            words,
            "On a PC, spwf04 check %s looks at these too" % address[0],
            "diagnose",
        )
    if number == 23 and entries:
        return CertificateError(
            errno.EIO,
            "%s: the CA on the module (%s) is not this server's, or cannot be read there, or the "
            "module objects to something else in the server's chain" % (where, names),
            number,
            words,
            "Install the root certificate of the server's chain: radio.certs.install(pem); "
            "radio.certs.diagnose(host) tells which",
            "install_ca",
        )
    meant, hint, remedy = explain(number)
    return CertificateError(errno.EIO, "%s: %s" % (where, meant), number, words, hint, remedy)


def no_room(exchange, address):
    """The exception for a connection for which the module's TLS has no room. With error 74 there
    may be another cause."""
    return ModuleError(
        errno.ENOMEM,
        "%s:%d: AT-S.ERROR:%d:%s: the module has no room for another connection by its TLS "
        "(firmware 1.1.0 has for two, 1.0.0 for one)%s"
        % (
            address[0],
            address[1],
            exchange.code,
            exchange.text,
            ", or nobody answered there, or the handshake broke off"
            if exchange.code == 74
            else "",
        ),
        exchange.code,
        exchange.text,
        'Close one; or use this board\'s own TLS for some: SSLContext(engine="host")',
        "close_sockets",
    )


def handshake_broken(code, text, address):
    """The exception for a TLS handshake that ended without a certificate error."""
    return ModuleError(
        errno.ECONNRESET,
        "%s:%d: the TLS handshake broke off, AT-S.ERROR:%d:%s"
        % (address[0], address[1], code, text),
        code,
        text,
        "It may ask for a client certificate: SSLContext.load_cert_chain(); or have no cipher "
        "in common with the module",
        "client_certificate",
    )


def explain(number):
    """(what AT-S.Certificate Error:<number> means, hint, remedy) as an SPWF04Error has them.
    [h.2]"""
    return _MEANINGS.get(
        number,
        (
            "the number is undocumented",
            "radio.certs.diagnose(host) looks at chain, clock, CA and name",
            "diagnose",
        ),
    )


_MEANINGS = {
    5: (
        "the number is undocumented; it was seen with a server name that did not fit the "
        "certificate",
        "Check host and server_hostname",
        "check_name",
    ),
    11: (
        "the module could not parse a key or a signature in the server's chain; its firmware "
        "cannot take chains that mix RSA and ECDSA, nor other kinds, whatever CA is installed",
        'Use this board\'s own TLS: SSLContext(engine="host"), or a server with one kind',
        "use_host_tls",
    ),
    22: (
        "the number is undocumented; it was seen with an RSA-4096 certificate in the server's "
        "chain, which this firmware probably cannot take",
        'This board\'s own TLS may take it: SSLContext(engine="host")',
        "use_host_tls",
    ),
    23: (
        "the module has no CA for this server, or cannot read it",
        "Install the root certificate of the server's chain: radio.certs.install(pem), or let "
        "radio.certs.install_for(host, roots=…) find it",
        "install_ca",
    ),
}
