"""Tells whether a certificate is for the server that shows it. [h.2]"""

import ipaddress

from cryptography import x509
from cryptography.x509.oid import ExtensionOID


def named(certificate, name, quirks):
    """True if a certificate is for this name, or for this address (str)."""
    alternative = certificate.extension(ExtensionOID.SUBJECT_ALTERNATIVE_NAME)
    how, rules = quirks.name_check, quirks.name_rules
    texts, addresses = [], []
    if alternative is None or how == "cn" or rules == "cn_beside_san":
        texts += certificate.common_names
    if alternative is not None and how != "cn":
        texts += alternative.get_values_for_type(x509.DNSName)
        addresses += [str(ip) for ip in alternative.get_values_for_type(x509.IPAddress)]
    if is_address(name):
        if rules == "no_ip":
            addresses = []
        if how == "cn" or rules == "ip_as_text":
            addresses += texts
        return name in addresses
    wildcards = None if how == "literal" else rules
    return any(_matches(text, name.lower(), wildcards) for text in texts)


def is_address(name):
    """True if a name is an IP address and not a host's name."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _matches(text, name, wildcards):
    """Does a name in a certificate, maybe with a wildcard, stand for this name in lower case?

    wildcards: the reading of name_rules; None: there are no wildcards. [h.2]
    """
    if not text.isascii():  # lower() makes "k" of the sign for kelvin
        return False
    text = text.lower()
    if text == name:
        return True
    star, _, rest = text.partition(".")
    if wildcards is None or "*" not in star or "." not in rest:  # "*.com" is too much
        return False
    first, _, above = name.partition(".")
    if star == "*" and wildcards == "deep":
        return name.endswith("." + rest)
    if star != "*" and (wildcards != "partial" or star.count("*") > 1):
        return False
    before, _, after = star.partition("*")
    fits = first.startswith(before) and first.endswith(after)
    return fits and above == rest and len(first) > len(before) + len(after)
