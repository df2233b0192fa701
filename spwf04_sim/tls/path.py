"""The way from a server's certificate to a CA on the module. [h.8, T1, T5]"""

from .certificate import CA_ERROR, Refused, load


def find(certificates, flash, quirks):
    """Return ([leaf, …], anchor), all of them Certificates. Raises Refused with CA_ERROR if there
    is no anchor."""
    path = [certificates[0]]
    if quirks.chain_order == "given":
        path = _as_given(certificates, quirks)
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
        if anchor is not None and (anchor == top or _signed(top, anchor, quirks)):
            return path, anchor
        above = _issuers(top, certificates, path, quirks)
        if quirks.ca_lookup != "each" or not above:
            raise Refused(CA_ERROR)
        path.append(above[0])


def _as_given(certificates, quirks):
    """The certificates in the order in which they came, each signed by the next."""
    for below, above in zip(certificates, certificates[1:]):
        if not (_names_key(below, above, quirks) and _signed(below, above, quirks)):
            raise Refused(CA_ERROR)
    return list(certificates)


def _issuers(certificate, certificates, path, quirks):
    return [
        c
        for c in certificates
        if c not in path and _names_key(certificate, c, quirks) and _signed(certificate, c, quirks)
    ]


def _names_key(certificate, above, quirks):
    """True if the key identifiers of a certificate and of one above it do not contradict."""
    if quirks.x509_rules not in ("all", "no_ca_purpose"):
        return True
    return None in (certificate.authority_key, above.own_key) or (
        certificate.authority_key == above.own_key
    )


def _signed(certificate, above, quirks):
    return certificate.signed_by(above, quirks.issuer_names == "bytes")


def _is_top(certificate, quirks):
    """True if the module takes a certificate for one that has signed itself."""
    if not certificate.self_issued:
        return False
    return quirks.self_issued == "by_name" or _signed(certificate, certificate, quirks)


def _anchor(certificate, flash, quirks):
    """Return the CA on the module that this certificate names, or None."""
    wanted = certificate.authority_key
    if wanted is None and _is_top(certificate, quirks):
        wanted = certificate.own_key
    if flash.slot.get("ca"):
        if not quirks.slot_lookup:
            return None
        ca = load(flash.slot["ca"], quirks.slot_encoding)
        if ca is None or not certificate.issuer_is(ca, quirks.issuer_names == "bytes"):
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
