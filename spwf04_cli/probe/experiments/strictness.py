"""How strict its TLS is."""

import ipaddress
import ssl

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from ..experiment import DISK, SERVER, SLOT, Untried, experiment
from ..points import reading
from ..tls import hello, openssl, trust
from ..tls.certificates import (
    HOST,
    Certified,
    dns,
    ec_key,
    root,
    rsa_key,
    small_key,
    under_root,
)
from ..tls.servers import first, has, tls

_ALL = (SLOT, DISK, SERVER)
_CLIENTS = [ExtendedKeyUsageOID.CLIENT_AUTH]
_ODD = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.55555.9"), b"\x05\x00")
_MOST_CLIENTS = 4  # TLS connections that are tried at once


# the handshake -------------------------------------------------------------------------------
@experiment("suites", needs=(SERVER,))
def offered(bench):
    """Look at the module's ClientHello."""
    names = hello.seen(bench).suites
    if any("_DHE_" in name for name in names):
        return {"suites": "with_dhe"} if any("GCM" in name for name in names) else {}
    return {"suites": "ecdhe_rsa" if any("GCM" in name for name in names) else "no_gcm"}


@experiment("tls_versions", needs=_ALL)
def old_server(bench):
    """Connect to a server that has TLS 1.0 alone."""
    leaf, old = under_root(), ssl.TLSVersion.TLSv1
    if not has(old, [leaf], leaf.key):
        raise Untried("OpenSSL on this computer has no TLS 1.0")
    with trust.placed(bench):
        if not trust.taken(bench, [leaf]):
            raise Untried("it does not trust the usual server")
        with tls(bench, [leaf], leaf.key, oldest=old) as (port, _):
            verdict = trust.connect(bench, port)
    if verdict.refusal is not None:
        raise Untried(f"it looks at certificates: {verdict.refusal}")
    return {"tls_versions": "1.0" if verdict.open else "1.2"}


@experiment("renegotiation", needs=_ALL)
def again(bench):
    """Have a server begin another handshake."""
    leaf = under_root()
    with trust.placed(bench), openssl.server(bench, [leaf], leaf.key) as server:
        try:
            number = bench.open(server.port, HOST, 60)
        except Untried:  # a busy server may have been too slow
            number = bench.open(server.port, HOST, 60)
        try:
            server.type("R")
            answer = server.wait(bench, ("no_renegotiation", "ClientHello"))
        finally:
            bench.close(number)
    words: dict = {"no_renegotiation": "refused", "ClientHello": "done"}
    return {"renegotiation": words.get(answer)}


@experiment("tls_clients_error", needs=_ALL)
def one_too_many(bench):
    """Open TLS connections until one is refused."""
    leaf, numbers = under_root(), []
    with trust.placed(bench), tls(bench, [leaf], leaf.key) as (port, _):
        try:
            for _ in range(_MOST_CLIENTS):
                said = bench.try_open(port, HOST, 60)
                if not said.ok and numbers:  # a busy server may have been too slow
                    said = bench.try_open(port, HOST, 60)
                number = said.value(r"AT-S\.On:[^:\r\n]*:(\d+)")
                if number is None:
                    return reading("tls_clients_error", said.error) if numbers else {}
                numbers.append(int(number))
        finally:
            for number in numbers:
                bench.close(number)
    raise Untried(f"it opens {_MOST_CLIENTS} connections over TLS")


# rules of X.509 ------------------------------------------------------------------------------
def _issuer(above=None, **more):
    return Certified("spwf04 probe issuer", above or root(), rsa_key(2), **more)


def _leaf(above, **more):
    return Certified(HOST, above, names=dns(HOST), **more)


def _needs_chains(bench):
    """Untried unless a good chain of three is taken."""
    middle = _issuer()
    if not trust.taken(bench, [_leaf(middle), middle]):
        raise Untried("it takes no chain with an intermediate under its root")


@experiment("x509_rules", "certificate_error_rule", needs=_ALL)
def rules(bench):
    """Connect to servers whose chain breaks a rule of X.509 each."""
    with trust.placed(bench):
        _needs_chains(bench)
        middle = _issuer(flag=False)
        no_ca = trust.judged(bench, [_leaf(middle), middle], rsa_key(1))
        middle = _issuer(purposes=_CLIENTS)
        purpose = trust.taken(bench, [_leaf(middle), middle])
        middle, upper = _issuer(), Certified("spwf04 probe upper", root(), rsa_key(3), path=0)
        below = _issuer(upper)
        others = {
            trust.taken(bench, [_leaf(middle, purposes=_CLIENTS), middle]),
            trust.taken(bench, [_leaf(below), below, upper]),
            trust.taken(bench, [_leaf(middle, extra=[(_ODD, True)]), middle]),
        }
    found: dict = {}
    if not no_ca.open:
        found = reading("certificate_error_rule", no_ca.refusal)
    words: dict = {
        (False, False, False): "all",
        (False, True, False): "no_ca_purpose",
        (False, True, True): "ca_flag",
        (True, True, True): "none",
    }
    if len(others) == 1:
        found["x509_rules"] = words.get((no_ca.open, purpose, others.pop()))
    return found


