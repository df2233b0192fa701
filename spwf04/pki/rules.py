"""What a certificate may not be used for, and what is too weak by today's rules: see faults.py.

The module may take a server all the same, as far as is known. So these are looked for once it has
refused the server, or where a person asks.
"""

from ..const import const
from .faults import judge, needed, of_key

_RSA = const(2048)  # bits of an RSA key that is not weak by today's rules


def judge_all(chain, cas):
    """faults.judge(), and what the module may take all the same: a list of faults."""
    found = judge(chain, cas)
    path = chain.path()
    if path and not path[0].damaged:
        anchor = needed(path, cas)
        found += _weak(path, anchor)
        _broken(found, path, anchor)
    return [fault for n, fault in enumerate(found) if fault not in found[:n]]


def _broken(found, path, anchor):
    """What a certificate may not be used for, by what it says of itself. [h.9]"""
    leaf = path[0]
    if leaf.server is False:
        found.append(("purpose", leaf.called()))
    if leaf.critical:
        found.append(("critical", leaf.called(), leaf.critical))
    upper = path[1:]
    if anchor is not None and not [c for c in path if c.sha256 == anchor.sha256]:
        upper = upper + [anchor]
    between = 0  # CAs between, but for those that a CA made for its own next key
    below = leaf
    for c in upper:
        trusted = anchor is not None and c.sha256 == anchor.sha256
        if not (c.is_ca or trusted or (c.is_ca is None and c.self_issued)):
            found.append(("not_ca", c.called(), below.called()))
        if c.signs is False:
            found.append(("no_signing", c.called()))
        if c.server is False:
            found.append(("ca_purpose", c.called()))
        if c.path_length is not None and between > c.path_length:
            found.append(("path_length", c.called(), c.path_length))
        if c.critical:
            found.append(("critical", c.called(), c.critical))
        between += c.subject_hash != c.issuer_hash
        below = c


def _weak(path, anchor):
    """What is too weak by today's rules, for the module's TLS as far as is known, and for this
    board's own."""
    found = []
    if anchor is not None and not [c for c in path if c.sha256 == anchor.sha256]:
        path = path + [anchor]
    for c in path:
        if c.damaged:
            continue
        if c.hash in ("MD5", "SHA-1") and c is not anchor and not c.self_issued:
            found.append(("old_hash", c.called(), c.hash))
        elif c.key == "RSA" and c.bits < _RSA:
            found.append(("small_key", c.called(), c.bits))
    return found


def judge_ca(info):
    """What of a CA by itself the module's TLS may not take: a list of faults."""
    found = _weak([info], None)
    of_key(found, info)
    if info.key not in ("RSA", "EC"):
        found.append(("algorithm", info.key))
    if info.ski_computed:
        found.append(("no_identifier", info.called()))
    return found
