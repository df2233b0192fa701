"""TLS and certificates."""

from .. import peers
from ..experiment import DISK, SERVER, SLOT, Untried, experiment
from ..points import reading
from ..tls import trust
from ..tls.certificates import HOST, Certified, dns, ec_key, root, rsa_key, under_root
from ..tls.servers import first, tls

_ALL = (SLOT, DISK, SERVER)
_DATE = b"\x17\x0d"  # how a date begins, up to the year 2049
_MANY = 120  # names, that make a certificate larger than 2.5 KB


@experiment("tls_info_lines", "skip_ca", needs=_ALL)
def info_lines(bench):
    """Connect twice after a start, to a server that sends its CA too."""
    leaf = under_root()
    bench.restart()
    with trust.placed(bench):
        bench.restart()
    with trust.placed(bench), tls(bench, [leaf, root()], leaf.key) as (port, _):
        first, second = trust.connect(bench, port), trust.connect(bench, port)
    if not (first.open and second.open):
        raise Untried(f"TLS: {first.said.end}, {second.said.end}")
    shown = ["AT-S.Loading" in verdict.said.text for verdict in (first, second)]
    lines: dict = {(True, False): "first", (True, True): "always", (False, False): "never"}
    found: dict = {"tls_info_lines": lines.get(tuple(shown))}
    if any(shown):  # without those lines it may be masked too
        found["skip_ca"] = "AT-S.Skip CA" in first.said.text
    else:
        bench.note("the module shows no lines about its CAs, so a skipped one may not show")
    return found


# numbers of a refusal ------------------------------------------------------------------------
@experiment("tls_error", needs=_ALL)
def no_ca(bench):
    """Connect without a CA."""
    trust.set_clock(bench)
    trust.clean(bench)
    verdict = trust.judged(bench, [under_root()], rsa_key(1))
    return reading("tls_error", verdict.error) if verdict.refusal is not None else {}


@experiment("certificate_error_date", needs=_ALL)
def wrong_date(bench):
    """Connect with a clock that is before the certificates."""
    with trust.placed(bench):
        trust.set_clock(bench, 1000000000)
        try:
            return reading("certificate_error_date", _refusal(bench, [under_root()]))
        finally:
            trust.set_clock(bench)  # it outlasts a restart


@experiment("certificate_error_name", needs=_ALL)
def wrong_name(bench):
    """Connect with another name than the server's."""
    with trust.placed(bench):
        found = trust.judged(bench, [under_root()], rsa_key(1), "www.example.org")
    return reading("certificate_error_name", found.refusal)


@experiment("peer_certificate_limit", "certificate_error_size", needs=_ALL)
def large(bench):
    """Connect to a server with a certificate above 2.5 KB."""
    names = dns(HOST, *(f"a-name-that-is-long-{n}.example.com" for n in range(_MANY)))
    with trust.placed(bench):
        verdict = trust.judged(bench, [Certified(HOST, root(), names=names)], rsa_key(1))
    if verdict.open:
        bench.note("a large certificate is taken, so no number is shown")
        return {"peer_certificate_limit": False}
    if verdict.refusal is None:
        raise Untried(f"TLS: {verdict.said.end}")
    number = reading("certificate_error_size", verdict.refusal)
    return {"peer_certificate_limit": True, **number}


@experiment("certificate_error_parse", needs=_ALL)
def unreadable(bench):
    """Connect to a server whose certificate has no date where a date must be."""
    leaf = under_root()
    at = leaf.der.index(_DATE) + len(_DATE)
    date = leaf.der[at : at + 13]
    with trust.placed(bench):
        refusal = _refusal(bench, [leaf.with_changed(date, date[:2] + b"13" + date[4:])])
    return reading("certificate_error_parse", refusal)


def _refusal(bench, chain):
    return trust.judged(bench, chain, rsa_key(1)).refusal


# names ---------------------------------------------------------------------------------------
@experiment("name_check", needs=_ALL)
def where_names_are(bench):
    """Connect to servers with their name in SAN alone, in CN alone, and with a wildcard."""
    wild = "*.example.com"
    with trust.placed(bench):
        took = tuple(
            trust.taken(bench, [Certified(name, root(), names=dns(*names), flag=flag, sign=None)])
            for name, names, flag in (
                (None, [HOST], None),
                (HOST, [], False),
                (wild, [wild], None),
            )
        )
    words: dict = {
        (True, True, True): "san_and_cn",
        (False, True, True): "cn",
        (True, True, False): "literal",
    }
    return {"name_check": words.get(took)}


@experiment("app_name_check", needs=_ALL)
def names_for_clients(bench):
    """Have the HTTP client ask a server whose certificate has another name."""
    leaf = under_root()
    with trust.placed(bench), tls(bench, [leaf], leaf.key) as (port, seen):
        command = f"HTTPGET={peers.here(bench)},/,{port},2,,,,"
        said = bench.line.say(command, limit_s=trust.LIMIT_S)
        _, failure = first(seen) if seen else (None, "no handshake")
    if said.value(r"Certificate Error:(\d+)") is not None:
        return {"app_name_check": "checked"}
    if failure:
        raise Untried(f"HTTPGET over TLS: {said.end}")
    return {"app_name_check": "unchecked"}


