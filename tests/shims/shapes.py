"""Chains in the shapes of today's public servers, and hostile ones, made when needed."""

import datetime
import functools
import ipaddress
import pathlib
import socket
import ssl
import tempfile
import threading
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests import HANG

NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
DAY = datetime.timedelta(days=1)
_KEYS = pathlib.Path(__file__).with_name("rsa_keys.pem")


@dataclass
class Shape:
    """name: the host. chain: Certs as the server sends them. key: the leaf's. roots: Certs that
    an honest bundle holds. module: whether the module's TLS should take it."""

    name: str
    chain: list
    key: object
    roots: list
    module: bool = True
    tls13_only: bool = False
    why: str = ""

    def ders(self):
        return [der(c) for c in self.chain]

    def root_ders(self):
        return [der(c) for c in self.roots]


def der(certificate):
    """DER of a certificate; what is DER already stays as it is."""
    if isinstance(certificate, bytes):
        return certificate
    return certificate.public_bytes(serialization.Encoding.DER)


def ecc(curve=ec.SECP256R1):
    return ec.generate_private_key(curve())


@functools.cache
def rsa_key(n, bits=2048):
    """The n-th RSA key of a size, always the same: these keys are slow to make, so rsa_keys.pem
    has those that are usual."""
    _, known, rest = _KEYS.read_text().partition(f"key {n} of {bits} bits\n")
    if not known:
        return rsa.generate_private_key(65537, bits)
    pem = rest.partition("\n\n")[0].encode()
    return serialization.load_pem_private_key(pem, None, unsafe_skip_rsa_key_validation=True)


def named(text):
    if text is None:
        return x509.Name([])
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Node:
    """A certificate and its key; a CA unless it is for hosts."""

    def __init__(
        self,
        subject,
        issuer=None,
        key=None,
        hosts=None,
        ca=True,
        path=None,
        ski=True,
        aki=True,
        start=-30 * DAY,
        end=None,
        digest=None,
        signer=None,
        constraints=True,
        usage=True,
        extra=(),
        pad=0,
        eku=None,
        issuer_name=None,
    ):
        self.key = key or ecc()
        above = issuer or self
        signing = signer or above.key
        self.subject = named(subject)
        is_ca = ca and hosts is None
        builder = (
            x509.CertificateBuilder()
            .subject_name(self.subject)
            .issuer_name(issuer_name or above.subject)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW + start)
            .not_valid_after(NOW + (end or (3650 * DAY if is_ca else 80 * DAY)))
        )
        more = []
        if constraints:
            more.append((x509.BasicConstraints(is_ca, path if is_ca else None), True))
        if is_ca and usage:
            more.append((_usage(sign=True), True))
        self.ski = ski if isinstance(ski, bytes) else None
        if ski is True:
            self.ski = x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()).digest
        if self.ski:
            more.append((x509.SubjectKeyIdentifier(self.ski), False))
        wanted = aki if isinstance(aki, bytes) else (above.ski if aki else None)
        if wanted:
            more.append((x509.AuthorityKeyIdentifier(wanted, None, None), False))
        if hosts:
            general = [
                x509.IPAddress(h) if isinstance(h, ipaddress.IPv4Address) else x509.DNSName(h)
                for h in hosts
            ]
            more.append((x509.SubjectAlternativeName(general), subject is None))
        if eku is not None:
            more.append((x509.ExtendedKeyUsage(eku), False))
        if pad:
            oid = x509.ObjectIdentifier("1.3.6.1.4.1.55555.2")
            more.append((x509.UnrecognizedExtension(oid, bytes(pad)), False))
        for value, critical in [*more, *extra]:
            builder = builder.add_extension(value, critical)
        if digest is None and not isinstance(signing, ed25519.Ed25519PrivateKey):
            digest = hashes.SHA256()
        self.cert = builder.sign(signing, digest)


def _usage(sign=False):
    return x509.KeyUsage(not sign, False, False, False, False, sign, sign, False, False)


