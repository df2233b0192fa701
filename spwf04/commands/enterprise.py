"""Joins a network whose users have a name: WPA-Enterprise. [c.8, f.1]

The module proves to itself that the network is the right one by a CA's certificate, and logs in
inside of that by identity and password, or by a certificate of its own. The certificates lie in
the module's flash, in an area of their own, which cannot be read. [c.3] So what was written there
is noted in a file beside it by its SHA-256, and is not written again.
"""

from binascii import unhexlify

from ..arguments import argument, network
from ..at.exchange import Exchange
from ..const import const
from ..digest import fingerprint
from ..errors import JoinError, SPWF04Error, errno
from . import filesystem as fs

_NOTE = "1:/spwf04.eap"  # on the user flash, which a restart leaves as it is
_WRITE_MS = const(15000)
_DOUBT = "?"  # stands in radio.eap before what is to be written again
# By wifi_eap_type [f.3]
_TYPES = ("tls", "ttls-md5", "ttls-mschap", "peap-md5", "peap-mschap")


class Enterprise:
    """A way of joining, see join.Password; SPWF04.connect() has the arguments."""

    begin = None
    timeout = 30
    scans = 3
    _assumed = False  # what is in the module's flash is known from the note alone
    # What is there may be something else: a byte may have changed on its way. It is written again
    # once, because writing wears the flash
    _doubtful = False

    def __init__(
        self, ssid, password, key, identity=None, anonymous=None, eap=None, ca=None, cert=None
    ):
        if identity is None:
            raise ValueError("identity: eap, anonymous, ca and cert are for a network with users")
        self.ssid = network(ssid, None)[0]
        if self.ssid is None:
            raise ValueError("ssid must not be None beside an identity")
        self._kind = kind = _kind(eap, cert)
        identity = _text(identity, "identity")
        if not identity:
            raise ValueError("identity must not be empty")
        password = _login(kind, password, key, cert)
        if anonymous is None:
            anonymous = _outer(identity) if kind else identity
        anonymous = _text(anonymous, "anonymous")
        self._read(ca, cert, key)
        self.joined_as = (self.ssid, password, identity, anonymous, kind, self._sha256)
        self.settings = (
            (b"SCFG=wifi_mode,", b"1"),
            (b"SSIDTXT=", self.ssid),
            (b"SCFG=wifi_auth_type,", b"0"),
            (b"SCFG=wifi_priv_mode,", b"3"),
            (b"SCFG=wifi_eap_type,", b"%d" % kind),
            (b"SCFG=wifi_eap_identity,", identity),
            (b"SCFG=wifi_eap_anon_identity,", anonymous),
            (b"SCFG=wifi_eap_passwd,", password),
        )

    def _read(self, ca, cert, key):
        """Read the certificates, and the key."""
        if ca is None:
            raise ValueError(
                "ca: without the certificate of the network's CA the module would give its "
                "password to every network of that name; verification is never switched off"
            )
        from ..pki.authority import check

        der, self._ski = check(ca, "ca", True)
        self._parts = parts = [(b"ca", bytes(der))]
        if not self._kind:
            from ..pki.identity import Identity

            certificate, private = Identity(cert, key).both()
            parts += [(b"cert", certificate), (b"key", private)]
        sizes = " ".join(["%d" % len(data) for _, data in parts])
        self._sha256 = fingerprint(sizes.encode() + b"".join([data for _, data in parts]))

    def prepare(self, radio):
        """Steps: have the certificates in the module's flash."""
        channel = radio.channel
        if radio.eap == self._sha256:
            return
        self._doubtful = radio.eap != _DOUBT + self._sha256
        line = self._sha256.encode() + b"\r\n"
        data = bytearray(len(line) + 16)
        # It is larger if a digit of its length was doubled on the line
        got = yield from fs.read(channel, _NOTE, data, fs.ANY, [])
        if self._doubtful and got == len(line) and data[:got] == line:
            self._assumed = True
            return
        radio.eap = None
        if got >= 0:  # it must not tell of what is no longer there
            yield from fs.delete(channel, _NOTE, True)
        yield from fs.ask(channel, b"AT+S.WPAECERT=content,2\r", None, 10000)
        for what, part in self._parts:
            yield from self._write(channel, what, part)
        yield from fs.append(channel, _NOTE, line, fs.ANY)
        radio.eap = self._sha256

    def _write(self, channel, what, data):
        line = b"AT+S.WPAECERT=%s,%d\r" % (what, len(data))
        lines, code = yield from fs.ask(channel, line, data, _WRITE_MS, (32,))
        if code:
            raise SPWF04Error(
                errno.ENOMEM,
                "the module has no room for a %s of %d bytes" % (what.decode(), len(data)),
                hint="Use a smaller one: an EC key, no certificates of CAs in cert=",
                remedy="smaller_certificate",
            )
        if what != b"ca":
            return
        told = [x for x in lines if x.startswith("AT-S.SubjectKeyId:")]
        if not told:  # as for TLS, see tls/slot.py [T2, h.1]
            key = unhexlify(self._ski or "")
            line = b"AT+S.WPAECERT=auth,%d\r" % len(key)
            yield from fs.ask(channel, line, key, accept=fs.ANY)
        elif told[0][18:].replace(":", "").strip().lower() != self._ski:
            raise fs.damaged("the module read another key identifier of the CA than was sent")

    def joined(self, radio):
        """Steps: what the note tells is true."""
        yield from ()
        radio.eap = self._sha256

    def refused(self, radio, name, refusals):
        """Steps: the JoinError of a network that refused, None if it did not."""
        if not refusals:
            return None
        if self._doubtful:
            radio.eap = _DOUBT + self._sha256
        if self._assumed:
            yield from _forget(radio.channel)
        from .clock import asking, is_set

        if not radio.clock_set:
            try:
                now = yield from asking(radio.channel)
                known = is_set(radio, now)
            except OSError:
                known = True  # nothing is known, so nothing is said
            if not known:
                return JoinError(
                    JoinError.REFUSED,
                    name + " was refused %d times, and the module's clock is not set, by which "
                    "certificates are judged" % refusals,
                    "Set it before connect(): radio.set_time(seconds since 1970-01-01)",
                    "set_clock",
                )
        login = "identity and password" if self._kind else "identity, cert= and key="
        return JoinError(
            JoinError.REFUSED,
            "%s refused %d times: %s are wrong, or eap= is, or ca= is not the CA of its server"
            % (name, refusals, login),
            "Ask who runs the network for the login, the kind of EAP, and the CA of its RADIUS "
            "server",
            "check_login",
        )


