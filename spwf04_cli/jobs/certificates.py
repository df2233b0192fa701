"""What trust and ca do on a module."""


def cost(radio):
    """Return what the driver has spent so far: commands, bytes to the module, bytes from it, and
    ms of its clock."""
    uart = radio.channel.uart
    return [radio.channel.commands, uart.sent, uart.received, radio.channel.clock.ticks_ms()]


def address(radio):
    """Return the module's address; None if it has not joined a network."""
    return radio.ipv4_address


def set_time(radio, seconds):
    """Set the module's clock; seconds since 1970."""
    radio.set_time(seconds)


def ca_install(radio, der, self_signed):
    """Install a CA; return its SHA-256, and whether it was sent to the module. self_signed: it is
    trusted, though it does not say that it is a CA's."""
    entry = radio.certs.install(der, True) if self_signed else radio.certs.install(der)
    return [entry.sha256, entry.written]


def ca_entries(radio):
    """Return the CAs that this driver has installed, without asking the module for them, and what
    speaks against them."""
    entries = radio.certs.entries()
    return [dict(_entry(e), warnings=getattr(e, "warnings", [])) for e in entries]


def ca_list(radio):
    """Return the CAs on the module, as far as it shows them."""
    return [_entry(entry) for entry in radio.certs.list()]


def own_certificate(radio):
    """Return what is known of the module's own certificate, as ca_list() does; None: nothing."""
    from spwf04.tls.listing import own_certificate

    radio.certs.list()  # reads what an earlier run has noted
    own = own_certificate(radio.certs)
    if own is None:
        return None
    return {
        "where": own.where,
        "volatile": own.where == "file" and own.volume == "D",
        "subject": own.subject,
        "not_after": own.not_after,
    }


def ca_leave_ram(radio, ski):
    """Delete a CA's file if it is on the RAM disk."""
    for entry in radio.certs.list():
        if entry.ski == ski and entry.volatile:
            radio.certs.remove(ski)


def ca_remove(radio, ski):
    """Remove a CA; return False if it is not there."""
    try:
        radio.certs.remove(ski)
    except KeyError:
        return False
    return True


def ca_clear(radio):
    """Remove all CAs, and the module's own certificate and key."""
    radio.certs.clear()


def ca_export(radio, ski):
    """Return the DER of a CA that is in a file on the module; None if the module does not give it
    back."""
    from spwf04.pki.source import load

    for entry in radio.certs.list():
        if entry.ski == ski and entry.source is not None:
            return bytes(load(entry.source))
    return None


def trust(radio, host, port, name, cas, keep, self_signed):
    """Have the module verify a server with one of these CAs (DER); return the CA's SHA-256.

    keep: leave the CA there even if the server was not verified. self_signed: as for ca_install().
    """
    before = radio.certs.entries()
    try:
        if self_signed:
            from spwf04.tls.trust import install_for

            done = install_for(radio.certs, host, port, cas, name, None, 30, "module", True)
        else:
            done = radio.certs.install_for(host, port, cas, name, None, 30, "module")
    except OSError:
        for entry in radio.certs.entries():
            if entry not in before and not keep:
                try:
                    radio.certs.drop(entry)
                except OSError:
                    pass
        raise
    return done.entry.sha256


def verify(radio, host, port, name):
    """Connect to a server over the module's TLS, and close. Raises what connect() raises."""
    from spwf04 import SocketPool, SSLContext

    context = SSLContext(engine="module")
    sock = context.wrap_socket(SocketPool(radio).socket(), server_hostname=name)
    sock.settimeout(30)
    try:
        sock.connect((host, port))
    finally:
        sock.close()


def _entry(entry):
    return {
        "ski": entry.ski,
        "sha256": entry.sha256,
        "owner": entry.owner,
        "where": entry.where,
        "volume": entry.volume,
        "volatile": entry.volatile,
        "size": entry.size,
        "subject": entry.subject,
        "not_after": entry.not_after,
    }