def three(name, key=None, root_key=None, middle_key=None, hosts=None, **leaf):
    """(root, intermediate, leaf) as Nodes."""
    root = Node(f"Root of {name}", key=root_key)
    middle = Node(f"Issuer of {name}", root, middle_key)
    return root, middle, Node(name, middle, key, hosts or [name], **leaf)


def _plain(name, why="", module=True, **more):
    root, middle, leaf = three(name, **more)
    return Shape(name, [leaf.cert, middle.cert], leaf.key, [root.cert], module, why=why)


@functools.cache
def good():
    """Shapes that a careful client accepts."""
    r1, r2, r3, r4 = (rsa_key(n) for n in range(4))
    big, bigger = rsa_key(0, 4096), rsa_key(1, 4096)
    shapes = [
        _plain("rsa-2048.example", key=r1, middle_key=r2, root_key=r3),
        _plain("rsa-3072.example", key=rsa_key(0, 3072), middle_key=r2, root_key=r3),
        _plain("p256.example"),
        _plain(
            "p384.example",
            key=ecc(ec.SECP384R1),
            middle_key=ecc(ec.SECP384R1),
            root_key=ecc(ec.SECP384R1),
            digest=hashes.SHA384(),
        ),
        _plain(
            "p256-under-p384.example", middle_key=ecc(ec.SECP384R1), root_key=ecc(ec.SECP384R1)
        ),
        _plain("sha384.example", key=r1, middle_key=r2, root_key=r3, digest=hashes.SHA384()),
        _plain("sha512.example", key=r1, middle_key=r2, root_key=r3, digest=hashes.SHA512()),
        _plain("a.wild.example", hosts=["*.wild.example"]),
        _plain("192.0.2.10", hosts=[ipaddress.ip_address("192.0.2.10")]),
        _plain("mixed-case.example", hosts=["MiXeD-CaSe.example"]),
        _plain(
            "many-names.example",
            hosts=[f"h{n}.example" for n in range(60)] + ["many-names.example"],
        ),
        _plain("mixed-kinds.example", "ECDSA under RSA", False, middle_key=r2, root_key=r3),
        _plain("rsa-4096-issuer.example", "", False, key=r1, middle_key=big, root_key=r3),
        _plain("rsa-4096-root.example", "", False, key=r1, middle_key=r2, root_key=big),
        _plain(
            "fat.example",
            "a certificate above 2560 bytes",
            False,
            hosts=["fat.example"] + [f"a-rather-long-name-{n}.fat.example" for n in range(120)],
        ),
        _plain("no-aki.example", aki=False),
    ]
    shapes.append(_plain("modern.shape.example", "TLS 1.3 alone", False))
    shapes[-1].tls13_only = True

    name = "root-sent.example"
    root, middle, leaf = three(name)
    shapes.append(Shape(name, [leaf.cert, middle.cert, root.cert], leaf.key, [root.cert]))
    name = "directly.example"
    root = Node("Root of " + name)
    leaf = Node(name, root, hosts=[name])
    shapes.append(Shape(name, [leaf.cert], leaf.key, [root.cert]))
    name = "unordered.example"
    root, middle, leaf = three(name)
    shapes.append(Shape(name, [leaf.cert, root.cert, middle.cert], leaf.key, [root.cert]))
    name = "twice.example"
    root, middle, leaf = three(name)
    shapes.append(Shape(name, [leaf.cert, middle.cert, middle.cert], leaf.key, [root.cert]))
    name = "superfluous.example"
    root, middle, leaf = three(name)
    other = Node("Nobody asked for this one")
    shapes.append(Shape(name, [leaf.cert, other.cert, middle.cert], leaf.key, [root.cert]))
    shapes += [_crossed("both"), _crossed("old"), _crossed("new"), _crossed("mixed", big)]
    name = "no-name.example"
    root, middle, _ = three(name)
    leaf = Node(None, middle, hosts=[name])
    shapes.append(Shape(name, [leaf.cert, middle.cert], leaf.key, [root.cert]))
    name = "eight-deep.example"
    root = above = Node("Root of " + name)
    chain = []
    for n in range(7):
        above = Node(f"Issuer {n} of {name}", above)
        chain.insert(0, above.cert)
    leaf = Node(name, above, hosts=[name])
    shapes.append(Shape(name, [leaf.cert, *chain], leaf.key, [root.cert]))
    name = "16-kb.example"
    root = above = Node("Root of " + name, key=r1)
    chain = []
    for n in range(7):
        above = Node(f"Issuer {n} of {name}", above, (r2, r3, r4)[n % 3], pad=1300)
        chain.insert(0, above.cert)
    leaf = Node(name, above, r1, [name], pad=1300)
    shapes.append(Shape(name, [leaf.cert, *chain], leaf.key, [root.cert]))
    name = "root-without-identifier.example"
    root = Node("Root of " + name, ski=False, aki=False)
    middle = Node("Issuer of " + name, root, aki=False)
    leaf = Node(name, middle, hosts=[name])
    shapes.append(
        Shape(name, [leaf.cert, middle.cert], leaf.key, [root.cert], False, why="no identifier")
    )
    name = "dressed-up.example"
    root, middle, _ = three(name)
    url = x509.UniformResourceIdentifier("http://ca.example/x")
    access = x509.AccessDescription(x509.oid.AuthorityInformationAccessOID.CA_ISSUERS, url)
    extra = [
        (_usage(), True),
        (x509.AuthorityInformationAccess([access]), False),
        (x509.CRLDistributionPoints([x509.DistributionPoint([url], None, None, None)]), False),
        (
            x509.CertificatePolicies(
                [x509.PolicyInformation(x509.ObjectIdentifier("2.23.140.1.2.1"), None)]
            ),
            False,
        ),
    ]
    leaf = Node(name, middle, hosts=[name], eku=[ExtendedKeyUsageOID.SERVER_AUTH], extra=extra)
    shapes.append(Shape(name, [leaf.cert, middle.cert], leaf.key, [root.cert]))
    name = "version-1-root.example"
    root = Node("Root of " + name, key=bigger and r4)
    root_der = version_1(root)
    middle = Node("Issuer of " + name, root, r2)
    leaf = Node(name, middle, r1, [name])
    shapes.append(
        Shape(name, [leaf.cert, middle.cert], leaf.key, [root_der], False, why="no identifier")
    )
    return shapes


