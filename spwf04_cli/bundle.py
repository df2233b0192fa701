"""Makes a root bundle: python -m spwf04_cli.bundle -o roots.bin [host ...]

Without hosts, all roots of certifi; with hosts, those that stand above the chains which these
hosts send today (each is verified here by OpenSSL with certifi first). The file is for
spwf04.bundle.Bundle, which describes its format.
"""

import argparse
import pathlib
import struct
import sys

from spwf04.bundle import Bundle
from spwf04.trust import anchors

from .ask import ask
from .roots import build, certifi_roots, file_certificates, signed


def roots_for(host, port, ders, issuers=False):
    """The roots (DER) above the chain of a host that OpenSSL verifies with them.

    issuers: also the intermediates between, as far as their signatures lead to a root.
    OSError if it does not, or if the host hides its chain.
    """
    answer = ask(host, port, roots=ders)
    if answer.error is not None:
        raise OSError(answer.error)
    if not answer.verified and (answer.code > 0 or not answer.asks_certificate):
        raise OSError(f"not trusted with these roots: {answer.verdict}")
    chain, sent = answer.chain, answer.ders
    found = [bytes(root.der()) for root, _ in anchors(chain, Bundle(build(ders)))]
    if issuers:
        for info in reversed(chain.path()[1:]):
            if any(signed(sent[info.sha256], issuer) for issuer in found):
                found.append(sent[info.sha256])
    return list(dict.fromkeys(found))


def main(arguments=None):
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m spwf04_cli.bundle", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("hosts", nargs="*", metavar="HOST[:PORT]", help="default: all of certifi")
    parser.add_argument("-o", "--output", required=True, help="file to write; .py: to be frozen")
    parser.add_argument("--ca", action="append", default=[], help="add the CAs of a PEM file")
    parser.add_argument("--no-certifi", action="store_true", help="only what --ca names")
    parser.add_argument(
        "--issuers", action="store_true", help="with hosts: their verified intermediates as well"
    )
    options = parser.parse_args(arguments)
    ders = [] if options.no_certifi else certifi_roots()
    for name in options.ca:
        ders += file_certificates(name)
    if options.hosts:
        found = []
        for text in options.hosts:
            host, _, port = text.partition(":")
            try:
                above = roots_for(host, int(port or 443), ders, options.issuers)
            except (OSError, ValueError) as e:
                print(f"{text}: {e}", file=sys.stderr)
                return 1
            print(f"{text}: {len(above)} CA(s)")
            found += above
        ders = found
    if not ders:
        print("no certificates: name hosts or --ca", file=sys.stderr)
        return 1
    data = build(ders)
    if options.output.endswith(".py"):
        text = f'"""Trusted roots: Bundle({pathlib.Path(options.output).stem}.DATA)."""\n\n'
        pathlib.Path(options.output).write_text(f"{text}DATA = {data!r}\n")
    else:
        pathlib.Path(options.output).write_bytes(data)
    count = struct.unpack(">H", data[6:8])[0]
    print(f"{options.output}: {count} roots, {len(data)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
