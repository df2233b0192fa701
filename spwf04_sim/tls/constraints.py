"""Name constraints: for which names a CA may issue, RFC 5280 4.2.1.10.

How much of that the module does is not known. [h.8] Where the standard leaves a choice, this file
refuses: a kind of name that it does not know is not permitted where there are rules for it.
"""

import ipaddress
import re

from cryptography import x509
from cryptography.x509.oid import ExtensionOID, NameOID

from .certificate import folded
from .names import is_address

_DNS, _IP, _EMAIL, _URI, _DIRECTORY = (
    x509.DNSName,
    x509.IPAddress,
    x509.RFC822Name,
    x509.UniformResourceIdentifier,
    x509.DirectoryName,
)

_HOST = re.compile(r"[\w*-]+(\.[\w*-]+)*")


def permits(constraints, below, kinds):
    """True if the constraints of a CA permit the certificates below it.

    constraints: x509.NameConstraints. below: list of Certificate, the leaf first. kinds: "all" or
    "dns", the names that are looked at.
    """
    permitted = list(constraints.permitted_subtrees or ())
    excluded = list(constraints.excluded_subtrees or ())
    known: dict = {_DNS: _in_domain}
    if kinds == "all":
        known.update(
            {_IP: _in_network, _EMAIL: _in_mail, _URI: _in_uri, _DIRECTORY: _in_directory}
        )
    ruled = [type(rule) for rule in permitted + excluded]
    for n, certificate in enumerate(below):
        if n and certificate.self_issued:  # a rollover of the CA's own key
            continue
        for kind, value in _names(certificate):
            inside = known.get(kind)
            if kinds == "all" and kind in ruled and (inside is None or _is_network(value)):
                return False
            if inside is None:
                continue
            rules = [r.value for r in permitted if type(r) is kind]
            if rules and not any(inside(value, rule) for rule in rules):
                return False
            rules = [r.value for r in excluded if type(r) is kind]
            if any(inside(value, rule) or _overlaps(kind, value, rule) for rule in rules):
                return False
    return True


def _names(certificate):
    """Yield (kind, value) of all names of a certificate."""
    alternative = certificate.extension(ExtensionOID.SUBJECT_ALTERNATIVE_NAME)
    if len(certificate.subject.rdns):
        yield _DIRECTORY, certificate.subject
    if not [name for name in alternative or () if isinstance(name, _DNS)]:
        # Then the subject may name the server
        for text in filter(_HOST.fullmatch, certificate.common_names):
            yield _DNS, text
            if alternative is None and is_address(text):
                yield _IP, ipaddress.ip_address(text)
    mails = certificate.subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS)
    for mail in mails:
        if isinstance(mail.value, str):
            yield _EMAIL, mail.value
    for name in alternative or ():
        yield type(name), getattr(name, "value", None)


def _in_domain(name, rule):
    """True if a host's name is that of a rule, or below it. ".b" is for names below "b" alone."""
    name, rule = name.lower(), rule.lower()
    if not rule:
        return True
    return name.endswith(rule) if rule.startswith(".") else ("." + name).endswith("." + rule)


def _overlaps(kind, name, rule):
    """True if a wildcard stands for hosts that a rule excludes."""
    if kind is not _DNS or not name.startswith("*."):
        return False
    return _in_domain(rule.lstrip("."), name[2:])


def _is_network(value):
    """True if what stands for an address is that of no server."""
    return hasattr(value, "supernet_of")


def _in_network(address, rule):
    """True if an address is in the network of a rule."""
    return _is_network(rule) and address.version == rule.version and address in rule


def _in_mail(mail, rule):
    """A rule is one mailbox, all of a host, or with a leading dot all of a domain."""
    box, _, host = mail.rpartition("@")
    wanted, at, domain = rule.rpartition("@")
    if at:
        return box == wanted and host.lower() == domain.lower()
    return _at_host(host, domain)


def _at_host(host, rule):
    host, rule = host.lower(), rule.lower()
    return host.endswith(rule) if rule.startswith(".") else host == rule


def _in_uri(uri, rule):
    """A rule is a host, or with a leading dot all of a domain."""
    authority = uri.partition("://")[2].partition("/")[0]
    return _at_host(authority.rpartition("@")[2].partition(":")[0], rule)


def _in_directory(subject, rule):
    """True if a distinguished name begins with that of a rule."""
    parts, wanted = folded(subject), folded(rule)
    return parts[: len(wanted)] == wanted