def _crossed(which, old_key=None):
    """A newer root X2, also signed by an older X1; the server sends that cross-certificate."""
    name = f"crossed-{which}.example"
    x1 = Node("X1 of " + name, key=old_key)
    x2 = Node("X2 of " + name)
    cross = Node("X2 of " + name, x1, x2.key)
    middle = Node("Issuer of " + name, x2)
    leaf = Node(name, middle, hosts=[name])
    roots = {"old": [x1], "new": [x2]}.get(which, [x1, x2])
    chain = [leaf.cert, middle.cert, cross.cert]
    return Shape(name, chain, leaf.key, [r.cert for r in roots], which in ("both", "old"))


def _tlv(tag, content):
    n = len(content)
    if n < 128:
        return bytes((tag, n)) + content
    size = (n.bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + n.to_bytes(size, "big") + content


def _parts(data):
    """[(tag, whole element)] of a DER sequence's content."""
    found = []
    while data:
        n, at = data[1], 2
        if n & 128:
            at += n & 127
            n = int.from_bytes(data[2:at], "big")
        found.append((data[0], data[: at + n]))
        data = data[at + n :]
    return found


def _content(element):
    return element[2 + (element[1] & 127 if element[1] & 128 else 0) :]


def version_1(node):
    """DER of a self-signed certificate as they were in 1996: no version, no extensions."""
    fields = _parts(_content(node.cert.tbs_certificate_bytes))
    tbs = _tlv(0x30, b"".join(e for tag, e in fields if tag not in (0xA0, 0xA3)))
    algorithm = _parts(_content(der(node.cert)))[1][1]
    signature = node.key.sign(tbs, padding.PKCS1v15(), hashes.SHA256())
    return _tlv(0x30, tbs + algorithm + _tlv(3, b"\0" + signature))


# RSA with an old hash: OpenSSL and authorities make these no more, some servers still have them
_OLD = {"MD5": (4, hashes.MD5), "SHA-1": (5, hashes.SHA1)}


def signed_with(hash, node, signer):
    """DER of a certificate with this hash: "MD5" or "SHA-1". signer: the issuer's RSA key."""
    number, made = _OLD[hash]
    usual = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b"
    _, algorithm, _ = (element for _, element in _parts(_content(der(node.cert))))
    tbs = node.cert.tbs_certificate_bytes.replace(usual, usual[:-1] + bytes([number]), 1)
    signature = signer.sign(tbs, padding.PKCS1v15(), made())
    algorithm = algorithm.replace(usual, usual[:-1] + bytes([number]))
    return _tlv(0x30, tbs + algorithm + _tlv(3, b"\0" + signature))


def _damaged(certificate, old=None, new=None):
    """DER with the last byte of the signature flipped, or with a text replaced."""
    data = bytearray(der(certificate))
    if old is not None:
        assert bytes(data).count(old) and len(old) == len(new)
        return bytes(data).replace(old, new)
    data[-1] ^= 1
    return bytes(data)


@functools.cache
def hostile():
    """Shapes that nobody may accept, with honest roots."""
    shapes = []

    def add(name, chain, key, *roots, why=""):
        certs = [c.cert if isinstance(c, Node) else c for c in chain]
        shapes.append(Shape(name, certs, key, [r.cert for r in roots], False, why=why))

    def usual(name, **leaf):
        root, middle, end = three(name, **leaf)
        add(name, [end, middle], end.key, root)

    usual("expired.bad.example", start=-90 * DAY, end=-DAY)
    usual("future.bad.example", start=9 * DAY)
    usual("other-name.bad.example", hosts=["elsewhere.example"])
    usual("a.b.wild.bad.example", hosts=["*.wild.bad.example"])
    usual("four.bad.example", hosts=["f*.bad.example"])
    usual("cn-only.bad.example", hosts=["not-cn.bad.example"])
    usual("client-only.bad.example", eku=[ExtendedKeyUsageOID.CLIENT_AUTH])
    usual("192.0.2.66", hosts=["192.0.2.66"])
    oid = x509.ObjectIdentifier("1.3.6.1.4.1.55555.3")
    usual("critical.bad.example", extra=[(x509.UnrecognizedExtension(oid, b"\x05\x00"), True)])
    name = "nul.bad.example"
    root, middle, leaf = three(name, hosts=[name + ".evil.example"])
    forged = _damaged(leaf.cert, name.encode() + b".evil", name.encode() + b"\0evil")
    add(name, [forged, middle], leaf.key, root)
    name = "expired-issuer.bad.example"
    root = Node("Root of " + name)
    middle = Node("Issuer of " + name, root, start=-90 * DAY, end=-DAY)
    leaf = Node(name, middle, hosts=[name])
    add(name, [leaf, middle], leaf.key, root)
    name = "expired-root.bad.example"
    root = Node("Root of " + name, start=-90 * DAY, end=-DAY)
    middle = Node("Issuer of " + name, root)
    leaf = Node(name, middle, hosts=[name])
    add(name, [leaf, middle], leaf.key, root)
    name = "self-signed.bad.example"
    leaf = Node(name, hosts=[name])
    add(name, [leaf], leaf.key, Node("Somebody honest"))
    honest = Node("Honest root")
    name = "copied-identifier.bad.example"
    leaf = Node(name, hosts=[name], ski=honest.ski, aki=honest.ski)
    add(name, [leaf], leaf.key, honest)
    name = "same-name.bad.example"
    false = Node("Honest root")
    leaf = Node(name, false, hosts=[name])
    add(name, [leaf], leaf.key, honest)
    name = "same-name-and-identifier.bad.example"
    false = Node("Honest root", ski=honest.ski)
    leaf = Node(name, false, hosts=[name])
    add(name, [leaf, false], leaf.key, honest)
    name = "honest-root-appended.bad.example"
    false = Node("Issuer of " + name, honest, signer=ecc())
    leaf = Node(name, false, hosts=[name])
    add(name, [leaf, false, honest], leaf.key, honest)
    name = "false-issuer.bad.example"
    false = Node("Issuer of " + name, issuer_name=honest.subject, aki=honest.ski)
    leaf = Node(name, false, hosts=[name])
    add(name, [leaf, false], leaf.key, honest)
    name = "leaf-as-issuer.bad.example"
    middle = Node("shop.example", honest, hosts=["shop.example"])
    leaf = Node(name, middle, hosts=[name])
    add(name, [leaf, middle], leaf.key, honest)
    name = "no-constraints.bad.example"
    middle = Node("Issuer of " + name, honest, constraints=False)
    leaf = Node(name, middle, hosts=[name])
    add(name, [leaf, middle], leaf.key, honest)
    name = "path-length.bad.example"
    upper = Node("Upper of " + name, honest, path=0)
    middle = Node("Issuer of " + name, upper)
    leaf = Node(name, middle, hosts=[name])
    add(name, [leaf, middle, upper], leaf.key, honest)
    name = "key-usage.bad.example"
    middle = Node("Issuer of " + name, honest, usage=False, extra=[(_usage(), True)])
    leaf = Node(name, middle, hosts=[name])
    add(name, [leaf, middle], leaf.key, honest)
    name = "name-constraints.bad.example"
    only = x509.NameConstraints([x509.DNSName("other.example")], None)
    middle = Node("Issuer of " + name, honest, extra=[(only, True)])
    leaf = Node(name, middle, hosts=[name])
    add(name, [leaf, middle], leaf.key, honest)
    name = "damaged-leaf.bad.example"
    root, middle, leaf = three(name)
    add(name, [_damaged(leaf.cert), middle], leaf.key, root)
    name = "damaged-issuer.bad.example"
    root, middle, leaf = three(name)
    add(name, [leaf, _damaged(middle.cert)], leaf.key, root)
    name = "altered.bad.example"
    root, middle, leaf = three(name, hosts=["alterex.bad.example"])
    add(name, [_damaged(leaf.cert, b"alterex", b"altered"), middle], leaf.key, root)
    name = "other-signer.bad.example"
    root, middle, leaf = three(name, signer=ecc())
    add(name, [leaf, middle], leaf.key, root)
    name = "unknown-root.bad.example"
    _, middle, leaf = three(name)
    add(name, [leaf, middle], leaf.key, honest)
    name = "version-1-issuer.bad.example"
    root = Node("Root of " + name, key=rsa_key(0))
    middle = Node("Issuer of " + name, root, rsa_key(1))
    old = version_1(Node("Issuer of " + name, key=rsa_key(1)))
    leaf = Node(name, middle, rsa_key(2), [name])
    add(name, [leaf, old], leaf.key, root)
    return shapes


class ShapeServer:
    """A real TLS server on loopback with a Shape's chain. It sends a page with its name and ends.

    ciphers: in OpenSSL's words."""

    def __init__(self, shape, ciphers=None):
        self._name = shape.name
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if ciphers is not None:
            context.set_ciphers(ciphers)
        if shape.tls13_only:
            context.minimum_version = ssl.TLSVersion.TLSv1_3
        else:
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        pem = "".join(ssl.DER_cert_to_PEM_cert(d) for d in shape.ders())
        key = shape.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        with tempfile.NamedTemporaryFile() as file:
            file.write(pem.encode() + key)
            file.flush()
            context.load_cert_chain(file.name)
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = self._listener.getsockname()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(sock,), daemon=True).start()

    def _answer(self, sock):
        sock.settimeout(HANG)
        try:
            sock = self._context.wrap_socket(sock, server_side=True)
            sock.recv(1000)
            sock.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + self._name.encode())
            sock.unwrap()
        except (ssl.SSLError, OSError, ValueError):
            pass
        sock.close()

    def close(self):
        self._listener.close()
