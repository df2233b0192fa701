"""The SMTP client. [j, j.2]

It greets with EHLO if there is a user, because AUTH needs that, else with HELO. Several recipients
are separated by semicolons. A server that refuses is error 111.
"""

import base64

from ..commands.net import client_kind, connect
from ..commands.registry import command
from .http import contents, secure_port

# GUESS: all of its dialogue; only the fields of the command are known
_PATIENCE = 10  # seconds for an answer of the server
_LONGEST = 8192  # bytes of an answer
_BOUNDARY = "spwf04-part"


class _Failed(Exception):
    """The server has refused something, or says nothing any more."""


class _Dialogue:
    """Commands to a mail server and its answers."""

    def __init__(self, module, link):
        self._module = module
        self._link = link
        self._waiting = bytearray()

    def ask(self, line, *good):
        """Send a line (bytes, None for none), and wait for an answer; a generator. Raises _Failed
        unless the code of the answer begins with one of good."""
        if line is not None:
            self._link.send(line + b"\r\n")
        yield from self._module.connections.wait(self._link, self._whole(self._module.clock.now()))
        code = self._take()
        if not any(code.startswith(digits) for digits in good):
            raise _Failed

    def _whole(self, start):
        def whole():
            while (data := self._link.receive(4096)) is not None:
                self._waiting += data
                if data == b"" or len(self._waiting) > _LONGEST:
                    return True
            return self._last_line() is not None or self._module.clock.now() > start + _PATIENCE

        return whole

    def _last_line(self):
        """Return the number of the last line of an answer, None if it has not come."""
        lines = bytes(self._waiting).split(b"\n")
        for n, line in enumerate(lines[:-1]):
            if line[3:4] != b"-":
                return n
        return None

    def _take(self):
        """Take an answer away, and return its code; "" if there is none."""
        last = self._last_line()
        if last is None:
            return ""
        lines = bytes(self._waiting).split(b"\n")
        self._waiting = bytearray(b"\n".join(lines[last + 1 :]))
        return lines[last][:3].decode("latin-1")


def _bytes(text):
    return text.encode("utf-8", "surrogateescape")


def _plain(text):
    return base64.b64encode(_bytes(text))


def _each(addresses):
    return [a.strip() for a in addresses.split(";") if a.strip()]


def _message(sender, to, cc, subject, body, attachment):
    """Return a message. attachment: (name, bytes) or None."""
    fields = [f"From: {sender}", f"To: {to}"]
    fields += [f"Cc: {cc}"] if cc else []
    fields += [f"Subject: {subject}"]
    if attachment is None:
        return _bytes("\r\n".join(fields) + "\r\n\r\n") + body
    name, data = attachment
    fields += ["MIME-Version: 1.0", f'Content-Type: multipart/mixed; boundary="{_BOUNDARY}"', ""]
    fields += ["--" + _BOUNDARY, "Content-Type: text/plain", "", ""]
    more = ["", "--" + _BOUNDARY, "Content-Type: application/octet-stream"]
    more += ["Content-Transfer-Encoding: base64"]
    more += [f'Content-Disposition: attachment; filename="{name}"', "", ""]
    coded = base64.encodebytes(data).replace(b"\n", b"\r\n")
    end = f"--{_BOUNDARY}--\r\n"
    return _bytes("\r\n".join(fields)) + body + _bytes("\r\n".join(more)) + coded + _bytes(end)


def _stuffed(message, doubled):
    """Return a message as it is sent: with its end, and the dots that begin a line doubled."""
    text = (b"\r\n" + message).replace(b"\r\n.", b"\r\n.." if doubled else b"\r\n.")[2:]
    return text + (b"." if text.endswith(b"\r\n") else b"\r\n.")


def _log_in(module, talk, user, password):
    if module.quirks.smtp_auth == "PLAIN":
        yield from talk.ask(b"AUTH PLAIN " + _plain(f"\0{user}\0{password}"), "235")
        return
    yield from talk.ask(b"AUTH LOGIN", "334")
    yield from talk.ask(_plain(user), "334")
    yield from talk.ask(_plain(password), "235")


def _send(module, link, user, password, name, sender, recipients, message):
    """Hand a message over; a generator. Raises _Failed."""
    talk = _Dialogue(module, link)
    yield from talk.ask(None, "220")
    yield from talk.ask(_bytes(("EHLO " if user else "HELO ") + name), "250")
    if user:
        yield from _log_in(module, talk, user, password)
    yield from talk.ask(_bytes(f"MAIL FROM:<{sender}>"), "250")
    for address in recipients:
        yield from talk.ask(_bytes(f"RCPT TO:<{address}>"), "25")
    yield from talk.ask(b"DATA", "354")
    yield from talk.ask(_stuffed(message, module.quirks.smtp_dots == "doubled"), "250")
    link.send(b"QUIT\r\n")


def _check(module, host, port, tls, *more):
    sender, to = more[3:5]
    attachment = more[8]
    if not sender or not to:
        return 2
    if secure_port(port, tls, 25, 465) is None:
        return 7
    if module.wifi.ip is None:
        return 44
    return 51 if attachment and contents(module, attachment) is None else None


@command("SMTP", 1, 13, data=12, check=_check)
def smtp(
    module,
    host,
    port,
    tls,
    user,
    password,
    name,
    sender,
    to,
    cc,
    bcc,
    subject,
    attachment,
    size,
    data,
):
    """Send a mail; the data are its body."""
    where = secure_port(port, tls, 25, 465)
    if where is None:
        return 7
    number, secure = where
    link, _, error = yield from connect(module, host, number, client_kind(module, host, secure))
    if error:
        return error
    file = contents(module, attachment) if attachment else None
    part = None if file is None else (attachment.rpartition("/")[2], file)
    name = name or module.variables["ip_hostname"]
    message = _message(sender, to, cc, subject, data, part)
    recipients = [a for field in (to, cc, bcc) for a in _each(field)]
    try:
        yield from _send(module, link, user, password, name, sender, recipients, message)
    except _Failed:
        return 111
    finally:
        link.close()
    return None
