"""Measures where a TLS engine is laxer, or stricter, than a public suite of certificates wants.

    python -m tools.laxness limbo.json                  the host's TLS, as the driver uses it
    python -m tools.laxness limbo.json --engine module  the simulated module's verification
    python -m tools.laxness limbo.json --strict         the host's TLS as strict as ssl can be

limbo.json is the suite of C2SP/x509-limbo (Apache-2.0). It is in no package, so fetch it by hand:
the file is at the top of that repository. Or make it there: `limbo compile -o limbo.json`.

Left out are cases for clients' certificates, with revocation lists, or with a limit of depth or of
key usage that neither engine can be given. So are those at a certain time with --engine host: that
is OpenSSL's own clock. The host's TLS is shown a ServerHello and the certificates; it verifies
them before it asks for more. What it then does not refuse counts as accepted.
"""

import argparse
import collections
import datetime
import json
import pathlib
import ssl
import time
import types

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from spwf04.hosttls import cpython
from spwf04_sim import Flash, Quirks
from spwf04_sim.parts.verify import subject_key_id, verify
from spwf04_sim.tls.certificate import Refused

_UNUSED = ("crls", "key_usage", "extended_key_usage")
# What the module's TLS cannot take at all, so that the rest of its verification is seen
_QUIRKS = Quirks(mixed_chains=True, rsa4096="everywhere", peer_certificate_limit=False)


def der(pem):
    """Return the DER of a certificate in PEM, without reading it."""
    return ssl.PEM_cert_to_DER_cert(pem)


def sent(case):
    """Return what a server of this case sends, a list of DER."""
    return [der(pem) for pem in [case["peer_certificate"], *case["untrusted_intermediates"]]]


def applies(case, engine):
    """True if a case can be put to an engine."""
    if case["validation_kind"] != "SERVER" or case.get("max_chain_depth") is not None:
        return False
    if any(case.get(name) for name in _UNUSED if case.get(name) != ["serverAuth"]):
        return False
    return engine == "module" or case["validation_time"] is None


class Below:
    """What is below an Engine: a server that sends one flight, and nothing after it."""

    def __init__(self, flight, cas):
        self._flight = bytearray(flight)
        self._cas = cas

    def receive(self, buffer):
        """Fill the buffer; None when nothing is left."""
        n = min(len(buffer), len(self._flight))
        buffer[:n] = self._flight[:n]
        del self._flight[:n]
        return n or None

    def transmit(self, data):
        """Nobody listens."""

    def load_cas(self, load, unread):
        """Load each CA, but for those that cannot be read."""
        for ca in self._cas:
            try:
                load(ca)
            except unread:
                pass


class Terms:
    """What an Engine has to check: see spwf04.hosttls.stream."""

    def __init__(self, name):
        self.name = name
        self.check_name = name is not None

    def identity(self):
        """There is no client certificate."""


def _message(kind, body):
    return bytes((kind,)) + len(body).to_bytes(3, "big") + body


def _flight(chain):
    """Return the records of a ServerHello of TLS 1.2 and of a chain."""
    suite = b"\xc0\x2b"
    try:
        if isinstance(x509.load_der_x509_certificate(chain[0]).public_key(), rsa.RSAPublicKey):
            suite = b"\xc0\x2f"
    except Exception:
        pass  # OpenSSL says what it thinks of it
    extensions = b"\xff\x01\x00\x01\x00"  # it renegotiates securely
    hello = b"\x03\x03" + bytes(32) + b"\x00" + suite + b"\x00\x00\x05" + extensions
    listed = b"".join(len(c).to_bytes(3, "big") + c for c in chain)
    data = _message(2, hello) + _message(11, len(listed).to_bytes(3, "big") + listed)
    parts = [data[at : at + 16000] for at in range(0, len(data), 16000)]
    return b"".join(b"\x16\x03\x03" + len(p).to_bytes(2, "big") + p for p in parts)


def by_host(case):
    """Return why the host's TLS refuses the server of a case, None if it does not."""
    name = (case["expected_peer_name"] or {}).get("value")
    try:
        engine = cpython.Engine(
            Below(_flight(sent(case)), map(der, case["trusted_certs"])), Terms(name)
        )
        engine.handshake()
    except (ssl.SSLError, ValueError) as e:
        return str(e)
    return None


def by_module(case):
    """Return why the simulated module refuses the server of a case, None if it does not.

    Its CAs are in files, because the slot holds one.
    """
    flash = Flash()
    for pem in case["trusted_certs"]:
        ski = subject_key_id(der(pem))
        if ski is not None:
            flash.files[1, ski.hex() + ".ca"] = bytearray(der(pem))
    now = time.time()
    if case["validation_time"] is not None:
        now = datetime.datetime.fromisoformat(case["validation_time"]).timestamp()
    name = (case["expected_peer_name"] or {}).get("value")
    try:
        verify(sent(case), name, flash, _QUIRKS, now)
    except Refused as e:
        return f"Certificate Error:{e.number}"
    return None


def _kind(case):
    parts = case["id"].split("::")
    return "::".join(parts[:2] if len(parts) > 2 else parts[:1])


def _be_strict():
    """Have the Engine's contexts set VERIFY_X509_STRICT, and ignore common names."""

    class Strict(ssl.SSLContext):
        def __new__(cls, *args):
            made = super().__new__(cls, *args)
            made.verify_flags |= ssl.VERIFY_X509_STRICT
            made.hostname_checks_common_name = False
            return made

    cpython.ssl = types.SimpleNamespace(**{**vars(ssl), "SSLContext": Strict})


def main():
    """Run the suite, and print a line for each case that is judged otherwise, and a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("suite", type=pathlib.Path)
    parser.add_argument("--engine", choices=("host", "module"), default="host")
    parser.add_argument("--strict", action="store_true")
    options = parser.parse_args()
    if options.strict:
        _be_strict()
    judge = by_host if options.engine == "host" else by_module
    cases = json.loads(options.suite.read_text())["testcases"]
    cases = [case for case in cases if applies(case, options.engine)]
    table = collections.defaultdict(lambda: [0, 0, 0])
    for case in cases:
        why = judge(case)
        wanted = case["expected_result"] == "SUCCESS"
        row = table[_kind(case)]
        row[0] += 1
        if wanted != (why is None):
            row[2 if wanted else 1] += 1
            print("STRICTER" if wanted else "LAXER   ", case["id"], why or "", case["features"])
    print(f"\n{ssl.OPENSSL_VERSION}, {options.engine}: cases, laxer, stricter")
    for kind, row in sorted(table.items()):
        print(f"{kind:32}{row[0]:5}{row[1]:5}{row[2]:5}")
    print(f"{'all':32}" + "".join(f"{sum(c):5}" for c in zip(*table.values())))


if __name__ == "__main__":
    main()
