"""Connections by the host's own TLS: for chains that the module cannot take, or by engine="host".

They are verified as by the module: with the same CAs, name and dates, by TLS 1.2 or newer. This
file decides whether there may be one, and with which CAs; hosttls/stream.py makes it.
"""

from ..at.task import Wait
from ..const import const
from ..errors import CertificateError, SPWF04Error, errno
from .plan import plan_for, server_name
from .selection import trusted

_SHAKE_MS = const(35000)  # for the handshake if settimeout() sets no limit, as for SOCKON
_CLOSE_MS = const(5000)  # wait so long for a close; it goes on after that


class Terms:
    """How a connection is made, and what it is verified with: see hosttls/stream.py.

    module_error: the module's error, raised in place of the host's own unless that is of a
    certificate; or None.
    """

    module_error: "OSError | None" = None

    def __init__(self, context, sock, engine, name, cas, plan):
        self.engine = engine
        self.name = name
        self.check_name = context.check_hostname
        self.address = sock.address
        self._context = context
        self._radio = sock.pool.radio
        self._sources = cas
        self._plan = plan  # of the server, if it has shown its certificates; else None
        self._dated = None  # validity.Fields of the CAs that are in date

    def steps(self, sock, stream):
        """Steps of Socket.connect(): make TLS over an open Stream; return the HostTLS."""
        from ..hosttls.stream import HostTLS

        secure = HostTLS(stream, self)
        ms = _SHAKE_MS
        if sock.timeout_ms > 0 and sock.connect_by is not None:
            ms = sock.channel.left(sock.connect_by)
        try:
            yield from secure.handshake(ms, sock.timeout_ms != 0)
            sock.host_tls = secure
        except Exception as e:
            sock.connect_by = None  # closing has a limit of its own
            stream.close()
            yield Wait(stream.closed, _CLOSE_MS)
            raise self._error(e)
        finally:
            if sock.host_tls is not secure:  # the steps were given up too, by Ctrl-C for example
                stream.close()
        return secure

    def _error(self, e):
        if isinstance(e, RuntimeError):
            from ..at.failure import too_deep

            return too_deep(e)
        if self.module_error is not None and isinstance(e, SPWF04Error):
            if not isinstance(e, CertificateError):
                return self.module_error
        if self._plan is not None and getattr(e, "remedy", None) == "diagnose":
            if isinstance(e, CertificateError):
                from .judge import by_host

                return by_host(self._radio, self._plan, self.name if self.check_name else None, e)
        return e

    def cas(self):
        """The CAs in DER, each once."""
        from ..pki.source import load

        found = []
        for source in self._sources:
            der = bytes(load(source))
            if der not in found:
                found.append(der)
        return found

    def identity(self):
        """(certificate, key) that the context shows, or None."""
        identity = self._context.identity
        return None if identity is None else identity.both()

    def in_date(self):
        """The CAs in DER that are in date by the module's clock; CertificateError if none is."""
        from ..hosttls.validity import trusted

        kept, self._dated = trusted("%s:%d" % self.address, self.cas(), self._now())
        return kept

    def check_dates(self, certificates):
        """CertificateError unless all is in date that a connection may rest on; after in_date().

        certificates: all that the server sent, in DER, its own first.
        """
        from ..hosttls.validity import check

        dated = self._dated
        self._dated = None
        check("%s:%d" % self.address, certificates, dated, self._now())

    def on_failure(self):
        """The connection failed: the server is asked again next time."""
        store = self._radio.certs
        plan = store.plan(self._context, self.address)
        if plan is not None:
            store.plans.remove(plan)

    def _now(self):
        from ..commands.clock import ensure_set

        ensure_set(self._radio)
        return self._radio.time()


def terms(context, sock):
    """Return the Terms of a connection of sock by the host's TLS.

    It trusts the context's CAs, the device's, and those that were found for this server among the
    context's roots. SPWF04Error: the host has no TLS. CertificateError: there is no CA, or the
    server cannot be trusted.
    """
    from ..hosttls.stream import engine

    engine = engine()
    if engine is None:
        raise SPWF04Error(
            errno.ENODEV,
            "this interpreter has no TLS of its own",
            hint='SSLContext(engine="module") uses the module\'s',
            remedy="use_module_tls",
        )
    if not context.check_hostname and not engine.can_skip_name:
        raise ValueError("this interpreter's TLS always checks the server's name")
    address = sock.address
    radio = sock.pool.radio
    store = radio.certs
    name = server_name(sock)
    cas = trusted(store, context)
    plan = store.plan(context, address)
    if plan is not None and not (plan.unchanged() and _usable(plan, context, engine, cas)):
        store.plans.remove(plan)
        plan = None
    fresh = context.roots is not None and plan is None
    if fresh:
        plan = plan_for(context, sock)
    seen = None
    if plan is not None:
        if plan.shown:
            plan = _checked(context, sock, plan, fresh)
            seen = plan if plan.shown else None
        cas = cas + [ca[0] for ca in plan.cas]
        if context.roots is not None and not plan.shown:
            cas = cas + engine.all_cas(context.roots)  # TLS 1.3 hides the chain
    if not cas:
        if plan is not None and plan.refused is not None:
            raise plan.refused
        raise no_ca(address)
    return Terms(context, sock, engine, name, cas, seen)


def _usable(plan, context, engine, cas):
    """False if there is no CA because the server did not answer when it was asked: it may now."""
    if plan.refused is None or cas or context.roots is None:
        return True
    return bool(engine.all_cas(context.roots))


def _checked(context, sock, plan, fresh):
    """The Plan of a server, if nothing speaks against it that no CA can mend; CertificateError.

    fresh: it was asked just now. Else it is asked again before it is called bad: it may have a new
    certificate since; but not so soon after it was called that.
    """
    from .judge import check

    radio = sock.pool.radio
    name = server_name(sock) if context.check_hostname else None
    try:
        check(radio, plan, name)
        return plan
    except CertificateError:
        if fresh or (plan.bad and not sock.channel.expired(plan.until)):
            plan.bad = True
            raise
    if plan in radio.certs.plans:
        radio.certs.plans.remove(plan)
    engine = plan.engine
    plan = plan_for(context, sock)
    plan.engine = engine
    return _checked(context, sock, plan, True) if plan.shown else plan


def no_ca(address):
    """The exception for the host's TLS without any CA."""
    return CertificateError(
        errno.EIO,
        "%s:%d: there is no CA to verify it with" % address,
        hint="Install the root certificate of the server's chain: radio.certs.install(pem)",
        remedy="install_ca",
    )
