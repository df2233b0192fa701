"""Looks for CAs in what a person trusts: a Bundle, a PEM, a list."""

from ..hostfile import file_name, opened
from ..payload import payload
from .bundle import Bundle


class RootList:
    """Root certificates from a PEM or a list. It is searched as a Bundle is, but reads all of them
    for that. A certificate that comes twice is found once.

    sources: list of CAs as certs.install() takes them.
    """

    made = None  # as Bundle's: a list has no date
    origin = ""

    def __init__(self, sources):
        self._sources = sources
        self._known = None

    def _read(self):
        if self._known is None:
            from ..pki.certificate import Bytes, read
            from ..pki.source import load

            known = []
            seen = set()
            for source in self._sources:
                der = load(source, "roots")
                info = read(Bytes(der), len(der))
                if info.sha256 not in seen:
                    seen.add(info.sha256)
                    key = (info.ski or "")[:16]
                    known.append((key, info.subject_hash[:8], _Source(source)))
            self._known = known
        return self._known

    def __len__(self):
        """The number of certificates that were given."""
        return len(self._sources)

    def age(self, now):
        """As Bundle.age()."""
        return None

    def by_key(self, identifier):
        """As Bundle.by_key()."""
        return [root for key, _, root in self._read() if key == identifier[:16]]

    def by_name(self, digest):
        """As Bundle.by_name()."""
        return [root for _, name, root in self._read() if name == digest[:8]]

    def all(self):
        """The list of all roots."""
        return [root for _, _, root in self._read()]


class _Source:
    """A certificate as certs.install() takes it, with a Root's der()."""

    def __init__(self, source):
        self._source = source

    def der(self):
        from ..pki.source import load

        return load(self._source, "roots")


def open_roots(source):
    """What an argument roots= stands for: None, or an object with by_key(), by_name() and all().

    source: such an object, a Bundle for example; the name of a file as str or path, or its
    content, which is a bundle or PEM with any number of certificates; or a list of CAs as
    certs.install() takes them. OSError, ValueError, TypeError: it cannot be read.
    """
    if source is None or hasattr(type(source), "by_key"):
        return source
    from ..pki.authority import authorities
    from ..pki.pem import is_content

    if isinstance(source, (list, tuple)):
        return RootList([each for item in source for each in authorities(item, "roots")])
    if isinstance(source, str) and is_content(source):
        head = b""
    elif type(source) is memoryview:
        head = bytes(source[:4])
    elif file_name(source, "roots") is None:
        head = payload(source, "roots")[:4]
    else:
        with opened(source, "roots") as f:
            head = f.read(4)
    return Bundle(source) if head == b"SPWR" else RootList(authorities(source, "roots"))
