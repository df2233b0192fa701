"""The module's clock, without which no certificate can be in date."""

from ..errors import CertificateError, errno


def see_to_clock(radio, now=None, timeout=10.0):
    """Have the module's clock set: to `now`, or by NTP, unless timeout (seconds) is 0.
    CertificateError if it is not set then."""
    if now is not None:
        radio.set_time(now)
    if not radio.time_is_set() and not (timeout and radio.ntp(timeout)):
        raise not_set()


def not_set():
    """The exception for TLS with a clock that is plainly wrong."""
    return CertificateError(
        errno.EIO,
        "the module's clock is not set, and certificates are valid for a span of time only",
        hint="radio.set_time(seconds since 1970-01-01), or radio.ntp() on a network with "
        "internet access",
    )
