"""What people have in a file: a certificate or a private key in every form, and what is none.

taken(): {form: (content, [DER of the certificates])}. named(): {form: (content, words of the
refusal)}. keys(): {form: (content, DER or words)}. All contents are bytes.
"""

import base64
import datetime
import functools
import textwrap

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    pkcs7,
    pkcs12,
)

from tests.shims.shapes import NOW, Node, der, rsa_key
from tests.shims.shapes import named as name_of

PEM, DER = Encoding.PEM, Encoding.DER
PKCS8, TRADITIONAL = PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL
SECRET = b"a-pass-phrase"
SERVER_AUTH = bytes.fromhex("06082b06010505070301")
EMAIL = bytes.fromhex("06082b06010505070304")

ROOT = Node("Root of the forms")
OTHER = Node("Other root of the forms")
KEYS = {"EC": ec.generate_private_key(ec.SECP256R1()), "RSA": rsa_key(1)}
OWN = {kind: Node("device", key=key, ca=False) for kind, key in KEYS.items()}


def outer(tag, *parts):
    """A DER element with these parts in it."""
    content = b"".join(parts)
    n = len(content)
    size = n.to_bytes((n.bit_length() + 7) // 8 or 1, "big")
    return bytes([tag]) + (bytes([n]) if n < 128 else bytes([0x80 | len(size)]) + size) + content


def pem(content, label="CERTIFICATE", columns=64, end="\n"):
    """PEM with lines of this width."""
    lines = textwrap.wrap(base64.b64encode(content).decode(), columns)
    return end.join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""]).encode()


def utf16(text, order, mark=b""):
    return mark + text.decode().encode("utf-16-" + order)


@functools.cache
def taken():
    root, other = der(ROOT.cert), der(OTHER.cert)
    plain = pem(root)
    body = base64.b64encode(root)
    key = private("EC", PEM, PKCS8)
    prose = b"Certificate:\n    Data:\n        Version: 3 (0x2)\n        Issuer: CN=Root\n"
    trust = outer(0x30, outer(0x30, SERVER_AUTH), outer(0xA0, EMAIL), outer(0x0C, b"mine"))
    p7 = pkcs7.serialize_certificates
    one = {
        "PEM": plain,
        "DER": root,
        "no last line end": plain.rstrip(),
        "CR LF": plain.replace(b"\n", b"\r\n"),
        "CR": plain.replace(b"\n", b"\r"),
        "blank lines": plain.replace(b"\n", b"\n\n"),
        "indented, with blanks behind": plain.replace(b"\n", b"  \n \t").rstrip(b" \t"),
        "a blank line after BEGIN": plain.replace(b"\n", b"\n\n", 1),
        **{f"{n} columns": pem(root, columns=n) for n in (1, 5, 61, 65, 76, 1024, 1025, 9999)},
        "70 columns, CR LF": pem(root, columns=70, end="\r\n"),
        "a byte order mark": b"\xef\xbb\xbf" + plain,
        "UTF-16LE": utf16(plain, "le", b"\xff\xfe"),
        "UTF-16BE": utf16(plain, "be", b"\xfe\xff"),
        "UTF-16LE, no mark": utf16(plain, "le"),
        "UTF-16BE, no mark": utf16(plain, "be"),
        "UTF-16LE, umlauts": utf16("# für Ōsaka\r\n".encode() + plain, "le", b"\xff\xfe"),
        "prose that mentions BEGIN": b"# put it after -----BEGIN CERTIFICATE-----\n"
        b"-----END CERTIFICATE----- ends it\n" + plain + b"-----BEGIN CERTIFICATE----- begins\n",
        "Bag Attributes": b"Bag Attributes\n    friendlyName: x\nsubject=CN = x\n\n" + plain,
        "a key before it": key + plain,
        "a key behind it": plain + key,
        "openssl x509 -text": prose + plain,
        "X509 CERTIFICATE": pem(root, "X509 CERTIFICATE"),
        "TRUSTED CERTIFICATE": pem(root + trust, "TRUSTED CERTIFICATE"),
        "TRUSTED CERTIFICATE, no settings": pem(root, "TRUSTED CERTIFICATE"),
        "base64": base64.encodebytes(root),
        "base64 in one line": body,
        "base64 of a PEM": base64.b64encode(plain),
        "a PEM in one line": plain.replace(b"\n", b" "),
        "a PEM in JSON": b'{"ca": "' + plain.replace(b"\n", b"\\n") + b'"}',
        "a PEM in a C program": b"const char ca[] =\n"
        + b"".join(b'  "%s\\n" \\\n' % line for line in plain.split(b"\n")[:-1])
        + b";\n",
        "DER and a line end": root + b"\r\n",
        "DER and blanks": root + b"  \n\n",
        "DER twice": root + root,
        "PEM twice": plain + plain,
        "PEM twice, in two forms": plain + pem(root, "X509 CERTIFICATE", columns=76),
        "PKCS#7 in DER": p7([ROOT.cert], DER),
        "PKCS#7 in PEM": p7([ROOT.cert], PEM),
        "PKCS#7 called CERTIFICATE": pem(p7([ROOT.cert], DER)),
        "PKCS#7 in base64": base64.encodebytes(p7([ROOT.cert], DER)),
        "PKCS#7 in UTF-16": utf16(p7([ROOT.cert], PEM), "le", b"\xff\xfe"),
        "PKCS#7, twice the same": p7([ROOT.cert, ROOT.cert], DER),
    }
    forms = {form: (content, [root]) for form, content in one.items()}
    both = p7([ROOT.cert, OTHER.cert], DER)
    middle = [c for c in (root, other) if c in both]
    middle.sort(key=both.index)
    forms["two in PEM"] = plain + b"\n" + key + pem(other, end="\r\n"), [root, other]
    forms["two in DER"] = root + other, [root, other]
    forms["two in PKCS#7"] = both, middle
    forms["two in UTF-16"] = utf16(plain + pem(other), "be"), [root, other]
    forms["one in PEM, one in PKCS#7"] = plain + p7([OTHER.cert], PEM), [root, other]
    return forms


