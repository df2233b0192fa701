"""The words of the faults that faults.py and rules.py find: what each is, and what to do.

Loaded only when something is wrong. A connection's error, certs.diagnose() and `spwf04 check` say
the same words of the same fault.
"""

from ..const import const

_DAY = const(86400)


class Cause:
    """A fault in words.

    name: that of the fault, see faults.py. what: what it is. hint, remedy: what to do about it, as
    an SPWF04Error has them. number: of AT-S.Certificate Error that the module is expected to show,
    or None. [h.5]
    """

    def __init__(self, fault):
        self.name = fault[0]
        words, self.number, (self.hint, self.remedy) = _CAUSES[self.name]
        details = fault[1:]
        if self.name in _DATED:  # how long, and the clock
            details = fault[1], period(fault[2])
            self.hint = self.hint % day(fault[3])
        elif self.name == "not_sent":
            details = fault[1:3]
            self.hint = self.hint % fault[3]
        self.what = words % details


def told(faults) -> "list[Cause]":
    """The Causes of a list of faults."""
    return [Cause(fault) for fault in faults]


def period(seconds):
    """A number of seconds in words, by days from one day on."""
    n, unit = seconds // _DAY, "day"
    if n == 0:
        n, unit = seconds // 3600, "hour"
    if n == 0:
        n, unit = seconds // 60, "minute"
    return "%d %s%s" % (n, unit, "" if n == 1 else "s")


