"""What stands for a certificate as an argument. pem.py reads what is no object."""


def load(source, name="certificate"):
    """Return one certificate in DER, bytes-like.

    source: DER, PEM or what else kinds.py takes as bytes-like; PEM as str; the name of a file as
    str or as path; or an object with der(): a bundle.Root, a pem.Block. Text around a PEM block is
    ignored. The same certificate twice is one. name: what the errors call the argument.
    ValueError: it holds no certificate, or more than one; the text says what it is. TypeError.
    OSError: the file cannot be read.
    """
    if hasattr(type(source), "der"):
        return source.der()
    from .pem import one

    return one(source, name)


def certificates(source, name="certificate"):
    """A list of all certificates in source, each as load() takes it. source, errors: as load()'s,
    but it may hold several."""
    if hasattr(type(source), "der"):
        return [source]
    from .pem import several

    return several(source, name)


def load_same(source, sha256, ski):
    """load() of the certificate that has this SHA-256 (hex). SPWF04Error if the source holds
    another by now: files and buffers change. ski: what the error calls it."""
    from ..digest import fingerprint

    try:
        der = load(source)
        if fingerprint(der) == sha256:
            return der
    except ValueError:
        pass
    from ..errors import SPWF04Error, errno

    raise SPWF04Error(
        errno.EIO,
        "the source of the CA %s is another certificate by now" % ski,
        hint="Install the new one: radio.certs.install(pem), or make a new SSLContext",
        remedy="install_ca",
    )
