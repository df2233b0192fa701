"""The last step of a plan: puts CAs on the module, and proves them by verified connections.

A module that verifies all servers already is left as it is. Otherwise the root above each server's
chain is put on it. One CA goes into the flash slot. Several go to files in flash, and so does one
that does not work in the slot; first in DER, then in PEM. Connections prove each form.
[decision 4]
"""

import functools
import hashlib

from spwf04.errors import CertificateError, ModuleError
from spwf04.pki.pem import to_pem
from spwf04.tls.judge import check
from spwf04.tls.refusal import HANDSHAKE_ERRORS

from ..jobs.certificates import verify
from ..server import roots
from .record import moment
from .stop import Refused

_TRIES = 3  # roots to try for a server, if several are above its chain
_SLOT, _DER, _PEM = "flash slot", "file", "file in PEM"


class Certificates:
    """The work on the CAs of one module. owner: its prepare.Preparation."""

    def __init__(self, owner):
        self.owner = owner
        self.plan = owner.plan
        self.radio = owner.radio
        self._why = {}  # host: its last ModuleError
        self._above = {}  # host: [DER of the roots above its chain]
        self._placed = []  # the CAs that were put in place last

    def run(self):
        """Have the module verify every server of the plan, with every CA in place."""
        plan, record = self.plan, self.owner.record
        failing = [h for h in plan.hosts if not self._verifies(h)]
        noted = self.owner.bench.noted(record)
        lasting = noted or not any(entry.volatile for entry in self.radio.certs.list())
        if failing or not lasting or not self._installed():
            self._above = {h: self._roots(h) for h in plan.hosts}
            try:
                self._place()
            finally:  # proven or not, they are on the module
                record.certificates = self._placed
                record.changed += [f"CA {c['subject']}, {c['where']}" for c in self._placed]
        else:
            record.certificates = noted or self._supposed()
        record.verified = [
            {"host": h.host, "port": h.port, "name": h.name, "by": "the module's TLS"}
            for h in plan.hosts
        ]

    def _verifies(self, host):
        store = self.radio.certs
        # Other forms of a CA are tried here, and not by the driver
        store.slot_proven = store.files_proven = True
        try:
            verify(self.radio, host.host, host.port, host.name)
            return True
        except ModuleError as e:
            if e.code not in HANDSHAKE_ERRORS and not isinstance(e, CertificateError):
                raise
            self._why[host] = e
            return False

    def _roots(self, host):
        """DER of the trusted roots above a server's chain. CertificateError or Refused if there
        is none, or if the module's TLS cannot take the chain."""
        made = self.owner.bench.chain(host, self.radio)
        check(self.radio, made, host.name, True)
        if made.obstacles:
            raise Refused(
                f"{host}: the module's TLS cannot take it: {'; '.join(made.obstacles)}",
                "Use another server, or another chain. "
                f"{self.plan.check_command(host)} tells more",
            )
        return [bytes(source.der()) for source, _, _ in made.to_try]

    def _installed(self):
        """True if the CAs to install are on the module: it shows them, or they were recorded."""
        wanted = {_info(der).ski for der in self.plan.install}
        if wanted:
            wanted -= {entry.ski for entry in self.radio.certs.list()}
            wanted -= {c["ski"] for c in self.owner.bench.noted(self.owner.record) if c["placed"]}
        return not wanted

    # placing ---------------------------------------------------------------------------------
    def _place(self):
        """Put the CAs in place so that every server is verified; raises the last ModuleError if
        nothing helps."""
        turn = dict.fromkeys(self.plan.hosts, 0)
        failing = []
        for _ in range(_TRIES):
            ders = self._ders(turn)
            for form in (_SLOT, _DER, _PEM) if len(ders) == 1 else (_DER, _PEM):
                self._put(ders, form)
                failing = [h for h in self.plan.hosts if not self._verifies(h)]
                # the next restart loses what is on the RAM disk
                if not failing and not any(e.volatile for e in self.radio.certs.entries()):
                    return
            before = dict(turn)
            for host in failing:
                turn[host] = min(turn[host] + 1, len(self._above[host]) - 1)
            if turn == before:
                break
        raise self._why[failing[0]]

    def _ders(self, turn):
        ders = [self._above[host][n] for host, n in turn.items()]
        return list(dict.fromkeys([*self.plan.install, *ders]))

    def _put(self, ders, form):
        store = self.radio.certs
        self._placed = []
        if form == _SLOT:
            store.install(ders[0], self.plan.self_signed)
        else:
            self._put_files(store, ders, form)
        self._placed = [self._told(der, form, moment()) for der in ders]

    def _put_files(self, store, ders, form):
        for der in ders:
            data = der if form == _DER else to_pem(der)
            name = _file(der)
            if not self.radio.files.same(name, hashlib.sha256(data).digest()):
                self.radio.files.put(name, data)
        if store.entries():
            for entry in store.entries():
                store.drop(entry)  # a CA in the slot hides the files [T1]
        else:
            store.clear_slot()

    # what is told ----------------------------------------------------------------------------
    def _told(self, der, form, placed):
        info = _info(der)
        where = form if form in (_SLOT, None) else f"{form} {_file(der)}"
        return {
            "subject": info.subject,
            "sha256": info.sha256,
            "ski": info.ski,
            "not_after": moment(info.not_after),
            "where": where,
            "for": [str(h) for h, ders in self._above.items() if der in ders],
            "placed": placed,
        }

    def _supposed(self):
        """The roots of servers that the module verifies, if no record tells which it has."""
        try:
            self._above = {h: self._roots(h) for h in self.plan.hosts}
        except (OSError, Refused):
            return []  # it verifies them, nobody knows with which
        return [self._told(der, None, None) for der in self._ders(dict.fromkeys(self._above, 0))]


@functools.lru_cache
def _info(der):
    return roots.info(der)


def _file(der):
    return f"1:/{_info(der).ski}.ca"