def day(seconds):
    """The day of a moment (seconds since 1970) as people write it: 2026-11-30."""
    n = seconds // _DAY + 719468  # days since 0000-03-01
    era, n = divmod(n, 146097)
    year = (n - n // 1460 + n // 36524 - n // 146096) // 365
    n -= 365 * year + year // 4 - year // 100
    month = (5 * n + 2) // 153
    return "%04d-%02d-%02d" % (
        era * 400 + year + (month > 9),
        month + 3 if month < 10 else month - 9,
        n - (153 * month + 2) // 5 + 1,
    )


_DATED = ("expired", "future", "expired_ca", "future_ca")

_OWNER = ("Only the server's owner can mend it", "ask_owner")
_ANEW = (
    "The server's owner must have it issued anew, with SHA-256 and a key of 2048 bits",
    "ask_owner",
)
_HOST = ('This board\'s own TLS may take it: SSLContext(engine="host")', "use_host_tls")
_CLOCK = (
    "Most likely the module's clock is wrong, it says %s: radio.ntp() or radio.set_time(seconds)",
    "set_clock",
)
_INSTALL = (
    "Install that CA: radio.certs.install(pem), or add it to the bundle",
    "install_ca",
)
_NAME = ("Use one of its names as host or server_hostname", "check_name")
_IDENTIFIER = (
    "Have it made with subjectKeyIdentifier=hash; or use this board's own TLS: "
    'SSLContext(engine="host")',
    "use_host_tls",
)

# {name: (words, number of the module's error, (hint, remedy))}
_CAUSES = {
    # what cannot be read, or what the module's TLS does not know
    "no_certificate": ("it sent an empty list of certificates", 23, _OWNER),
    "damaged_own": ("%s", 11, _OWNER),
    "damaged": ("%s", 11, _OWNER),
    "size": ("the certificate of %s has %d bytes, and the module takes 2560", 22, _HOST),
    "key_size": (
        "the certificate of %s has an RSA-%d key, probably too large for the module",
        22,
        _HOST,
    ),
    "algorithm": (
        "the chain has %s, and as far as is known the module has RSA and ECDSA only",
        11,
        _HOST,
    ),
    "mixed": ("the chain mixes RSA and ECDSA, which the module's firmware cannot take", 11, _HOST),
    "old_firmware": (
        "the chain has ECDSA, and the module's firmware %s knows RSA only",
        11,
        ("Update it: radio.fetch_update()", "update_firmware"),
    ),
    "old_hash": (
        "the certificate of %s is signed with %s, too weak by today's rules",
        23,
        _ANEW,
    ),
    "small_key": (
        "the certificate of %s has an RSA-%d key, too weak by today's rules",
        22,
        _ANEW,
    ),
    # the CA
    "no_ca": ('its CA is not trusted here: "%s", key identifier %s', 23, _INSTALL),
    "alone": (
        'its CA is not trusted here: "%s", key identifier %s; it sends its own certificate alone',
        23,
        (
            "Install that CA: radio.certs.install(pem). If that is an intermediate, the server's "
            "owner must have it sent too (fullchain.pem)",
            "install_ca",
        ),
    ),
    "own": (
        'it shows a certificate of its own, which no CA has signed: "%s", key identifier %s',
        23,
        ("Compare its fingerprint, and pin it: radio.certs.pin(host, port)", "pin"),
    ),
    "not_sent": (
        'it does not send the certificate of the CA that issued its own, "%s", key identifier %s, '
        "so that no way leads to a root",
        23,
        (
            "Its owner must have it send that one too (fullchain.pem). Until then install that "
            "very CA: radio.certs.install(pem). It is at %s",
            "install_ca",
        ),
    ),
    "lower_ca": (
        'above "%s", the last certificate that it sends, the module is said to look for "%s", key '
        "identifier %s, which is not trusted here; %s is, and stands further down",
        23,
        (
            'Install that one too, or use this board\'s own TLS: SSLContext(engine="auto")',
            "install_ca",
        ),
    ),
    "ca_is_none": (
        'the certificate of "%s", which is trusted here, says that it is no CA\'s (CA:FALSE)',
        23,
        ("Have it made with basicConstraints=CA:TRUE. " + _HOST[0], "use_host_tls"),
    ),
    "no_key": (
        "the certificate of %s does not name its issuer's key, by which the module finds a CA",
        23,
        ("Have it issued with authorityKeyIdentifier=keyid. " + _HOST[0], "use_host_tls"),
    ),
    "other_key": (
        "the CA %s has no subject key identifier, and the certificate of %s names another than "
        "the usual one, so that the module does not find the CA",
        23,
        _IDENTIFIER,
    ),
    "no_identifier": (
        "the CA %s has no subject key identifier; the driver tells the module the usual one, and "
        "it is not known whether the module then finds the CA",
        23,
        _IDENTIFIER,
    ),
    # rules
    "purpose": (
        "the certificate of %s may not be used by a server (extended key usage)",
        23,
        _OWNER,
    ),
    "ca_purpose": (
        "the CA %s may not issue servers' certificates (extended key usage)",
        23,
        _OWNER,
    ),
    "not_ca": ("the certificate of %s, which issued that of %s, is not a CA's", 23, _OWNER),
    "no_signing": ("the certificate of %s may not sign others (key usage)", 23, _OWNER),
    "path_length": ("the CA %s may have %d CAs between it and a server, not more", 23, _OWNER),
    "critical": (
        "the certificate of %s has a critical extension that is not known here, %s",
        23,
        _OWNER,
    ),
    # dates
    "expired": (
        "the certificate of %s expired %s ago, by the clock",
        23,
        ("If the module's clock is right, %s, the server's owner must renew it", "ask_owner"),
    ),
    "future": ("the certificate of %s is not valid yet, for %s, by the clock", 23, _CLOCK),
    "expired_ca": (
        "the CA %s, which is trusted here, expired %s ago, by the clock",
        23,
        (
            "If the module's clock is right, %s, install the one that has taken its place: "
            "radio.certs.install(pem), or make a new bundle",
            "install_ca",
        ),
    ),
    "future_ca": ("the CA %s is not valid yet, for %s, by the clock", 23, _CLOCK),
    # the name
    "name": ("its certificate is not for %s but for %s", 5, _NAME),
    "name_as_text": (
        "its certificate has %s as a name, where an address belongs",
        5,
        (
            "Have it issued with the address as an address (subjectAltName=IP:…), or use a name "
            "that it has",
            "check_name",
        ),
    ),
}
