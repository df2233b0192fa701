"""Mail, sent by the module's own SMTP client. [j, j.2]

    send_mail(radio, "mail.example", "door@a.example", "me@b.example", "Alarm", "It is open.")

The module writes the head of the mail: From, To, Cc and Subject. How it separates several
recipients is not known for certain: a semicolon is sent between them.
"""

from ..arguments import argument, milliseconds
from ..arguments import host as checked_host
from ..arguments import port as checked_port
from ..at.exchange import Exchange
from ..at.task import Wait
from ..checks import radio as checked
from ..commands import filesystem as fs
from ..commands.comma import around, joined
from ..commands.files import Files
from ..const import const
from ..errors import CertificateError, ModuleError, SPWF04Error, errno
from ..payload import payload
from .secure import SECURE, Opener

_BODY = const(2048)  # most bytes: the module holds them all, and so does a search for it [g.4]
_LINE = const(998)  # most bytes of a line of a mail [RFC 5321]
_COMMAND = const(511)  # most bytes of a command before its CR [a.2]
_WORD = const(42)  # bytes of text in an encoded word: 68 of its 75 characters [RFC 2047]
_FAILED = const(111)

_IN_ADDRESSES = (
    b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~."
)


def send_mail(
    radio,
    server,
    sender,
    to,
    subject,
    body,
    *,
    cc=(),
    bcc=(),
    port=None,
    context=None,
    user=None,
    password=None,
    name=None,
    attachment=None,
    timeout=120,
) -> None:
    """Send a mail, and return when the server has taken it. [j]

    radio: an SPWF04. server: host name or address. port: None is 25, or 465 with a context.
    context: SSLContext for TLS, True for one with the CAs of the device, None for none. user,
    password: None for none; without a context they go out in clear. name: what the module calls
    itself, None: its host name.

    sender: an address, name@host. to, cc, bcc: one, or a list of them. subject: str. body: str, or
    bytes of UTF-8, 2048 bytes at most; lines may end in LF or CR LF, and have 998 bytes at most.

    attachment: the name of a file on the module, or (name, bytes) for a file that is put on the
    module's RAM disk for this mail. timeout: seconds for the whole mail.

    TypeError, ValueError: an argument cannot be sent; nothing was. ModuleError: the server did not
    take the mail, or a file is missing. CertificateError: the server was not trusted. LinkLost:
    the mail may have been sent.
    """
    channel = checked(radio).channel
    channel.take(
        sending_mail(
            radio,
            server,
            sender,
            to,
            subject,
            body,
            cc=cc,
            bcc=bcc,
            port=port,
            context=context,
            user=user,
            password=password,
            name=name,
            attachment=attachment,
            timeout=timeout,
        )
    )


def sending_mail(
    radio,
    server,
    sender,
    to,
    subject,
    body,
    *,
    cc=(),
    bcc=(),
    port=None,
    context=None,
    user=None,
    password=None,
    name=None,
    attachment=None,
    timeout=120,
):
    """As send_mail(), in steps, for aio.take(radio.channel, …)."""
    checked(radio)
    server = checked_host(server, "server")
    if port is None:
        port = 25 if context is None else 465
    opener = Opener(radio, (server.decode(), checked_port(port)), context)
    fields = [server, b"%d" % port, opener.kind]
    fields += _login(user, password)
    fields.append(b"" if name is None else checked_host(name, "name"))
    fields += [_address(sender, "sender"), _addresses(to, "to", 1), _addresses(cc, "cc")]
    fields += [_addresses(bcc, "bcc"), _subject(subject)]
    file, data = _attachment(attachment)
    body = _lines(body)
    line, delimiter = _command(fields + [file, b"%d" % len(body)])
    mail = _Mail(opener)
    exchange = Exchange(mail.on_line).prepare(line, body, milliseconds(timeout))
    exchange.doubtful = True  # what is missing is told before the body
    steps = mail.steps(exchange, delimiter)
    if data is not None:
        steps = _with_file(radio, file.decode(), data, steps, milliseconds(timeout))
    yield from steps


class _Mail:
    """Hands a mail over, and explains why the server did not take it."""

    def __init__(self, opener):
        self._opener = opener
        self._said = -1  # a number in a line before the error

    def on_line(self, parser):
        """Take a line of the reply."""
        if not self._opener.take(parser):
            self._said = max(self._said, parser.number(1))

    def steps(self, exchange, delimiter):
        """Steps: run the prepared exchange. OSError."""
        opener = self._opener
        channel = opener.channel
        try:
            yield from around(channel, delimiter, exchange, opener.steps(exchange))
            channel.check(exchange)
        except ModuleError as e:
            if e.code != _FAILED or isinstance(e, CertificateError):
                raise
            refused = self._refused(e.text)
        else:
            return
        raise refused

    def _refused(self, text):
        secure = self._opener.kind == SECURE
        return ModuleError(
            errno.EIO,
            "%s:%d did not take the mail, or did not answer in time: AT-S.ERROR:111:%s%s; the "
            "module does not tell why"
            % (
                self._opener.address[0],
                self._opener.address[1],
                text or "",
                " (%d)" % self._said if self._said >= 0 else "",
            ),
            _FAILED,
            text,
            "Check user and password, sender and recipients; "
            + (
                "port and host: TLS begins at once there, as on port 465"
                if secure
                else "and whether the server wants TLS: context=, port 465"
            ),
            "check_mail",
        )


# what is passed ----------------------------------------------------------------------------------
def _command(fields):
    """(the command as bytes, its delimiter)."""
    line, delimiter = joined(fields)
    line = b"AT+S.SMTP=" + line
    if len(line) > _COMMAND:
        raise ValueError(
            "server, login, addresses, subject and attachment make a command of %d bytes, the "
            "module takes %d" % (len(line), _COMMAND)
        )
    return line + b"\r", delimiter