@functools.cache
def named():
    root = der(ROOT.cert)
    plain = pem(root)
    lines = plain.split(b"\n")
    lines[3] = b"!" + lines[3][1:]
    private_key, public = KEYS["EC"], KEYS["RSA"].public_key()
    builder = x509.CertificateSigningRequestBuilder().subject_name(name_of("device"))
    request = builder.sign(private_key, hashes.SHA256())
    revoked = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(ROOT.subject)
        .last_update(NOW)
        .next_update(NOW + datetime.timedelta(1))
        .sign(ROOT.key, hashes.SHA256())
    )
    box = pkcs12.serialize_key_and_certificates(
        b"x", KEYS["RSA"], OWN["RSA"].cert, [ROOT.cert], BestAvailableEncryption(SECRET)
    )
    signed = pkcs7.PKCS7SignatureBuilder().set_data(b"x")
    signed = signed.add_signer(ROOT.cert, ROOT.key, hashes.SHA256()).sign(DER, [])
    spki = PublicFormat.SubjectPublicKeyInfo
    reject = outer(0x30, outer(0xA0, SERVER_AUTH))
    mail = outer(0x30, outer(0x30, EMAIL))
    p12 = r"PKCS#12 container, not a certificate: openssl pkcs12 -in FILE -nokeys"
    return {
        "nothing": (b"", "it is empty"),
        "blanks": (b"\r\n \n", "it is empty"),
        "PKCS#12": (box, p12),
        "PKCS#12 in BER": (b"\x30\x80\x02\x01\x03\x30\x80" + bytes(100), p12),
        "PKCS#12 in base64": (base64.encodebytes(box), p12),
        "request": (request.public_bytes(PEM), "a certificate request"),
        "request in DER": (request.public_bytes(DER), "a certificate request"),
        "CRL": (revoked.public_bytes(PEM), "revoked certificates"),
        "CRL in DER": (revoked.public_bytes(DER), "revoked certificates"),
        "public key": (public.public_bytes(PEM, spki), "a public key"),
        "public key in DER": (public.public_bytes(DER, spki), "a public key"),
        "RSA public key": (public.public_bytes(DER, PublicFormat.PKCS1), "a public key"),
        "SSH key": (public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH), "an SSH public"),
        **{
            f"private key {form} {encoding}": (private(kind, encoding, form), "a private key")
            for kind in KEYS
            for form in (PKCS8, TRADITIONAL)
            for encoding in (PEM, DER)
        },
        "encrypted key": (encrypted("EC", PEM, PKCS8), "an encrypted private key"),
        "encrypted key in DER": (encrypted("EC", DER, PKCS8), "an encrypted private key"),
        "HTML": (b"\n<!DOCTYPE html>\n<html><body>404</body></html>", "an HTML or XML page"),
        "HTML, a byte order mark": (b"\xef\xbb\xbf<html>", "an HTML or XML page"),
        "JSON": (b'{"error": 404}', "JSON"),
        "Java keystore": (b"\xfe\xed\xfe\xed\0\0\0\2" + bytes(90), "a Java keystore.*keytool"),
        "ZIP": (b"PK\x03\x04" + bytes(90), "an archive"),
        "root bundle": (b"SPWR\x01\0\0\x01" + bytes(90), "a root bundle.*roots="),
        "text": (b"no certificate", "text, not a certificate"),
        "PEM of another kind": (pem(b"x" * 99, "PGP MESSAGE"), "a PEM of another kind"),
        "no END": (plain[: len(plain) // 2], "cut off: it has no END line"),
        "a bad END": (plain.rstrip()[:-5] + b"\n", "no END line before line"),
        "a bad BEGIN": (plain.replace(b"-----B", b"----- B"), "BEGIN line is damaged"),
        "BEGIN alone": (plain + b"-----BEGIN CERTIFICATE-----", "no END line"),
        "a bad character": (b"\n".join(lines), "base64 is damaged at line 4"),
        "a lost character": (plain.replace(b"\nM", b"\n", 1), "base64 is damaged"),
        "padding inside": (plain.replace(b"\nM", b"\nM==", 1), "base64 is damaged at line 2"),
        "a lost line": (
            b"\n".join(lines[:3] + lines[4:]),
            r"cut off, or lines are missing: it has",
        ),
        "DER cut off": (root[:300], "cut off, or lines are missing: it has 300 of"),
        "DER and bytes": (root + b"\0", "other bytes follow it"),
        "rejected": (pem(root + reject, "TRUSTED CERTIFICATE"), "do not trust the certificate"),
        "for mail": (pem(root + mail, "TRUSTED CERTIFICATE"), "do not trust the certificate"),
        "a signed message": (signed, "a PKCS#7 container of a kind.*openssl pkcs7"),
        "PKCS#7 in BER": (
            b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80",
            "PKCS#7",
        ),
        "PKCS#7 of nothing": (no_certificates(), "PKCS#7 container holds no certificate"),
        "more than 64 KB": (b"\x89" * 66000, "larger than 64 KB, without a PEM"),
        "noise": (bytes(range(128, 256)) * 3, "^not a certificate, or damaged$"),
    }


def no_certificates():
    oid = bytes.fromhex("06092a864886f70d0107")
    parts = outer(2, b"\1"), outer(0x31), outer(0x30, oid + b"\x01"), outer(0x31)
    return outer(0x30, oid[:1] + b"\x09" + oid[2:] + b"\x02", outer(0xA0, outer(0x30, *parts)))


def private(kind, encoding, form):
    key = KEYS.get(kind, kind)
    return key.private_bytes(encoding, form, NoEncryption())


def encrypted(kind, encoding, form):
    return KEYS[kind].private_bytes(encoding, form, BestAvailableEncryption(SECRET))


def written_out(seed, cofactor):
    """The key "EC" in SEC1, its curve P-256 written out. [SEC 2]"""
    prime = 2**256 - 2**224 + 2**192 + 2**96 - 1
    generator = ec.derive_private_key(1, ec.SECP256R1()).public_key()
    b = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
    curve = [prime - 3, b]
    curve = [outer(4, n.to_bytes(32, "big")) for n in curve]
    if seed:
        curve.append(outer(3, b"\0", bytes.fromhex("c49d360886e704936a6678e1139d26b7819f7e90")))
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    parameters = [
        outer(2, b"\1"),
        outer(
            0x30, bytes.fromhex("06072a8648ce3d0101"), outer(2, b"\0" + prime.to_bytes(32, "big"))
        ),
        outer(0x30, *curve),
        outer(4, generator.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)),
        outer(2, b"\0" + order.to_bytes(32, "big")),
    ]
    if cofactor:
        parameters.append(outer(2, b"\1"))
    content = outer(0x30, *parameters)
    number = KEYS["EC"].private_numbers().private_value.to_bytes(32, "big")
    return outer(0x30, outer(2, b"\1"), outer(4, number), outer(0xA0, content))