# where a CA is looked for --------------------------------------------------------------------
@experiment(
    "slot_lookup", "slot_encoding", "file_lookup", "ca_file_encoding", "ca_file_name", needs=_ALL
)
def places(bench):
    """Have a CA in the slot, then in files, in each form: which of them does it find?"""
    in_slot = [trust.works(bench, trust.Way(True, encoding)) for encoding in ("der", "pem")]
    files = [way for way in trust.FILES if not way.volume]
    in_files = [way for way in files if trust.works(bench, way)]
    if not in_files:
        in_files = [way for way in trust.FILES if way.volume and trust.works(bench, way)]
    if not any(in_slot) and not in_files:
        raise Untried("it finds a CA neither in the slot nor in files")
    found: dict = {"slot_lookup": any(in_slot), "file_lookup": bool(in_files)}
    if in_slot[0]:
        found["slot_encoding"] = "both" if in_slot[1] else "der"
    names = {way.colons for way in in_files}
    if len(names) == 1:
        found["ca_file_name"] = "colons" if names.pop() else "plain"
        forms = {way.encoding for way in in_files}
        found["ca_file_encoding"] = "both" if len(forms) == 2 else forms.pop()
    for what, there in (("slot", any(in_slot)), ("files", in_files)):
        if not there:
            bench.note(f"it finds no CA in the {what}, in no form")
    return found


@experiment("ski_line", "content_text", needs=(SLOT,))
def upload(bench):
    """Load a CA into the slot, and ask what is in it."""
    ca = root()
    trust.clean(bench)
    try:
        said = trust.upload(bench, f"TLSCERT=ca,{len(ca.der)}", ca.der)
        listed = bench.done("TLSCERT=content,1")
    finally:
        trust.clean(bench)
    identifier = ca.identifier.hex(":").upper()
    found: dict = {"ski_line": identifier in said.text.upper()}
    line = listed.value(r"AT-S\.[^:\r\n]*:?([^\r\n]*)").lower()
    if identifier in listed.text.upper():
        found["content_text"] = "ski"
    elif "ca" in line.replace(",", " ").split():
        found["content_text"] = "keywords"
    elif line.strip().isdigit():
        found["content_text"] = "count"
    return found


@experiment("ca_lookup", needs=_ALL)
def above_which(bench):
    """Connect to a server that sends leaf and intermediate: with the root on the module, then with
    the intermediate."""
    middle = Certified("spwf04 probe issuer", root(), rsa_key(2))
    chain = [Certified(HOST, middle, names=dns(HOST)), middle]
    with trust.placed(bench):
        above_top = trust.taken(bench, chain)
    with trust.placed(bench, middle):
        above_leaf = trust.taken(bench, chain)
    words: dict = {(True, False): "top", (True, True): "each", (False, True): "leaf"}
    return {"ca_lookup": words.get((above_top, above_leaf))}


@experiment("no_identifier", needs=_ALL)
def without_identifiers(bench):
    """Connect to a server in whose chain there are no key identifiers, then give one by hand."""
    if not trust.works(bench, trust.SLOT):
        raise Untried("it does not look for a CA in its slot")
    ca = Certified("spwf04 probe bare root", key=rsa_key(0), identifiers=False)
    chain = [Certified(HOST, ca, names=dns(HOST), identifiers=False)]
    with trust.put(bench, trust.SLOT, ca):
        if trust.taken(bench, chain):
            return {"no_identifier": "slot"}
        trust.upload(bench, "TLSCERT=auth,20", ca.identifier)
        return {"no_identifier": "auth" if trust.taken(bench, chain) else "refused"}


# what its TLS takes --------------------------------------------------------------------------
@experiment("mixed_chains", needs=_ALL)
def mixed(bench):
    """Connect to a server with an ECDSA certificate that an RSA root has signed."""
    whole = Certified("spwf04 probe EC root", key=ec_key(0))
    with trust.placed(bench, whole):
        if not trust.taken(bench, [Certified(HOST, whole, ec_key(1), dns(HOST))]):
            raise Untried("it takes no ECDSA certificates")
    with trust.placed(bench):
        verdict = trust.judged(bench, [under_root(key=ec_key(1))], ec_key(1))
    if verdict.open:
        return {"mixed_chains": True}
    return {"mixed_chains": False} if verdict.refusal == 11 else {}


@experiment("old_hashes", needs=_ALL)
def hashes(bench):
    """Connect to servers whose certificates are signed with SHA-1, and with MD5."""
    leaf = under_root()
    with trust.placed(bench):
        took = tuple(
            trust.taken(bench, [leaf.with_changed(b"", b"", hash)], leaf.key)
            for hash in ("SHA-1", "MD5")
        )
    words: dict = {(False, False): "refused", (True, True): "taken", (True, False): "sha1"}
    return {"old_hashes": words.get(took)}


@experiment("rsa4096", needs=_ALL)
def large_keys(bench):
    """Connect to a server with an RSA-4096 certificate, and to one whose root has such a key."""
    large = rsa_key(0, 4096)
    with trust.placed(bench):
        below = trust.judged(bench, [under_root(key=large)], large)
    ca = Certified("spwf04 probe large root", key=large)
    with trust.placed(bench, ca):
        above = trust.judged(bench, [Certified(HOST, ca, names=dns(HOST))], rsa_key(1))
    if [v.refusal for v in (below, above) if not v.open] not in ([], [22], [22, 22]):
        return {}
    words: dict = {(False, False): "nowhere", (False, True): "root", (True, True): "everywhere"}
    return {"rsa4096": words.get((below.open, above.open))}