def _login(user, password):
    """[user, password] as bytes."""
    if (user is None) != (password is None):
        raise ValueError("user and password go together")
    if user is None:
        return [b"", b""]
    user, password = argument(user, "user", 200), argument(password, "password", 200)
    if not user or not password:
        raise ValueError("user and password must not be empty")
    return [user, password]


def _addresses(value, name, least=0):
    """Return one address or a list of them as bytes, separated by semicolons."""
    if type(value) not in (list, tuple):
        if b"," in argument(value, name, 254):
            raise ValueError("%s must be one address, or a list of them: no commas" % name)
        return _address(value, name)
    if len(value) < least:
        raise ValueError("%s must have an address" % name)
    found = []
    for n in range(len(value)):
        found.append(_address(value[n], "%s[%d]" % (name, n)))
    return b";".join(found)


def _address(value, name):
    """Return an address as bytes. It is told by its place, not shown."""
    value = argument(value, name, 254)
    user, _, host = value.partition(b"@")
    if not user or not host or user.strip(_IN_ADDRESSES):
        raise ValueError("%s must be name@host, of ASCII, without blanks" % name)
    if host[:1] == b"[" and host[-1:] == b"]":
        checked_host(host[1:-1], "the host of " + name)
    else:
        checked_host(host, "the host of " + name)
    return value


def _subject(subject):
    """Return the subject as it stands in the head: as encoded words if it is more than letters of
    ASCII. [RFC 2047] A comma then needs no other delimiter."""
    data = argument(subject, "subject", 400)
    for c in data:
        if not 32 <= c < 127 or c == 44:
            break
    else:
        if b"=?" not in data:
            return data
    from binascii import b2a_base64

    words = []
    at = 0
    while at < len(data):
        end = min(at + _WORD, len(data))
        while end < len(data) and data[end] & 0xC0 == 0x80:  # a character stays whole
            end -= 1
        if end <= at:
            raise ValueError("subject is not text: it must be UTF-8")
        words.append(b"=?UTF-8?B?" + b2a_base64(data[at:end]).strip() + b"?=")
        at = end
    return b" ".join(words)


def _lines(body):
    """Return a body as it is sent: lines that end in CR LF."""
    data = payload(body, "body", True)
    _no_more(len(data))
    data = bytes(data)
    if b"\0" in data:
        raise ValueError("body must not contain NUL")
    lines = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    if not lines[-1]:
        lines.pop()
    for n in range(len(lines)):
        if len(lines[n]) > _LINE:
            raise ValueError(
                "line %d of body is %d bytes long, the limit is %d" % (n + 1, len(lines[n]), _LINE)
            )
        if lines[n] == b".":
            lines[n] = b". "  # alone it would end the mail, if the module does not double it
    data = b"\r\n".join(lines) + b"\r\n"
    _no_more(len(data))
    return data


def _no_more(size):
    if size > _BODY:
        raise ValueError(
            "body is %d bytes long, the limit is %d with CR LF at its lines: attach a file"
            % (size, _BODY)
        )


def _attachment(value):
    """(name of a file on the module as bytes, its content, or None if it is there already)."""
    if value is None:
        return b"", None
    if type(value) not in (tuple, list):
        Files.split(value)
        return argument(value, "attachment", 190, True), None
    if len(value) != 2:
        raise TypeError("attachment must be the name of a file, or (name, bytes)")
    name, data = value[0], payload(value[1], "the content of attachment")
    letter, bare = Files.split(name)
    if letter or b"/" in bare.encode():
        raise ValueError("the name of an attachment's content has no volume and no folder")
    if not data:
        raise ValueError("the content of attachment is empty")
    return b"2:/" + bare.encode(), data


# a file for one mail -----------------------------------------------------------------------------
def _with_file(radio, name, data, steps, ms):
    """Steps: put a file on the RAM disk, run `steps`, and remove the file. ms: how long it waits
    for another mail that has a file of this name."""
    from .leftovers import leftovers_of

    leftovers = leftovers_of(radio)
    busy = leftovers.busy  # a mail of another task may have a file of this name
    yield Wait(lambda: name not in busy, ms)
    if name in busy:
        raise OSError(errno.ETIMEDOUT, "another mail with an attachment of this name is not over")
    busy.append(name)
    try:
        yield from _make_room(radio.channel, name, data, leftovers.has(name))
        yield from leftovers.holding(name, _put(radio.channel, name, data, steps))
    finally:
        busy.remove(name)


def _make_room(channel, name, data, ours):
    """Steps: see that there is no such file, and room for it. ours: what is there may go."""
    from ..commands.replace import find, ram_left

    there = yield from fs.listing(channel)
    if find(name, there) is not None:
        if not ours:
            raise SPWF04Error(
                getattr(errno, "EEXIST", 17),
                "there is a file %s on the module already" % name,
                hint="Give the attachment another name, or attach that file by its name",
                remedy="check_arguments",
            )
        yield from fs.delete(channel, name, True)
        there = yield from fs.listing(channel)
    room = yield from ram_left(channel, there)
    if room is not None and room < len(data):
        raise SPWF04Error(
            errno.ENOMEM,
            "an attachment of %d bytes does not fit on the module's RAM disk, %d are free"
            % (len(data), room),
            hint="Remove a file, or attach one that is on another volume",
            remedy="free_room",
        )


def _put(channel, name, data, steps):
    """Steps: write a new file, and run `steps`."""
    from ..commands.replace import append_all, same
    from ..digest import sha256

    yield from append_all(channel, name, data)
    if not (yield from same(channel, name, sha256(data).digest())):
        raise fs.damaged("the attachment is not what was sent")
    yield from steps
