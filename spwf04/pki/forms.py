"""What people have in a file in the form that pem.py reads: UTF-16, bare base64, one line, bytes
that follow. Loaded only when pem.py cannot read something as it is.

ValueError is the only exception.
"""

from binascii import a2b_base64

from .x509 import element


def plain(data):
    """Data of a file in the form that pem.py reads, bytes: DER, or PEM in UTF-8 with its lines.
    They are left as they are if they have no such form."""
    data = _one_byte(bytes(data))
    rest = data[der_size(data) :]
    if len(rest) < len(data) and not rest.strip():
        return data[: len(data) - len(rest)]
    if data[:1] == b"\x30" and data[1:2] > b"\x7f":
        return data
    text = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if labels(text):
        return text
    if text.find(b"-----BEGIN ") >= 0 and text.find(b"-----END ") >= 0:
        return _broken_up(text)
    inside = _base64(text)
    if inside[:11] == b"-----BEGIN ":
        return inside.replace(b"\r\n", b"\n")
    return inside if der_size(inside) == len(inside) > 0 else text


def der_size(data):
    """The size in bytes of the DER at the beginning of data, 0 if there is none."""
    try:
        return element(data, 0, len(data), 0x30)[2]
    except ValueError:
        return 0


def _one_byte(data):
    """UTF-16 as ASCII, with "?" for what is not ASCII; all else as it is."""
    head = data[:4] + bytes(4 - len(data[:4]))
    zeros = [c == 0 for c in head]
    high = None
    at = 0
    if head[:2] == b"\xff\xfe" or zeros == [False, True, False, True]:
        high = 1
    elif head[:2] == b"\xfe\xff" or zeros == [True, False, True, False]:
        high = 0
    if high is None or len(data) < 4:
        return data
    if head[0] > 0xFD:
        at = 2  # the byte order mark
    text = bytearray()
    for i in range(at, len(data) - 1, 2):
        c = data[i + 1 - high]
        text.append(c if c < 128 and not data[i + high] else 63)
    return bytes(text)


def labels(text):
    """The labels of the BEGIN lines in a text, list of bytes."""
    found = []
    for line in text.split(b"\n"):
        line = line.strip()
        if line[:3] == b"\xef\xbb\xbf":
            line = line[3:].strip()
        if line[:11] == b"-----BEGIN " and line.find(b"-----", 11) == len(line) - 5:
            found.append(line[11:-5])
    return found


def _broken_up(text):
    """A PEM without lines of its own: in one line, in JSON, in a program's strings."""
    text = text.replace(b"\\r", b"").replace(b"\\n", b"\n").replace(b"\\", b"")
    for mark in (b'"', b"'", b","):
        text = text.replace(mark, b"\n")
    for word in (b"-----BEGIN ", b"-----END "):
        parts = text.split(word)
        for i in range(1, len(parts)):
            end = parts[i].find(b"-----") + 5
            if end > 4:
                parts[i] = parts[i][:end] + b"\n" + parts[i][end:]
        text = (b"\n" + word).join(parts)
    return text


def _base64(text):
    """What is in base64, b"" if it is damaged, or is none."""
    text = b"".join(text.split())
    body = text.rstrip(b"=")
    if len(text) & 3 or len(text) - len(body) > 2 or not is_base64(body):
        return b""
    try:
        return a2b_base64(text)
    except MemoryError:
        raise
    except Exception:  # a binascii in Python may raise anything
        return b""


def is_base64(text):
    """True if a text (bytes) has no character but those of base64; "=" is none of them."""
    for c in text:
        if not (48 <= c <= 57 or 65 <= c <= 90 or 97 <= c <= 122 or c in b"+/"):
            return False
    return True
