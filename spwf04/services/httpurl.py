"""URLs, forms and logins as bytes of a command, checked before anything is sent."""

from ..arguments import argument, host, port
from ..commands.files import Files
from ..commands.replace import parts
from ..payload import payload

_PLAIN = b"!#$&'()*+-./0123456789:;=?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]_abcdefghijklmnopqrstuvwxyz~%"


def file_name(name, what):
    """Return the name of a file of the module as str; ValueError, TypeError."""
    text = argument(name, what, 190, True).decode()
    Files.split(text)
    return text


def new_file(name, what):
    """As file_name(), of a file that is to be written: lists may not show it with its folder."""
    name = file_name(name, what)
    if "/" in parts(name)[1]:
        raise ValueError("%s: a file to write has no folder: NAME or VOLUME:/NAME" % what)
    return name


def parsed(url):
    """Return (https, host, port, path, (user, password) or None, url without these) of a URL."""
    if not isinstance(url, str):
        raise TypeError("url must be str, not " + type(url).__name__)
    data = argument(url, "url")
    at = data.find(b"://")
    scheme = data[:at].lower()
    if at < 0 or scheme not in (b"http", b"https"):
        raise ValueError("url must begin with http:// or https://")
    secure = scheme == b"https"
    data = data[at + 3 :].split(b"#")[0]
    end = len(data)
    for c in b"/?":
        at = data.find(bytes((c,)))
        if 0 <= at < end:
            end = at
    where, path = data[:end], data[end:]
    at = where.rfind(b"@")
    login = None
    if at >= 0:
        pair = where[:at]
        colon = pair.find(b":")
        colon = len(pair) if colon < 0 else colon
        login = _unquoted(pair[:colon]), _unquoted(pair[colon + 1 :])
        where = where[at + 1 :]
    where, number = _port(where, 443 if secure else 80)
    name = host(where, "the host in url").decode()
    path = _quoted(path)
    if path[:1] != b"/":
        path = b"/" + path
    shown = "%s://%s" % (scheme.decode(), name)
    if number != (443 if secure else 80):
        shown += ":%d" % number
    return secure, name, number, path, login, shown + path.decode()


def _port(where, usual):
    """Return (host, port) of host:port."""
    colon = where.rfind(b":")
    if colon < 0 or where[-1:] == b"]":
        return where, usual
    digits = where[colon + 1 :]
    if digits and (not digits.isdigit() or len(digits) > 5):
        raise ValueError("the port in url must be a number")
    return where[:colon], port(int(digits)) if digits else usual


def _quoted(data, plain=_PLAIN):
    """Bytes that a URL cannot have, and the comma, as %XX."""
    return b"".join([bytes((c,)) if c in plain else b"%%%02X" % c for c in data])


def _unquoted(data):
    parts = data.split(b"%")
    out = parts[0]
    for part in parts[1:]:
        try:
            out += bytes((int(part[:2], 16),)) + part[2:]
        except ValueError:
            out += b"%" + part
    return out


def form(fields):
    """A dictionary as application/x-www-form-urlencoded."""
    plain = b"*-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
    pairs = []
    for name in fields:
        value = fields[name]
        if type(value) in (int, float):
            value = str(value)
        pairs.append(
            _quoted(payload(name, "a name of data", True), plain)
            + b"="
            + _quoted(payload(value, "a value of data", True), plain)
        )
    return b"&".join(pairs)


def credentials(auth):
    """Return (user, password) as bytes, empty without."""
    if auth is None:
        return b"", b""
    if not isinstance(auth, (tuple, list)) or len(auth) != 2:
        raise TypeError("auth must be (user, password)")
    user = argument(auth[0], "user", 100)
    password = argument(auth[1], "password", 100)
    if b":" in user:
        raise ValueError("user must not contain a colon")
    return user, password
