"""Why the module does not trust a server. [h]"""

import re

from ...advice import sentence
from ...reference import certificate
from .. import payloads
from ..decode import ERROR as FAILED
from ..decode import OK
from ..finding import ERROR, NOTE, WARNING
from .rule import Rule

_NAME = re.compile(r"(?:\d:)?/?([^/]*)\.ca$", re.I)
_NO_DATE = 17  # years before 2017: the clock is not set
_TO_DER = "openssl x509 -in ca.pem -outform DER -out ca.der"


class Trust(Rule):
    """Follows certificates and clock, to find out why a server was refused."""

    def __init__(self, recording):
        super().__init__(recording)
        self._slot = None  # None: not known; "" empty; else what it holds
        self._odd_ca = None  # text about a CA that the module did not understand
        self._files = {}  # name without .ca -> item
        self._lost = False  # files were lost in a restart
        self._clock = None  # None: not known; True: set; False: not
        self._refused = False
        self._distrusted = {}  # (command, host, port) -> finding: it was not trusted

    def exchange(self, item):
        handler = {"TLSCERT": self._certificate, "FSC": self._file, "TIME": self._time}
        if item.name in handler:
            handler[item.name](item)
        elif item.name == "FSD":
            match = _NAME.match(item.argument(0))
            self._files.pop(match[1] if match else "", None)
        elif item.name == "NTP" and item.result == FAILED:
            self._clock = self._clock or False
        elif item.name == "SOCKON":
            self._names(item)
        number = item.reply("Certificate Error")
        if number is not None:
            item.explained = True
            self._error(item, int(number) if number.isdigit() else -1)
        elif item.reply("Http Client Error") is not None:
            self._http(item)
        elif item.result == OK:
            self._trusted(item)
        status = item.reply("Http Server Error")
        if status is not None:
            self.tell("http", NOTE, f"the web server answered {status}", "", item)

    def indication(self, item):
        if item.number == 1:
            self._clock = False  # it is wrong after each start
            self._lost = self._lost or bool(self._files)
            self._files = {}
        elif item.number == 84:
            self._clock = True

    def end(self):
        if self._refused:
            return  # these are among its reasons
        for reason in [*self._bad_names(), *self._both_places()]:
            name = "ca-name" if reason.startswith("the file") else "flash-slot"
            item = next(iter(self._files.values()), None)
            self.tell(
                name,
                WARNING,
                reason,
                "Otherwise the module does not find the CA: Certificate Error:23",
                item,
            )

    # what is put in place --------------------------------------------------------------------
    def _certificate(self, item):
        what = item.argument(0).lower()
        if what == "content":
            if item.argument(1) == "2" and item.result != FAILED:
                self._slot, self._odd_ca = "", None
            return
        if item.result == FAILED:
            return
        self._slot = (self._slot or "") + what
        if what != "ca":
            return
        self._odd_ca = None
        data = item.sent.data if item.sent is not None else None
        if item.result == "ok" and item.reply("SubjectKeyId") is None:
            self._odd_ca = (
                "TLSCERT=ca was answered without a SubjectKeyId: the module did not understand "
                f"the certificate, or it has no such identifier. Convert it to DER: {_TO_DER}"
            )
        elif data and len(data) == item.sent.announced and payloads.identifier(data) is None:
            self._odd_ca = "what was sent as a CA is no certificate"

    def _file(self, item):
        match = _NAME.match(item.argument(0))
        if match is not None and item.result != FAILED:
            self._files[match[1]] = item
            self._lost = False

    def _time(self, item):
        seconds = item.argument(0)
        if seconds.isdigit():
            self._clock = int(seconds) > 1_483_228_800 if item.result != FAILED else self._clock
            return
        year = re.match(r"(\d\d)", item.reply("Date") or "")
        if year is not None:
            self._clock = int(year[1]) >= _NO_DATE

    def _names(self, item):
        host, kind = item.argument(0), item.argument(3)
        if len(kind) > 2 and kind != host and "*" not in kind and not host[-1:].isdigit():
            self.tell(
                "server-name",
                NOTE,
                f"the connection to {host} names {kind} in its fourth argument",
                "The module probably sends the server that name (SNI), and a server with several "
                "sites may answer for another one. Give the host's own name",
                item,
            )

    # what went wrong -------------------------------------------------------------------------
    def _error(self, item, number):
        server = item.argument(0) or "a server"
        why = []
        if number == 23:
            why = [*self._bad_names(), *self._both_places(), *self._missing(), *self._dates()]
        elif number not in (5, 11, 22):
            why = self._dates()
        self._refused = self._refused or number == 23
        host, port = item.argument(0), item.argument(1)
        typed = f"{host}:{port}" if port not in ("", "443") else host
        do = certificate(number, typed)
        if host and "spwf04 check" not in do:
            do += ". " + sentence("diagnose", host=typed)
        self._distrusted[self._server(item)] = self.tell(
            "certificate",
            ERROR,
            f"{server} was not trusted: Certificate Error:{number}",
            do,
            item,
            why,
        )

    @staticmethod
    def _server(item):
        return item.name, item.argument(0), item.argument(1)

    def _trusted(self, item):
        """A server that was refused is trusted now."""
        finding = self._distrusted.pop(self._server(item), None)
        if finding is not None and (item.name != "SOCKON" or item.argument(3).lower() not in "tu"):
            self.settle(finding, WARNING, ", and trusted later")

    def _bad_names(self):
        for name, item in self._files.items():
            file = item.argument(0)
            if file != file.lower():
                yield f"the file {file} must be in lower case: {file.lower()}"
            elif not re.fullmatch(r"[0-9a-f]{40}", name.replace(":", "")):
                yield (
                    f"the file {file} must have the CA's subject key identifier as its name, 40 "
                    "hexadecimal digits, and .ca"
                )
            data = item.sent.data if item.sent is not None else None
            found = payloads.identifier(data) if data else None
            if found and found[1] and found[1] != name.lower().replace(":", ""):
                yield f"the file {file} holds the CA whose identifier is {found[1]}"

    def _both_places(self):
        if not self._files:
            return
        if self._slot:
            yield (
                "its flash slot holds certificates, so files are not looked at; "
                "AT+S.TLSCERT=content,2 empties it"
            )
        elif self._slot is None:
            yield (
                "the flash slot was not emptied in this recording; while it holds anything, files "
                "are not looked at. AT+S.TLSCERT=content,2 empties it"
            )

    def _missing(self):
        if self._odd_ca:
            yield self._odd_ca
        if self._lost:
            yield "the module restarted after the file was made, so its RAM disk is empty"
        if not self._files and not self._slot and not self._lost:
            yield "no CA is put on the module in this recording"

    def _dates(self):
        if self._clock is None:
            yield (
                "the recording does not show the clock, which is wrong after each start: ask with "
                "AT+S.TIME"
            )
        elif not self._clock:
            yield (
                "the clock is not set, and certificates are valid only for a span of time. Set it "
                "with AT+S.TIME=<seconds since 1970>, or by NTP (WIND 84)"
            )

    def _http(self, item):
        number = item.reply("Http Client Error")
        if number == "1":
            item.explained = True
            self.tell(
                "refused-connection",
                ERROR,
                f"{item.argument(0)} refused the connection (Http Client Error:1)",
                "Nothing listens on that port, or a firewall is in between",
                item,
            )
