"""Reads certificates, a line of hexadecimal digits each, and prints a line for each: all that
spwf04 knows of it. Argument: the file. It runs on MicroPython, and CPython does the same."""

import sys
from binascii import hexlify, unhexlify

from spwf04.pki.certificate import Bytes, read
from spwf04.pki.names import same
from spwf04.pki.x509 import Certificate

FIELDS = (
    "size version subject issuer subject_hash issuer_hash ski ski_computed aki not_before "
    "not_after is_ca path_length signs server critical issuer_url key bits signature hash names "
    "name_count self_issued sha256 damaged"
).split()
SHORT = "size ski is_ca signs".split()


def line(der):
    """What both readers say of a certificate."""
    info = read(Bytes(der), len(der))
    told = [word(getattr(info, name)) for name in FIELDS]
    try:
        short = Certificate(der)
        told += [word(getattr(short, name)) for name in SHORT] + [word(same(*short.names()))]
    except ValueError as e:
        told.append(word(str(e)))
    return " ".join(told)


def word(value):
    """A value as a word of ASCII."""
    if isinstance(value, list):
        return "[" + ",".join([word(each) for each in value]) + "]"
    if isinstance(value, str):
        value = value.encode()
    return hexlify(value).decode() + "x" if isinstance(value, bytes) else str(value)


if __name__ == "__main__":
    with open(sys.argv[1]) as f:
        for row in f:
            print(line(unhexlify(row.strip())))
