"""What is read of a certificate in the store when it is asked for: attributes of certs.Entry."""


def volume(entry):
    """Entry.volume while nothing is known of it."""
    return None


def volatile(entry):
    """Entry.volatile"""
    return entry.where == "file" and entry.volume == "D"


def subject(entry):
    """Entry.subject"""
    return _read(entry, "subject")


def not_after(entry):
    """Entry.not_after"""
    return _read(entry, "not_after")


def _read(entry, name):
    if entry.source is None:
        return None
    from ..pki.certificate import Bytes, CertificateInfo
    from ..pki.pem import load

    try:
        der = load(entry.source)
        return getattr(CertificateInfo(Bytes(der), len(der)), name)
    except (OSError, ValueError):
        return None
