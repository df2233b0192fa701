"""The way from a server's certificate to a CA on the module. [h.8, T1, T5]"""

from .certificate import CA_ERROR, Refused, load


def find(certificates, flash, quirks):
    """Return ([leaf, …], anchor), all of them Certificates. Raises Refused with CA_ERROR if there
    is no anchor."""
    path = [certificates[0]]
    if quirks.chain_order == "given":
        path = _as_given(certificates)
        if quirks.ca_lookup != "top":
            certificates, path = path, path[:1]
    elif quirks.ca_lookup == "top":
        while True:
            above = _issuers(path[-1], certificates, path, quirks)
            if not above or _is_top(path[-1], quirks):
                break
            path.append(above[0])
    while True:
        top = path[-1]
        anchor = _anchor(top, flash, quirks)
        if anchor is not None and (anchor == top or top.signed_by(anchor)):
            return path, anchor
        above = _issuers(top, certificates, path, quirks)
        if quirks.ca_lookup != "each" or not above:
            raise Refused(CA_ERROR)
        path.append(above[0])


def _as_given(certificates):
    """The certificates in the order in which they came, each signed by the next."""
    for below, above in zip(certificates, certificates[1:]):
        if not below.signed_by(above):
            raise Refused(CA_ERROR)
    return list(certificates)


def _issuers(certificate, certificates, path, quirks):
    any_may = quirks.x509_rules == "none"
    return [
        c
        for c in certificates
        if c not in path and (c.is_ca or any_may) and certificate.signed_by(c)
    ]


def _is_top(certificate, quirks):
    """True if the module takes a certificate for one that has signed itself."""
    if not certificate.self_issued:
        return False
    return quirks.self_issued == "by_name" or certificate.signed_by(certificate)


def _anchor(certificate, flash, quirks):
    """Return the CA on the module that this certificate names, or None."""
    wanted = certificate.authority_key
    if wanted is None and _is_top(certificate, quirks):
        wanted = certificate.own_key
    if flash.slot.get("ca"):
        if not quirks.slot_lookup:
            return None
        ca = load(flash.slot["ca"], quirks.slot_encoding)
        if ca is None or ca.subject != certificate.issuer:
            return None
        own = ca.own_key or flash.slot.get("auth")
        if wanted is None:
            known = {"refused": False, "slot": True, "auth": own is not None}
            return ca if known[quirks.no_identifier] else None
        return ca if own == wanted else None
    if not quirks.file_lookup or wanted is None:
        return None
    separator = ":" if quirks.ca_file_name == "colons" else ""
    name = separator.join(f"{c:02x}" for c in wanted) + ".ca"
    for (_, file), data in flash.files.items():
        if file == name:
            return load(bytes(data), quirks.ca_file_encoding)
    return None
