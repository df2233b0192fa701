"""What is odd in a chain: neither the driver's judge nor OpenSSL minds it, but a strict TLS does.

The standards forbid each of these. Whether the module's TLS minds is not known, so `spwf04 check`
expects that it does. [h.8, h.9] `cryptography` reads the certificates here, and is strict.
"""

from cryptography import x509

from .roots import info

_PARSING, _RULE = 11, 23  # numbers of AT-S.Certificate Error; guesses
_LONGEST_SERIAL = 1 << 160  # RFC 5280 4.1.2.2: at most 20 bytes, of which the first bit is a sign


def oddities(path, ders):
    """Return what is odd as a list of (words, number that the module may show).

    path: CertificateInfos from the server's upward, with the CA above if that is known. ders:
    {SHA-256: DER} of these, and of the others that the server sends.
    """
    found = []
    on_path = [c.sha256 for c in path]
    read = []  # (x509.Certificate, its readable extensions) of the path, upward
    others = [info(der) for digest, der in ders.items() if digest not in on_path]
    for c in [*path, *others]:
        if c.damaged:
            continue
        who = f'the certificate "{c.subject or ", ".join(c.names[:1])}"'
        try:
            made = x509.load_der_x509_certificate(ders[c.sha256])
            serial = made.serial_number
        except Exception as e:  # of any kind
            found.append((f"{who} cannot be read by a strict reader: {e}", _PARSING))
            continue
        if not (c.self_issued or 0 < serial < _LONGEST_SERIAL):
            found.append((f"{who} has a serial number that {_wrong(serial)}", _PARSING))
        if c.sha256 in on_path:
            try:
                read.append((who, made.extensions))
            except Exception as e:  # of any kind
                found.append((f"{who} has an extension that cannot be read: {e}", _RULE))
    for n, (who, extensions) in enumerate(read):
        for host, rule in _half_excluded(extensions, [below for _, below in read[:n]]):
            words = f"{who} rules out {rule}, but {host} in a certificate below it covers that"
            found.append((words, _RULE))
    return found


def _wrong(serial):
    if serial >= _LONGEST_SERIAL:
        return "is longer than 20 bytes"
    return "is negative" if serial < 0 else "is 0"


def _half_excluded(extensions, below):
    """Yield (name with a wildcard, host or domain) of the hosts that a CA's constraints exclude
    and that such a name below it stands for."""
    constraints = _value(extensions, x509.NameConstraints)
    for rule in (constraints and constraints.excluded_subtrees) or ():
        if not isinstance(rule, x509.DNSName):
            continue
        for certificate in below:
            for host in _hosts(certificate):
                above = host.lower().partition("*")[2]
                if host.startswith("*.") and rule.value.lower().lstrip(".").endswith(above):
                    yield host, rule.value


def _hosts(extensions):
    names = _value(extensions, x509.SubjectAlternativeName)
    return names.get_values_for_type(x509.DNSName) if names is not None else []


def _value(extensions, kind):
    try:
        return extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
