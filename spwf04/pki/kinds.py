"""What people have in a file that is no plain certificate or key: takes out what can be taken, and
names the rest. It is loaded only when pem.py or identity.py cannot read something.

Nothing of the data is ever part of a message. ValueError is the only exception.
"""

from .forms import der_size, is_base64, labels, plain
from .x509 import Certificate, element

# {kind: (what it is, what to do if a certificate is wanted, if a private key is wanted)}
_WORDS = {
    "pkcs12": (
        "a PKCS#12 container",
        "openssl pkcs12 -in FILE -nokeys -out FILE.pem converts it",
        "openssl pkcs12 -in FILE -nodes -out FILE.pem converts it",
    ),
    "pkcs7": (
        "a PKCS#7 container of a kind that is not read",
        "openssl pkcs7 -in FILE -print_certs -out FILE.pem converts it, with -inform DER if it is "
        "binary",
        "the private key is in another file",
    ),
    "request": (
        "a certificate request",
        "take the certificate that the CA makes of it",
        "the key was written to another file",
    ),
    "crl": ("a list of revoked certificates (CRL)", "", ""),
    "public": ("a public key", "", "the private key is in another file"),
    "private": ("a private key", "the certificate is in another file", ""),
    "encrypted": ("an encrypted private key", "the certificate is in another file", ""),
    "certificate": ("a certificate", "", "the private key is in another file"),
    "parameters": ("the parameters of a key", "", "the private key is in another file"),
    "html": ("an HTML or XML page", "look at it in a browser, and download again", ""),
    "json": ("JSON", "", "a JWK must be converted to PEM"),
    "keystore": (
        "a Java keystore",
        "keytool -exportcert -rfc -keystore FILE -alias NAME -file FILE.pem converts it",
        "keytool -importkeystore -srckeystore FILE -destkeystore FILE.p12 makes a PKCS#12 of it",
    ),
    "ssh": ("an SSH public key", "", "the private key is in another file"),
    "putty": ("a key of PuTTY", "", "puttygen FILE -O private-openssh -o FILE.pem converts it"),
    "archive": ("an archive", "unpack it", "unpack it"),
    "bundle": ("a root bundle", "it is for roots=", ""),
    "base64": ("base64 that is damaged, cut off, or of something else", "", ""),
    "begin": (
        "a PEM whose BEGIN line is damaged",
        "it must be -----BEGIN CERTIFICATE-----, alone on its line",
        "it must be -----BEGIN … PRIVATE KEY-----, alone on its line",
    ),
    "pem": ("a PEM of another kind", "", ""),
    "text": (
        "text",
        "a PEM has the lines -----BEGIN CERTIFICATE----- and -----END CERTIFICATE-----",
        "a PEM has the lines -----BEGIN … PRIVATE KEY----- and -----END … PRIVATE KEY-----",
    ),
}
SEVERAL = "%s: this file holds %d certificates, and one is wanted: install them one by one"
# How files begin that are no DER
_HEADS = (
    (b"\xfe\xed\xfe\xed", "keystore"),
    (b"\xce\xce\xce\xce", "keystore"),
    (b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07", "pkcs7"),  # BER
    (b"\x30\x80\x02\x01\x03", "pkcs12"),
    (b"PK\x03\x04", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"SPWR", "bundle"),
    (b"<", "html"),
    (b"{", "json"),
    (b"[", "json"),
    (b"ssh-", "ssh"),
    (b"ecdsa-sha2-", "ssh"),
    (b"sk-", "ssh"),
    (b"---- BEGIN SSH2 PUBLIC", "ssh"),
    (b"PuTTY-User-Key-File", "putty"),
)
# How the label of a PEM block ends
_LABELS = (
    (b"ENCRYPTED PRIVATE KEY", "encrypted"),
    (b"PRIVATE KEY", "private"),
    (b"PUBLIC KEY", "public"),
    (b"CERTIFICATE REQUEST", "request"),
    (b"CRL", "crl"),
    (b"PARAMETERS", "parameters"),
    (b"CERTIFICATE", "certificate"),
    (b"PKCS7", "pkcs7"),
    (b"PKCS12", "pkcs12"),
)
_ALGORITHMS = {
    b"\x2b\x65\x70": "Ed25519",
    b"\x2b\x65\x71": "Ed448",
    b"\x2b\x65\x6e": "X25519",
    b"\x2b\x65\x6f": "X448",
    b"\x2a\x86\x48\xce\x38\x04\x01": "DSA",
    b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a": "RSA-PSS",
}
_CURVES = {
    b"\x06\x05\x2b\x81\x04\x00\x22": "P-384",
    b"\x06\x05\x2b\x81\x04\x00\x23": "P-521",
    b"\x06\x05\x2b\x81\x04\x00\x0a": "secp256k1",
}
_SIGNED_DATA = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
_SERVER_AUTH = b"\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01"
_ANY_USAGE = b"\x06\x04\x55\x1d\x25\x00"
# SHA-256 of P-256's parameters written out: with a seed or without, with a cofactor or without
_P256 = (
    "40c3c405abfc62e096cb6491f85f967d6d75ede716604629654910c475d4b846",
    "11cd10e573a6025e33c5ee37b656d37f1bace927c19373e917454d74d1500990",
    "5f619bbe9633b196eaaf367bac88d37c27a26b393f2c5a0eea0f6e5671d0d1da",
    "c0434a13afa08d85c231bf532d178c6623a42a72444109c2ecacd9c04b1dfdc4",
)


def unpacked(data, name):
    """The certificates in data that are no certificate in DER: a list of DER, or of one ValueError
    that says what they are. name: what it calls them."""
    data = bytes(data)
    words = ""
    try:
        found = _signed_data(data) or _in_a_row(data)
        for der in found:
            Certificate(der)
        if found:
            return found
    except _Refused as e:
        words = str(e)
    except ValueError:
        pass
    return [ValueError("%s: %s" % (name, words or _refusal(data)))]


class _Refused(ValueError):
    """Certificates that must not be taken."""


def _signed_data(data):
    """The certificates of a PKCS#7 container without a message, [] if it is none."""
    if _tags(data)[:2] != b"\x06\xa0":
        return []
    _, at, end = element(data, 0, len(data), 0x30)
    _, first, at = element(data, at, end, 6)
    if data[first:at] != _SIGNED_DATA:
        return []
    _, at, end = element(data, at, end, 0xA0)
    _, at, end = element(data, at, end, 0x30)
    found = []
    first = tag = 0
    while at < end:
        tag, first, at = element(data, at, end)
        if tag == 0xA0:
            while first < at:
                start = first
                kind, _, first = element(data, first, at)
                if kind == 0x30:
                    found.append(data[start:first])
    if tag == 0x31 and first < at:
        raise _Refused(_sentence("pkcs7"))
    if not found:
        raise _Refused("this PKCS#7 container holds no certificate")
    return found


def _in_a_row(data):
    """Certificates in DER one after another, or one with OpenSSL's trust settings behind it."""
    found = []
    at = 0
    while at < len(data):
        if found and not data[at:].strip():
            break
        start = at
        _, first, at = element(data, at, len(data), 0x30)
        der = data[start:at]
        try:
            Certificate(der)
        except ValueError:
            if len(found) == 1 and at == len(data):
                _check_trust(data, first, at)
                break
            raise
        found.append(der)
    return found


def _check_trust(data, at, end):
    """OpenSSL's trust settings: _Refused if they do not trust it for servers, ValueError if they
    are none."""
    trusted = True
    while at < end:
        tag, first, at = element(data, at, end)
        value = data[first:at]
        for_servers = value.find(_SERVER_AUTH) >= 0 or value.find(_ANY_USAGE) >= 0
        if tag == 0x30:
            trusted = trusted and for_servers
        elif tag == 0xA0:
            trusted = trusted and not for_servers
        elif tag not in (0x04, 0x0C, 0xA1):
            raise ValueError
    if not trusted:
        raise _Refused(
            "the trust settings in this file do not trust the certificate for servers: openssl "
            "x509 -in FILE -out FILE.pem takes them off"
        )


def named_curve(curve):
    """The name of a written-out curve in DER if it is P-256, else the curve as it is."""
    from ..digest import fingerprint

    if fingerprint(curve) in _P256:
        return b"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"
    return curve


def damage(f, at):
    """What is wrong with the PEM block that begins at this index of an open file."""
    f.seek(0)
    n = 1
    while f.tell() < at:
        n += f.readline(1024)[-1:] == b"\n"
    n += f.readline(1024)[-1:] == b"\n"
    size = 0
    padded = False
    while True:
        line = f.readline(1024)
        if not line:
            return "the PEM is cut off: it has no END line"
        text = b"".join(line.split())
        if text[:5] == b"-----":
            if text[:8] == b"-----END" and text[-5:] == b"-----":
                return "the PEM's base64 is damaged: characters are missing before line %d" % n
            return "the PEM has no END line before line %d, or that line is a damaged one" % n
        body = text.rstrip(b"=")
        if text and (padded or not is_base64(body)):
            return "the PEM's base64 is damaged at line %d" % n
        padded = len(body) < len(text)
        size += len(text)
        if size > 90000:
            return "this PEM block is too large for a certificate or a key"
        n += line[-1:] == b"\n"


def no_key(data, der):
    """What the data of a file are in place of a private key that can be used. der: what its first
    PEM block of a private key holds, or the ValueError of that block."""
    data = plain(data)
    keys = [label for label in labels(data) if label[-11:] == b"PRIVATE KEY"]
    if not keys:
        kind = _kind(data)
    elif keys[0][:7] == b"OPENSSH":
        return "a key in OpenSSH's own format: ssh-keygen -p -m PEM -f FILE changes it to PEM"
    elif keys[0][:9] == b"ENCRYPTED" or data.find(b"4,ENCRYPTED") >= 0:
        kind = "encrypted"
    elif isinstance(der, ValueError):
        return str(der).replace("keyfile: ", "")
    else:
        data = bytes(der)
        kind = _kind_of_der(data) if der_size(data) else None
    if kind == "encrypted":
        return "the private key is encrypted: openssl pkey -in FILE -out FILE.pem decrypts it"
    if kind == "private" and _tags(data) == b"\x02" * 6:
        return "the private key is DSA, which is neither RSA nor EC on P-256"
    if kind is None or kind == "private":
        size = _claimed(data)
        if size > len(data):
            return _CUT % ("private key", len(data), size)
        return "not a private key, or damaged"
    if kind == "empty":
        return "it is empty, and not a private key"
    what, _, advice = _WORDS[kind]
    what = what.replace(" of a kind that is not read", "")
    return "this is %s, not a private key%s" % (what, advice and ": " + advice)


def algorithm_words(identifier):
    """What to say of a private key of this algorithm, an object identifier's content."""
    name = _ALGORITHMS.get(bytes(identifier), "of an unknown kind")
    return "the private key is %s, which is neither RSA nor EC on P-256" % name


def curve_words(curve):
    """What to say of an EC key on a curve that is not P-256, in DER."""
    if curve[:1] == b"\x30":
        return (
            "the curve of the EC key is written out, where it must be named: openssl ec -in FILE "
            "-param_enc named_curve -out FILE.pem"
        )
    name = _CURVES.get(bytes(curve), "an unknown curve")
    return "the EC key is on %s, not on P-256, the one curve known to work" % name


def _sentence(kind):
    what, advice, _ = _WORDS[kind]
    return "this is %s, not a certificate%s" % (what, advice and ": " + advice)


def _refusal(data):
    """What data are in place of a certificate."""
    kind = _kind(data)
    if kind == "empty":
        return "it is empty, and not a certificate"
    if kind:
        return _sentence(kind)
    size = _claimed(data)
    if size > len(data):
        return _CUT % ("certificate", len(data), size)
    if 0 < size < len(data):
        try:
            Certificate(data[:size])
            return "not a certificate alone: other bytes follow it"
        except ValueError:
            pass
    return "not a certificate, or damaged"


_CUT = "the %s is cut off, or lines are missing: it has %d of %d bytes"


def _claimed(data):
    """The size that DER says it has, 0 if it is none."""
    if data[:1] == b"\x30" and len(data) > 16 and data[1] in (0x81, 0x82):
        size = data[2] if data[1] == 0x81 else data[2] << 8 | data[3]
        if data[data[1] - 0x7E] in (0x02, 0x06, 0x30):
            return size + data[1] - 0x7E
    return 0


def _kind(data):
    """What data are, a key of _WORDS; "empty"; None if that is unknown."""
    text = data[3:] if data[:3] == b"\xef\xbb\xbf" else data
    text = text.strip()
    if not text:
        return "empty"
    if der_size(data):
        return _kind_of_der(data)
    found = labels(data)
    for label in found:
        for end, kind in _LABELS:
            if label[-len(end) :] == end:
                return kind
    if found:
        return "pem"
    for head, kind in _HEADS:
        if text[: len(head)] == head:
            return kind
    odd = 0
    for c in text:
        if c < 32 and c not in b"\t\r\n\f\x1b":
            return None
        odd += c > 127
    if odd > len(text) // 4:
        return None
    if text.find(b"BEGIN CERT") >= 0 or text.find(b"--BEGIN") >= 0:
        return "begin"
    body = b"".join(text.split()).rstrip(b"=")
    return "base64" if len(body) > 60 and is_base64(body) else "text"


def _kind_of_der(data):
    tags = _tags(data)
    _, at, end = element(data, 0, len(data), 0x30)
    if tags[:2] == b"\x06\xa0":
        return "pkcs7"
    if tags in (b"\x30\x03", b"\x02\x02"):
        return "public"
    if tags == b"\x30\x04":
        return "encrypted"
    if tags[:1] == b"\x02":
        _, first, last = element(data, at, end, 2)
        if tags[:2] == b"\x02\x30" and data[first:last] == b"\x03":
            return "pkcs12"
        if tags[:2] == b"\x02\x04" or tags[:3] == b"\x02\x30\x04":
            return "private"
        if tags in (b"\x02" * 9, b"\x02" * 6):  # RSA, DSA
            return "private"
    if tags == b"\x30\x30\x03":
        try:
            Certificate(data)
            return "certificate"
        except ValueError:
            pass
        _, _, last = element(data, at, end, 0x30)
        inside = _tags(data[at:last])
        if inside[:3] == b"\x02\x30\x30" and inside[3:] in (b"\xa0", b""):
            return "request"
        inside = inside[1:] if inside[:1] == b"\x02" else inside
        if inside[:2] == b"\x30\x30" and inside[2:3] in (b"\x17", b"\x18"):
            return "crl"
    return None


def _tags(data):
    """The tags in a DER sequence, the first ten at most; b"" if it is damaged."""
    found = bytearray()
    try:
        _, at, end = element(data, 0, len(data), 0x30)
        while at < end and len(found) < 10:
            tag, _, at = element(data, at, end)
            found.append(tag)
    except ValueError:
        return b""
    return bytes(found)
