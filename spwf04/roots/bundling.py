"""Makes root bundles: on a PC, where `spwf04 bundle` calls it, and on the board itself.

    from spwf04.roots.bundling import make

    make(["isrg-root-x1.pem", "our-ca.der"], "roots.bin")

Only the indexes are in memory, and one certificate at a time. Each is read twice, and copied one
by one. bundle.py describes the format.
"""

from gc import collect

from ..arguments import encoded, exact, moment
from ..checks import flag
from ..const import const
from ..hostfile import file_name
from .bundle import SAME, Bundle, Root

_MOST = const(65535)
_EEXIST = const(17)


def make(sources, file, origin="", made=None, self_signed=False) -> int:
    """Write a bundle of root certificates; return how many it holds.

    sources: a CA or a list of CAs, each as radio.certs.install() takes it: the name of a file
    with any number of certificates in PEM or with one in DER, a path, bytes, PEM as str. Or a
    Bundle, whose roots are taken over. A certificate that comes twice is written once.
    file: name or path. It is written as FILE.new, read again, and takes the place of the old one
    then. origin: where the certificates come from, for people, 255 bytes at most. made: seconds
    since 1970; None: now, by this board's clock, if that can be right; 0: not known. self_signed:
    True takes a certificate that signs itself, too, though it does not say that it is a CA's.
    ValueError: a source is no certificate, or not a CA's, or damaged. OSError: a file cannot be
    read or written. TypeError. The old file remains then.
    """
    name = file_name(file, "file")
    if not name:
        raise TypeError("file must be the name of a file")
    self_signed = flag(self_signed, "self_signed")
    if made is None:
        made = now()
    else:
        made = 0 if exact(made) == 0 else moment(made)
    _origin(origin)
    from ..pki.source import certificates

    sources = sources if isinstance(sources, (list, tuple)) else [sources]
    found = []
    for source in sources:
        bundle = hasattr(type(source), "by_key")
        found += list(source.all()) if bundle else certificates(source, "sources")
    if not found:
        raise ValueError("sources: there is no certificate")
    new = name + ".new"
    try:
        count = _write(found, new, origin, made, self_signed)
        for source in sources:
            if isinstance(source, Bundle):
                source.close()  # it may be the file that is replaced
    except:  # Ctrl-C as well
        _remove(new)
        raise
    _replace(new, name)
    return count


def _write(sources, file, origin, made, self_signed):
    """Write the bundle, read it again, and return its number of certificates."""
    from ..pki.authority import check

    def der(source):
        collect()  # else what the certificates before have left makes room scarce, and scattered
        if isinstance(source, Root):
            return source.der()
        return check(source, "sources", self_signed)[0]

    with _created(file) as f:
        compose(sources, der, f.write, origin, made)
    written = Bundle(file)
    try:
        for root in written.all():
            root.der()
        return len(written)
    finally:
        written.close()


def _created(file):
    """Open a file for writing. The errors name the argument, as hostfile.opened() does."""
    number = None
    try:
        return open(file, "wb")
    except OSError as e:
        number = e.errno
    except (ValueError, TypeError):
        pass
    if number is None:
        raise ValueError("file is no file name")
    raise OSError(number, "file: this file cannot be written")


def _remove(file):
    import os

    try:
        os.remove(file)
    except OSError:
        pass


def _replace(new, file):
    """Give a file another's name and place. Not every file system can do that in one step; then
    a power cut may leave the new one alone, under its own name."""
    import os

    try:
        os.rename(new, file)
        return
    except OSError as e:
        if e.errno != _EEXIST:
            _remove(new)
            raise
    os.remove(file)
    os.rename(new, file)


def now() -> int:
    """Seconds since 1970 by this board's clock, whatever its epoch; 0 if it was never set."""
    import time

    from ..dates import seconds

    try:
        date = getattr(time, "gmtime", time.localtime)()  # CircuitPython has no zones
    except Exception:  # a board without a clock may raise anything
        return 0
    return seconds(*date[:6]) if 2026 <= date[0] < 2100 else 0


def compose(sources, der, write, origin="", made=0):
    """Write a bundle of certificates, whoever they are: make() looks at that.

    sources: a list. der: a function that gives the DER of one of them; it is called twice for
    each. write: it is called with each part, bytes-like. made: seconds since 1970, 0: not known.
    ValueError: a certificate is damaged, or too large, or they are too many.
    """
    text = _origin(origin)
    kept, by_key, by_name = _survey(sources, der)
    _sort(by_key)
    _sort(by_name)
    start = 12 + len(text) + 32 * len(kept)
    head = bytearray(b"SPWR\x02\0\0\0")
    head[5] = len(text)
    head[6] = len(kept) >> 8
    head[7] = len(kept) & 255
    write(bytes(head) + _four(made) + text)
    for index in (by_key, by_name):
        for entry in index:
            write(_moved(entry, start))
    for source, digest in kept:
        _copy(der(source), digest, write)


def _origin(origin):
    """The origin as bytes; TypeError, ValueError."""
    if not isinstance(origin, str):
        raise TypeError("origin must be str, not %s" % type(origin).__name__)
    text = encoded(origin, "origin")
    if len(text) > 255:
        raise ValueError("origin is %d bytes long, the limit is 255" % len(text))
    return text


def _survey(sources, der):
    """Read all certificates: ([(source, digest)], index by key, index by name). Offsets in the
    indexes begin at 0."""
    from binascii import unhexlify

    from ..pki.certificate import Bytes, read

    kept = []
    seen = set()
    by_key = []
    by_name = []
    at = 0
    for source in sources:
        data = der(source)
        info = read(Bytes(data), len(data))
        if info.damaged:
            raise ValueError("sources: a certificate is damaged: " + info.damaged)
        digest = unhexlify(info.sha256)
        if digest in seen:
            continue
        seen.add(digest)
        kept.append((source, digest))
        if len(kept) > _MOST or info.size > _MOST:
            raise ValueError("a bundle takes 65535 certificates, each of 65535 bytes, at most")
        place = _four(at) + bytes((info.size >> 8, info.size & 255, 0, 0))
        by_key.append((unhexlify(info.ski or "") + bytes(8))[:8] + place)
        by_name.append(info.subject_hash[:8] + place)
        at += 32 + info.size
    return kept, by_key, by_name


def _sort(index):
    """Sort an index. ValueError: more entries are the same than Bundle reads."""
    index.sort()
    for n in range(SAME, len(index)):
        if index[n][:8] == index[n - SAME][:8]:
            raise ValueError("a bundle takes %d roots of one name or key at most" % SAME)


def _four(n):
    """A number as four bytes."""
    return bytes((n >> 24, n >> 16 & 255, n >> 8 & 255, n & 255))


def _moved(entry, by):
    """An entry of an index, whose offset is larger by so much."""
    at = by
    for n, c in enumerate(entry[8:12]):
        at += c << (24 - 8 * n)
    return entry[:8] + _four(at) + entry[12:]


def _copy(der, digest, write):
    """Write a certificate behind its digest. ValueError: it is another one than before."""
    from ..digest import sha256

    if sha256(der).digest() != digest:
        raise ValueError("sources: a certificate has changed meanwhile: make the bundle again")
    write(digest)
    write(der)
