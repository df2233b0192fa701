"""MicroPython: what pem.py and identity.py make of files. Arguments: the folder of the files.

Prints, for each file and each way to hand it over, a line of JSON: [name, way, outcomes of load(),
certificates() and of reading it as a key]. An outcome is hex, a list of hex, or words.
"""

import gc
import json
import os
import sys
from binascii import hexlify

from spwf04.pki.identity import read_key
from spwf04.pki.pem import is_content
from spwf04.pki.source import certificates, load


def outcome(function, source):
    """Hex of the DER, or the words of the ValueError; anything else ends this program."""
    try:
        found = function(source)
    except ValueError as e:
        return str(e)
    if isinstance(found, list):
        return [hexlify(bytes(load(each))).decode() for each in found]
    return hexlify(bytes(found)).decode()


def key(source):
    """The DER of a private key."""
    return read_key(source).der


for name in sorted(os.listdir(sys.argv[1])):
    file = sys.argv[1] + "/" + name
    with open(file, "rb") as f:
        data = f.read()
    ways = [file, data, bytearray(data), memoryview(data)]
    try:
        if is_content(data.decode()):
            ways.append(data.decode())
    except ValueError:
        pass
    for way, source in enumerate(ways):
        gc.collect()
        done = [outcome(f, source) for f in (load, certificates, key)]
        print(json.dumps([name, way] + done))
