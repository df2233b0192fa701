"""A mail server and a TFTP server inside the simulation, for scenarios and the fault matrix."""

import base64

from spwf04_sim import Peer

BLOCK = 512


class MailServer(Peer):
    """Takes mails. box: where they go, (sender, recipients, bytes). user, password: of AUTH.

    It refuses recipients called nobody@, and a mail before AUTH if it has a user.
    """

    def __init__(self, box, user="", password=""):
        super().__init__()
        self._box = box
        self._user, self._password = user, password
        self._known = not user
        self._waiting = b""
        self._state = ""  # "user", "password", "data"
        self._begin()

    def _begin(self):
        self._sender, self._to, self._text = "", [], []

    def on_connect(self):
        self.send(b"220 mail.example\r\n")

    def on_data(self, data):
        self._waiting += data
        while b"\r\n" in self._waiting:
            line, self._waiting = self._waiting.split(b"\r\n", 1)
            if self._state == "data":
                self._more(line)
            elif self._state:
                self._secret(line)
            else:
                self.send(self._answer(line.decode("latin-1")) + b"\r\n")

    def _more(self, line):
        if line != b".":
            self._text.append(line[1:] if line.startswith(b".") else line)
            return
        self._state = ""
        self._box.append((self._sender, self._to, b"\r\n".join([*self._text, b""])))
        self._begin()
        self.send(b"250 taken\r\n")

    def _secret(self, line):
        text = base64.b64decode(line).decode("latin-1")
        if self._state == "user":
            self._name, self._state = text, "password"
            self.send(b"334 UGFzc3dvcmQ6\r\n")
            return
        self._state = ""
        self._login(self._name, text)

    def _login(self, name, password):
        self._known = (name, password) == (self._user, self._password)
        self.send(b"235 welcome\r\n" if self._known else b"535 no\r\n")

    def _answer(self, line):
        word = line.upper()
        address = line[line.find("<") + 1 : -1]
        if word.startswith("EHLO"):
            return b"250-mail.example\r\n250 AUTH LOGIN PLAIN"
        if word == "AUTH LOGIN":
            self._state = "user"
            return b"334 VXNlcm5hbWU6"
        if word.startswith("AUTH PLAIN "):
            _, name, password = base64.b64decode(line[11:]).decode("latin-1").split("\0")
            self._known = (name, password) == (self._user, self._password)
            return b"235 welcome" if self._known else b"535 no"
        if word.startswith("MAIL FROM:"):
            self._sender = address
            return b"250 yes" if self._known else b"530 log in first"
        if word.startswith("RCPT TO:"):
            if address.startswith("nobody@") or ";" in address:
                return b"550 unknown"
            self._to.append(address)
        if word == "DATA":
            self._state = "data"
            return b"354 go on"
        return b"221 bye" if word == "QUIT" else b"250 yes"


class TftpServer(Peer):
    """A TFTP server. files: {name: bytes}. It refuses to write a file called locked, has room for
    1000 bytes in one called big, and says nothing more after the block `cut`."""

    def __init__(self, files, cut=None):
        super().__init__()
        self._files = files
        self._cut = cut
        self._name, self._data = "", b""

    def on_data(self, data):
        kind, rest = data[1], data[2:]
        if kind in (1, 2):
            self._name = rest.split(b"\0")[0].decode("latin-1")
            self._open(kind)
        elif kind == 4:
            self._block(int.from_bytes(rest[:2], "big") + 1)
        elif kind == 3:
            self._write(rest)

    def _refuse(self, number):
        self.send(b"\0\5\0" + bytes([number]) + b"no\0")

    def _open(self, kind):
        if kind == 2:
            self._data = b""
            if self._name.startswith("locked"):
                self._refuse(2)
            else:
                self.send(b"\0\4\0\0")
        elif self._name not in self._files:
            self._refuse(1)
        else:
            self._data = self._files[self._name]
            self._block(1)

    def _block(self, n):
        at = (n - 1) * BLOCK
        if at <= len(self._data) and (self._cut is None or n <= self._cut):
            self.send(b"\0\3" + n.to_bytes(2, "big") + self._data[at : at + BLOCK])

    def _write(self, rest):
        n = int.from_bytes(rest[:2], "big")
        if self._cut is not None and n > self._cut:
            return
        if n == len(self._data) // BLOCK + 1:
            self._data += rest[2:]
            if self._name.startswith("big") and len(self._data) > 1000:
                self._refuse(3)
                return
            if len(rest) - 2 < BLOCK:
                self._files[self._name] = self._data
        self.send(b"\0\4" + rest[:2])


class Posts:
    """The part of a Controller with mail.example, port 25, and tftp.example, port 69; it needs no
    module."""

    def mail_server(self, user="", password=""):
        """Have mail.example take mails; a user has to log in."""
        self.mails = []
        self.world.route("mail.example", 25, lambda: MailServer(self.mails, user, password))

    def mail_from(self):
        """The sender of the last mail."""
        return self.mails[-1][0]

    def mail_to(self):
        """The recipients of the last mail."""
        return self.mails[-1][1]

    def mail_text(self):
        """The last mail."""
        return self.mails[-1][2]

    def mails_taken(self):
        """How many mails came."""
        return len(self.mails)

    def tftp_server(self, cut=-1):
        """Have tftp.example serve files; cut: it falls silent after so many blocks."""
        self.served = {}
        last = cut if cut >= 0 else None
        self.route_datagrams("tftp.example", 69, lambda: TftpServer(self.served, last))

    def serve_file(self, name, data):
        """Have it serve a file."""
        self.served[name] = bytes(data)

    def served_file(self, name):
        """A file of it; b"" if it has none of that name."""
        return self.served.get(name, b"")
