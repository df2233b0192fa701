"""What a payload is, in a few words that do not show its content."""

import re

_REQUEST = re.compile(rb"(GET|HEAD|POST|PUT|DELETE|PATCH|OPTIONS|CONNECT) (\S+) HTTP/1\.\d")
_STATUS = re.compile(rb"HTTP/1\.\d (\d{3})")
_RECORDS = {20: "change cipher spec", 21: "alert", 22: "handshake", 23: "data"}
_MQTT = {1: "CONNECT", 2: "CONNACK", 3: "PUBLISH", 8: "SUBSCRIBE", 9: "SUBACK", 12: "PINGREQ"}


def kind(data):
    """What these bytes look like, in a few words."""
    if not data:
        return "empty"
    for test in (_http, _pem, _der, _tls, _mqtt):
        found = test(data)
        if found:
            return found
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return "binary"
    return "text" if all(c.isprintable() or c in "\r\n\t" for c in text) else "binary"


def _http(data):
    match = _REQUEST.match(data)
    if match is not None:
        return f"HTTP request, {match[1].decode()}"
    match = _STATUS.match(data)
    return f"HTTP answer, {match[1].decode()}" if match is not None else ""


def _pem(data):
    match = re.search(rb"-----BEGIN ([A-Z ]{3,30})-----", data[:200])
    return "PEM, " + match[1].decode().lower() if match is not None else ""


def _der(data):
    if data[:2] != b"\x30\x82" or len(data) < 64:
        return ""
    size = int.from_bytes(data[2:4], "big") + 4
    if size == len(data):
        return "DER"
    return f"DER, which says that it has {size} bytes" if data[4:6] in (b"\x30\x82",) else ""


def _tls(data):
    if len(data) < 5 or data[0] not in _RECORDS or data[1] != 3:
        return ""
    return f"TLS record, {_RECORDS[data[0]]}"


def _mqtt(data):
    if len(data) > 3 and data[0] >> 4 in _MQTT and data[1] == len(data) - 2:
        return f"MQTT, {_MQTT[data[0] >> 4]}"
    return ""


def identifier(data):
    """(subject, identifier) of a certificate in DER or PEM; None if the bytes are none.

    identifier: subject key identifier, 40 hexadecimal digits; "" if it has none.
    """
    from cryptography import x509

    try:
        load = x509.load_pem_x509_certificate if b"-----BEGIN" in data else None
        certificate = (load or x509.load_der_x509_certificate)(bytes(data))
        subject = certificate.subject.rfc4514_string()
    except ValueError:
        return None
    try:
        key = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        return subject, key.value.digest.hex()
    except (x509.ExtensionNotFound, ValueError):
        return subject, ""


def escaped(data, most=200):
    """The first bytes as text with escapes."""
    text = "".join(chr(c) if 32 <= c < 127 and c != 92 else _escape(c) for c in data[:most])
    return text + ("…" if len(data) > most else "")


def _escape(c):
    return {10: "\\n", 13: "\\r", 9: "\\t", 92: "\\\\"}.get(c) or f"\\x{c:02x}"
