"""Judges the certificates of a server: one judge for a connection, for certs.diagnose() and for
`spwf04 check`.

It goes by what the certificates say; rules.py has the part of it that can wait. No signature and
no name constraint is looked at, so nothing is trusted because nothing was found. A fault is a
tuple: its name, and what its words need. causes.py has the words, and what to do; it is loaded
only if there is a fault.
"""

from ..const import const
from .chain import issued

PEER_SIZE = const(2560)  # bytes of DER that the module takes of each certificate of a server [T6]
_LARGE = const(4096)  # bits of an RSA key that is probably too large for the module [T3]

# What rules out the module's TLS alone: this board's own may take it
BEYOND = (
    "damaged",
    "size",
    "key_size",
    "algorithm",
    "mixed",
    "old_firmware",
    "no_key",
    "other_key",
    "no_identifier",
)
# What rules out every TLS, whatever CA is installed, so that nothing need be tried
FATAL = (
    "no_certificate",
    "damaged_own",
    "expired",
    "future",
    "name",
    "name_as_text",
    "no_ca",
    "alone",
    "own",
    "not_sent",
)
# Those that name a CA which is not trusted here; its key identifier is their third part
MISSING = ("no_ca", "alone", "own", "not_sent")


def judge(chain, cas):
    """What rules out a chain but for dates: a list of faults, in the order in which the module
    finds them: parsing, CA, name. [decision 5, h.5, h.8]

    cas: what roots.issuers.anchors() found among the CAs that are trusted. rules.judge_all() finds
    more.
    """
    path = chain.path()
    if not path:
        return [("no_certificate",)]
    anchor = needed(path, cas)
    found = _parsing(chain, anchor)
    if not path[0].damaged:
        _lookup(found, path, cas, anchor)
        _name(found, path[0], chain)
    # two certificates may have one name and one fault: one is sent twice, a root is renewed
    return [fault for n, fault in enumerate(found) if fault not in found[:n]]


def needed(path, cas):
    """The CertificateInfo of the CA above the last certificate of a path, where the module is said
    to look for it; None if it is not among the CAs. [h.8, T25]"""
    for _, info in cas:
        if issued(info, path[-1]):
            return info
    return None


def dates(chain, cas, there=False, ends=None):
    """The times of what every way to a CA goes through: (name, not before, not after, whether it
    is the CA) each, for out_of_date(). there: a CA above the whole chain is on the module, and
    cannot be read back. ends: when that one ends, or None."""
    path = chain.path()
    last = len(path) - 1 if there else 0
    if cas:
        for n, below in enumerate(path):
            last = n
            if any([issued(info, below) for _, info in cas]):
                break
    found = [(c.called(), c.not_before, c.not_after, False) for c in path[: last + 1]]
    if there and ends is not None:
        found.append((path[-1].issuer, 0, ends, True))
    if cas:
        ca = needed(path, cas) or cas[0][1]
        if not [c for c in path[: last + 1] if c.sha256 == ca.sha256]:
            found.append((ca.called(), ca.not_before, ca.not_after, True))
    return found


def out_of_date(times, now):
    """Which of dates() are out of date: a list of faults. now: seconds since 1970."""
    found = []
    for who, begins, ends, is_ca in times:
        if now > ends:
            found.append(("expired_ca" if is_ca else "expired", who, now - ends, now))
        elif now < begins:
            found.append(("future_ca" if is_ca else "future", who, begins - now, now))
    return found


def of_firmware(has_ecdsa, version):
    """What the version of the module's firmware rules out: a list of faults. [h.4]"""
    if has_ecdsa and version.startswith("1.0."):
        return [("old_firmware", version)]
    return []


def _parsing(chain, anchor):
    """What the module cannot take of a chain wherever it stands."""
    found = []
    kinds = set()
    all_of_it = chain.certificates + ([anchor] if anchor is not None else [])
    for c in all_of_it:
        if c.damaged:
            from .words import unreadable

            name = "damaged_own" if c is chain.certificates[0] else "damaged"
            found.append((name, unreadable(chain, c)))
            continue
        kinds.add(c.key)
        if c is not anchor:
            kinds.add("EC" if c.signature == "ECDSA" else c.signature)
            if c.size > PEER_SIZE:
                found.append(("size", c.called(), c.size))
        of_key(found, c)
    others = [kind for kind in sorted(kinds) if kind not in ("RSA", "EC")]
    if others:
        known = [kind for kind in others if kind != "other"]
        found.append(
            ("algorithm", " and ".join(known) or "a kind of key or signature unknown here")
        )
    elif len(kinds) > 1:
        found.append(("mixed",))
    return found


def of_key(found, c):
    """Is a certificate's key too large, or on an unknown curve?"""
    if c.key == "RSA" and c.bits >= _LARGE:
        found.append(("key_size", c.called(), c.bits))
    if c.key == "EC" and not c.bits:
        found.append(("algorithm", "a key on another curve than P-256, P-384 and P-521"))


def _lookup(found, path, cas, anchor):
    """Why no CA is found."""
    top = path[-1]
    if anchor is None:
        key = top.aki or (top.ski if top.self_issued else "unknown")
        if cas:
            found.append(("lower_ca", top.called(), top.issuer, key, cas[0][1].called()))
        elif top.self_issued and len(path) == 1:
            found.append(("own", top.called(), top.ski))
        elif len(path) == 1 and top.issuer_url is not None:
            found.append(("not_sent", top.issuer, key, top.issuer_url))
        elif len(path) == 1 and not top.self_issued:
            found.append(("alone", top.issuer, key))
        else:
            found.append(("no_ca", top.issuer, key))
        return
    if anchor.is_ca is False:
        found.append(("ca_is_none", anchor.called()))
    wanted = top.aki
    if wanted is None and top.self_issued and not _rolled_over(top, anchor):
        wanted = top.ski
    if wanted is None:
        found.append(("no_key", top.called()))
    elif wanted != anchor.ski:
        found.append(("other_key", anchor.called(), top.called()))
    elif anchor.ski_computed:
        found.append(("no_identifier", anchor.called()))


def _rolled_over(top, anchor):
    """True if a certificate that seems to have signed itself is most likely an old key's for a
    new one: a CA of its very name has another key."""
    return anchor.sha256 != top.sha256 and anchor.ski != top.ski


def _name(found, leaf, chain):
    """Is the certificate for the server's name?"""
    if leaf.fits is not False:
        return
    names = ", ".join(leaf.names) or leaf.subject or "nobody"
    more = leaf.name_count - len(leaf.names)
    if more > 0:
        names += " and %d more" % more
    if chain.name in leaf.names or chain.name == leaf.subject:
        found.append(("name_as_text", chain.name))
    else:
        found.append(("name", chain.name, names))