@experiment("name_constraints", needs=_ALL)
def constraints(bench):
    """Connect to servers whose issuer may not issue for them, or may."""

    def took(permitted, *names):
        rule = x509.NameConstraints(permitted, None)
        middle = _issuer(extra=[(rule, True)])
        leaf = Certified(HOST, middle, names=dns(HOST) + list(names))
        return trust.taken(bench, [leaf, middle])

    mail = x509.RFC822Name
    with trust.placed(bench):
        _needs_chains(bench)
        seen = (
            took(dns("example.com")),
            took(dns("example.org")),
            took([mail("example.org")], mail("somebody@example.com")),
        )
        if all(seen) and trust.taken(bench, [_leaf(root(), extra=[(_ODD, True)])]):
            raise Untried("it looks at no extension, not even at critical ones")
    words: dict = {
        (True, False, False): "all",
        (True, False, True): "dns",
        (False, False, False): "unknown",
        (True, True, True): "ignored",
    }
    return {"name_constraints": words.get(seen)}


@experiment("self_issued", needs=_ALL)
def own_new_key(bench):
    """Connect to servers whose issuer has a newer key, certified by its older one."""

    def took(path, name="spwf04 probe issuer"):
        older = _issuer(path=path)
        newer = Certified(name, older, rsa_key(3))
        return trust.taken(bench, [_leaf(newer), newer, older])

    with trust.placed(bench):
        if not took(None, "spwf04 probe other"):
            raise Untried("it takes no chain with two intermediates under its root")
        if not took(None):
            return {"self_issued": "by_name"}
        if took(0, "spwf04 probe other"):
            raise Untried("it does not look at path lengths")
        return {"self_issued": "rfc5280" if took(0) else "counted"}


@experiment("issuer_names", needs=_ALL)
def written_otherwise(bench):
    """Connect to a server whose issuer is written in capitals, and with more blanks."""
    with trust.placed(bench):
        took = {
            trust.taken(bench, [_leaf(root(), issuer=name)])
            for name in (root().name.upper(), root().name.replace(" ", "  "))
        }
    words: dict = {True: "rfc5280", False: "bytes"}
    return {"issuer_names": words[took.pop()]} if len(took) == 1 else {}


@experiment("chain_order", needs=_ALL)
def order(bench):
    """Connect to servers that send a certificate twice, or one that nobody asked for."""
    leaf = under_root()
    other = Certified("spwf04 probe stranger", key=rsa_key(2))
    with trust.placed(bench):
        took = {trust.taken(bench, [leaf, more]) for more in (leaf, other)}
    words: dict = {True: "any", False: "given"}
    return {"chain_order": words[took.pop()]} if len(took) == 1 else {}


# names ---------------------------------------------------------------------------------------
@experiment("name_rules", needs=_ALL)
def names(bench):
    """Connect to servers whose certificates have names of several kinds."""
    number = "192.0.2.7"
    address = [x509.IPAddress(ipaddress.ip_address(number))]
    wild = dns("*.example.com")

    def took(alternative, name=HOST, subject="spwf04 probe server"):
        leaf = Certified(subject, root(), names=alternative)
        return trust.taken(bench, [leaf], name=name)

    with trust.placed(bench):
        wildcards = took(wild)
        if not wildcards and not took(dns(HOST)):
            raise Untried("it does not look at alternative names")
        seen = [
            ("cn_beside_san", took(dns("b.example.com"), subject=HOST)),
            ("ip_as_text", took(dns(number), number)),
            ("no_ip", not took(address, number)),
            ("partial", took(dns("w*.example.com"))),
            ("deep", took(wild, "a.b.example.com")),
        ]
    odd = [word for word, is_so in seen if is_so]
    if not odd and wildcards:
        return {"name_rules": "strict"}
    return {"name_rules": odd[0]} if len(odd) == 1 else {}


# keys ----------------------------------------------------------------------------------------
@experiment("algorithms", needs=_ALL)
def keys(bench):
    """Connect to servers with keys and signatures of several kinds."""

    def curve(kind, hash):
        ca = Certified("spwf04 probe EC root", key=ec_key(0, kind), hash=hash)
        leaf = Certified(HOST, ca, ec_key(1, kind), dns(HOST), hash=hash)
        with trust.placed(bench, ca):
            return trust.taken(bench, [leaf])

    with trust.placed(bench):
        seen = (
            curve(ec.SECP256R1, hashes.SHA256()),
            curve(ec.SECP384R1, hashes.SHA384()),
        )
    with trust.placed(bench):
        seen += (trust.taken(bench, [_leaf(root(), pss=True)]),)
    words: dict = {
        (True, True, False): "nist",
        (True, False, False): "p256",
        (True, True, True): "more",
    }
    return {"algorithms": words.get(seen)}


@experiment("least_rsa", needs=_ALL)
def small(bench):
    """Connect to servers with small RSA keys."""
    with trust.placed(bench):
        took = tuple(
            trust.taken(bench, [under_root(key=key)]) for key in (rsa_key(0, 1024), small_key())
        )
    words: dict = {(False, False): 2048, (True, False): 1024, (True, True): 0}
    return {"least_rsa": words.get(took)}


@experiment("own_key", needs=_ALL)
def forms(bench):
    """Show a certificate of the module's own, its key in two forms."""
    server = under_root()
    own = _leaf(root(), purposes=_CLIENTS, key=rsa_key(2))

    def shows(form):
        key = own.key_as(form)
        trust.upload(bench, f"TLSCERT=cert,{len(own.der)}", own.der)
        try:
            trust.upload(bench, f"TLSCERT=key,{len(key)}", key)
            with tls(bench, [server], server.key, client_ca=root()) as (port, seen):
                trust.connect(bench, port)
                return first(seen)[0] == own.der
        except Untried:  # it does not take the key at all
            return False
        finally:
            trust.clean(bench)

    shown = []
    for form in ("older", "pkcs8"):
        with trust.placed(bench):
            shown.append(shows(form))
    words: dict = {(True, False): "older", (True, True): "pkcs8"}
    return {"own_key": words.get(tuple(shown))}
