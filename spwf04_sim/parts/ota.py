"""Firmware images in ST's format: what a module takes over the air. [c.9]

A header, the firmware, and a final word. The header has no signature: its digest tells damage, not
who made the image. An encrypted image is AES-128-GCM with the module's aes128_key.
"""

import hashlib
import os
import struct

from .tables import FIRMWARE

_HEADER = struct.Struct("<IIII32s32s32s12s16s")
_ID, _LAST = 0x00228800, 0x8505E11A
_MODEL = b"SPWF04S"
_PLAIN = bytes(12), bytes(16)  # initial value and tag of an image that is not encrypted
# An image names its build only. One of this simulation says its version too, in the firmware
_MARK = b"spwf04-sim fw_version="


def firmware_image(build, version=None, size=65536, encrypted=None, model="SPWF04S"):
    """Return a firmware image, bytes.

    build: "<yymmdd>-<hash>". version: what STS=fw_version says of it then; None: that of a known
    build, else 1.1.0. size: bytes of the whole image, at least 256; it is rounded up to a
    multiple of 4. encrypted: a key of 16 bytes, or as aes128_key shows it; None: not encrypted.
    model: the module that it is for.
    ValueError.
    """
    mark = _MARK + (version or FIRMWARE.get(build, "1.1.0")).encode() + b"\0"
    length = max(0, size - _HEADER.size - 4 + 3) // 4 * 4
    if len(build) > 31 or length < len(mark):
        raise ValueError("build has at most 31 characters, an image at least 256 bytes")
    data = mark + bytes(i * 31 % 256 for i in range(length - len(mark)))
    names = model.encode(), build.encode()
    fields = (_ID, _HEADER.size, 0, len(data), *names, hashlib.sha256(data).digest())
    head = _HEADER.pack(*fields, *_PLAIN)
    if encrypted is not None:
        iv = os.urandom(11) + b"\1"  # never all zero
        sealed = _gcm(encrypted).encrypt(iv, data, head)
        data, tag = sealed[:-16], sealed[-16:]
        head = _HEADER.pack(*fields, iv, tag)
    return head + data + struct.pack("<I", _LAST)


def contents(image, key="00:" * 15 + "00"):
    """Return (build, version) of an image for this module, or None if a module refuses it.

    key: the module's aes128_key. The version is that of a known build; of others it is 1.1.0
    unless the image is one of firmware_image(), because the format has the build alone.
    """
    image = bytes(image)
    if len(image) < _HEADER.size + 4 or image[-4:] != struct.pack("<I", _LAST):
        return None
    fields = _HEADER.unpack_from(image)
    number, size, base, length, model, build, digest, iv, tag = fields
    data = image[_HEADER.size : -4]
    if (number, size, base) != (_ID, _HEADER.size, 0) or length % 4 or length != len(data):
        return None
    if (iv, tag) != _PLAIN:
        data = _opened(image, iv, data + tag, key)
    if data is None or hashlib.sha256(data).digest() != digest or _text(model) != "SPWF04S":
        return None
    known = FIRMWARE.get(_text(build), "1.1.0")
    if data.startswith(_MARK):
        known = data[len(_MARK) :].partition(b"\0")[0].decode("latin-1")
    return _text(build), known


def _opened(image, iv, sealed, key):
    """The firmware of an encrypted image, or None if the key is not the one."""
    from cryptography.exceptions import InvalidTag

    head = _HEADER.pack(*_HEADER.unpack_from(image)[:7], *_PLAIN)
    try:
        return _gcm(key).decrypt(iv, sealed, head)
    except (InvalidTag, ValueError):
        return None


def _gcm(key):
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if isinstance(key, str):
        key = bytes.fromhex(key.replace(":", ""))
    if len(key) != 16:
        raise ValueError("the key has 16 bytes")
    return AESGCM(key)


def _text(field):
    return field.partition(b"\0")[0].decode("latin-1")