def _kind(eap, cert):
    """The number of a kind of EAP."""
    if eap is None:
        return 0 if cert is not None else 4
    eap = argument(eap, "eap").lower()
    for n in range(len(_TYPES)):
        if eap == _TYPES[n].encode():
            return n
    raise ValueError("eap must be one of " + ", ".join(_TYPES))


def _login(kind, password, key, cert):
    """Check what the kind of login needs; return the password as bytes."""
    if kind:
        if cert is not None or key is not None:
            raise ValueError('cert and key are for eap="tls"; the password is password=')
        if password is None:
            raise ValueError("password: this kind of login needs one")
        password = _text(password, "password")
        if not password:
            raise ValueError("password must not be empty")
        return password
    if password is not None:
        raise ValueError('password: eap="tls" has none, but cert= and key=')
    if cert is None:
        raise ValueError('cert: eap="tls" needs the module\'s certificate, and its key=')
    return b""


def _text(value, name):
    """Text that a command can carry: 200 bytes at most, so that its line is short enough."""
    return argument(value, name, 200)


def _outer(identity):
    """What is told in clear instead of the identity: "anonymous", at the same realm."""
    at = identity.rfind(b"@")
    return b"anonymous" + (identity[at:] if at >= 0 else b"")


def _forget(channel):
    """Steps: remove the note."""
    yield from fs.delete(channel, _NOTE, accept=fs.ANY)


def forget_enterprise(radio):
    """SPWF04.forget_enterprise(), as steps."""
    channel = radio.channel
    radio.eap = None
    yield from _forget(channel)
    yield from fs.ask(channel, b"AT+S.WPAECERT=content,2\r", None, 10000)
    exchange = Exchange()
    yield exchange.prepare(b"AT+S.SCFG=wifi_eap_passwd,\r", None, 3000)
    if exchange.code:  # it takes no empty one
        yield exchange.prepare(b"AT+S.SCFG=wifi_eap_passwd,none\r", None, 3000)
        channel.check(exchange)
    if radio.joined_as is not None and len(radio.joined_as) > 2:
        radio.joined_as = None