def compressed():
    """The key "EC" in SEC1, its public point compressed."""
    point = KEYS["EC"].public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    number = KEYS["EC"].private_numbers().private_value.to_bytes(32, "big")
    curve = outer(0xA0, bytes.fromhex("06082a8648ce3d030107"))
    return outer(
        0x30, outer(2, b"\1"), outer(4, number), curve, outer(0xA1, outer(3, b"\0", point))
    )


@functools.cache
def keys():
    expected = private("EC", DER, TRADITIONAL)
    plain = private("EC", PEM, PKCS8)
    own, root = OWN["EC"].cert.public_bytes(PEM), ROOT.cert.public_bytes(PEM)
    box = pkcs12.serialize_key_and_certificates(
        b"x", KEYS["RSA"], OWN["RSA"].cert, None, BestAvailableEncryption(SECRET)
    )
    parameters = b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
    short = expected[: expected.index(b"\xa1\x44")]
    short = short[:1] + bytes([len(short) - 2]) + short[2:]
    public = KEYS["EC"].public_key()
    spki = PublicFormat.SubjectPublicKeyInfo
    other_curve = outer(0x30, bytes.fromhex("06072a8648ce3d0201"), bytes.fromhex("06052b81040022"))
    good = {
        "PKCS#8": plain,
        "PKCS#8 in DER": private("EC", DER, PKCS8),
        "SEC1": private("EC", PEM, TRADITIONAL),
        "SEC1 in DER": expected,
        "CR LF": plain.replace(b"\n", b"\r\n"),
        "CR": plain.replace(b"\n", b"\r"),
        "indented": plain.replace(b"\n", b"\n  "),
        "a byte order mark": b"\xef\xbb\xbf" + plain,
        "UTF-16": utf16(plain, "le", b"\xff\xfe"),
        "UTF-16, no mark": utf16(plain, "be"),
        "base64": base64.encodebytes(private("EC", DER, PKCS8)),
        "a PEM in JSON": b'{"key": "' + plain.replace(b"\n", b"\\n") + b'"}',
        "DER and a line end": expected + b"\r\n",
        "parameters before it": parameters + private("EC", PEM, TRADITIONAL),
        "a chain before it": own + root + plain,
        "a chain behind it": plain + own + root,
        "prose that mentions BEGIN": b"# -----BEGIN PRIVATE KEY----- begins it\n" + plain,
    }
    wrong = {
        "nothing": (b"", "it is empty"),
        "encrypted": (encrypted("EC", PEM, PKCS8), "is encrypted: openssl pkey"),
        "encrypted in DER": (encrypted("EC", DER, PKCS8), "is encrypted: openssl pkey"),
        "encrypted, old": (encrypted("RSA", PEM, TRADITIONAL), "is encrypted: openssl pkey"),
        "OpenSSH": (private("EC", PEM, PrivateFormat.OpenSSH), "ssh-keygen -p -m PEM"),
        "PKCS#12": (box, "PKCS#12 container, not a private key: openssl pkcs12 -in FILE -nodes"),
        "compressed": (pem(compressed(), "EC PRIVATE KEY"), "compressed: openssl ec"),
        "Ed25519": (private(ed25519.Ed25519PrivateKey.generate(), PEM, PKCS8), "is Ed25519"),
        "DSA": (private(dsa_key(), PEM, TRADITIONAL), "is DSA"),
        "DSA in PKCS#8": (private(dsa_key(), DER, PKCS8), "is DSA"),
        "P-384": (private(ec.generate_private_key(ec.SECP384R1()), PEM, PKCS8), "is on P-384"),
        "P-521": (private(ec.generate_private_key(ec.SECP521R1()), DER, PKCS8), "is on P-521"),
        "a curve written out": (
            written_out(True, True).replace(b"\x5a\xc6", b"\x5a\xc7"),
            "written out.*openssl ec -in FILE -param_enc named_curve",
        ),
        "a certificate": (own, "this is a certificate, not a private key"),
        "a certificate in DER": (der(OWN["EC"].cert), "this is a certificate, not a private key"),
        "a public key": (public.public_bytes(PEM, spki), "this is a public key"),
        "a JWK": (b'{"kty": "EC", "d": "x"}', "JSON, not a private key"),
        "PuTTY": (b"PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\n", "puttygen"),
        "no END": (plain[:120], "cut off: it has no END line"),
        "a bad character": (plain.replace(b"\nM", b"\n!", 1), "base64 is damaged at line 2"),
        "DER cut off": (private("RSA", DER, PKCS8)[:500], "the private key is cut off"),
        **{
            how: (bad, "^not a private key, or damaged$")
            for how, bad in {
                "two curves": outer(0x30, outer(2, b"\0"), other_curve, outer(4, expected)),
                "unused bits": expected.replace(b"\x03\x42\0", b"\x03\x42\1"),
                "version 2": expected.replace(b"\x02\x01\x01", b"\x02\x01\x02", 1),
                "noise": bytes(range(128, 256)) * 3,
            }.items()
        },
        "more than 64 KB": (b"\x89" * 66000, "larger than 64 KB, without a PEM"),
    }
    found = {form: (content, expected) for form, content in good.items()}
    found["no public key"] = (short, short)
    for seed in (True, False):
        for cofactor in (True, False):
            found[f"P-256 written out {seed} {cofactor}"] = (written_out(seed, cofactor), short)
    return {**found, **wrong}


@functools.cache
def dsa_key():
    # 1024 bits are quick to make
    return dsa.generate_private_key(1024)
