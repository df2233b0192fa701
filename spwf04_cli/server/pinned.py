"""The certificate that a server sends with a fingerprint that a person has compared."""

import hashlib

from spwf04.pki.words import describe

from .. import output, steps
from .options import answers
from .roots import Roots, check_ca

_COMPARE = (
    "compare the fingerprint of the topmost CA with what the server's owner tells you, and add "
    "--fingerprint"
)


def spelled(sha256):
    """A fingerprint as OpenSSL prints it: AB:CD:…"""
    return ":".join(sha256[n : n + 2] for n in range(0, len(sha256), 2)).upper()


def show_fingerprints(asked, name, timeout, as_json):
    """Show what a server sends, without trusting any of it. asked: (host, port). name: the
    server's, or None: the host."""
    answer = _ask(asked, name, Roots(), timeout)  # nothing is trusted because of its verdict
    sent = [
        {"certificate": describe(c), "sha256": c.sha256, "is_ca": c.is_ca}
        for c in answer.chain.certificates
    ]
    result = {"file": None, "server": "%s:%d" % asked, "sends": sent, "todo": _COMPARE}
    output.show(result, as_json, _say)


def _say(result):
    output.say(f"{result['server']} sends")
    for n, each in enumerate(result["sends"]):
        output.say(f" {n} {each['certificate']}")
        output.say(f"   SHA-256 {spelled(each['sha256'])}")
    output.say(f"Nothing was written: {_COMPARE}.")


def _ask(asked, name, roots, timeout):
    """The ask.Answer of a server that shows its chain; output.Failure."""
    (answer,) = answers([asked], name, roots, timeout)
    if answer.chain is None or not answer.chain.certificates:
        words = answer.error or "it sends no certificate"
        raise output.Failure("%s:%d: %s" % (*asked, words), answer.remedy or "")
    return answer


def take(asked, name, wanted, self_signed, timeout):
    """DER of the CA that a server sends with a fingerprint, after OpenSSL has verified the server
    with it alone.

    asked, name: as above. wanted: SHA-256, 64 hex digits. self_signed: whether it may be the
    server's own certificate, which signs itself. output.Failure.
    """
    answer = _ask(asked, name, Roots(), timeout)  # nothing is trusted because of its verdict
    where = "%s:%d" % asked
    der = answer.ders.get(wanted)
    if der is None or hashlib.sha256(der).hexdigest() != wanted:
        raise output.Failure(
            f"{where} sends no certificate with this fingerprint; nothing was written",
            "without --fingerprint, this command shows those that it sends",
        )
    leaf = answer.chain.certificates[0]
    own = leaf.sha256 == wanted
    if own and not leaf.self_issued:
        raise output.Failure(
            f"this is the certificate of {where} itself, not its CA's; nothing was written",
            "name the fingerprint of the CA; or make the bundle of the CA's file: --roots FILE",
        )
    if own and not self_signed:
        raise output.Failure(
            f"the certificate of {where} signs itself; nothing was written",
            "add --self-signed if it is to be trusted as it is",
        )
    try:
        check_ca(der, self_signed)
    except ValueError as e:
        raise output.Failure(f"{where}: {e}", "nothing was written") from None
    answer = _ask(asked, name, Roots((), certifi=False, given=[der]), timeout)
    if not answer.verified and (answer.code > 0 or not answer.asks_certificate):
        raise output.Failure(
            f"{where} is not verified with this certificate: {answer.words}; nothing was written",
            f"{steps.command('check', [where], name=name)} tells more",
        )
    return der
