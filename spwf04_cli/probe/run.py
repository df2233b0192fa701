"""Which experiments run, in which order, and what is put back."""

import re
from typing import NamedTuple

from . import servers
from .experiment import (
    DISK,
    FACTORY,
    HAND,
    LOST,
    NETWORK,
    PINS,
    SAVES,
    SERVER,
    SLOT,
    UPDATE,
    Lost,
    Untried,
    experiments,
    untried,
)
from .points import points

# What comes later costs more: an experiment runs when the last of its needs is due
ORDER = (NETWORK, SERVER, DISK, PINS, SAVES, SLOT, HAND, FACTORY, UPDATE)
FAILED = "the experiment failed: "
_WHY = dict.fromkeys((NETWORK, SERVER), "no network was named (--ssid)")
_RADIO = "WIFI"  # no variable, but saved with them
_VARIABLE = re.compile(r"(?m)^\0*AT-S\.Var:([^=\r\n]+)=([^\r\n]*)")


class Result(NamedTuple):
    """What came of an experiment. found: {point: reading}. why: why the other points were not
    found, "" if there are none. notes: what fits no reading. transcript: of Line."""

    experiment: object
    found: dict
    why: str
    notes: list
    transcript: list


def cost(experiment):
    """The place in ORDER of an experiment's last need; -1: it needs nothing."""
    return max((ORDER.index(need) for need in experiment.needs), default=-1)


def planned(wanted):
    """List the experiments that may settle a point of `wanted`, the harmless ones first."""
    return sorted((e for e in experiments() if wanted & set(e.names)), key=cost)


def one(bench, experiment):
    """Do one experiment, and leave the module as after a restart; return {point: reading}.

    Untried, Lost: as Bench has them.
    """
    try:
        found = experiment.run(bench)
    finally:
        bench.restart()
    found = {name: value for name, value in found.items() if value is not None}
    known = points()
    wrong = [n for n, v in found.items() if n not in experiment.names or not known[n].has(v)]
    if wrong:
        raise ValueError(f"{experiment.title} found no reading of {', '.join(wrong)}")
    return found


class Run:
    """A run of the experiments that settle the points of `wanted`, a set.

    allowed(need): whether an experiment may have what it needs; it is asked once for each need.
    on_begin(experiment), on_result(Result): are called before and after each. found, why: what has
    been found so far, {point: reading}, and {point: why it was not found}.
    """

    def __init__(self, bench, wanted, allowed, on_begin, on_result):
        self._bench = bench
        self._wanted = set(wanted)
        self._ask = allowed
        self._answers = {}
        self._on_begin = on_begin
        self._on_result = on_result
        self.found = {}
        self.why = {name: why for name, why in untried().items() if name in wanted}

    def __call__(self):
        """Do them all. Lost if the module does not answer any more."""
        for experiment in planned(self._wanted):
            left = self._wanted - set(self.found)
            if not left & set(experiment.names):
                continue
            denied = next((why for why in map(self._denied, experiment.needs) if why), "")
            if denied:
                self._left(experiment, denied)
                continue
            self._do(experiment)
        for name in self._wanted - set(self.found) - set(self.why):
            self.why[name] = "there is no experiment yet"

    def _denied(self, need):
        """Why an experiment may not have what it needs, or cannot; "" if it can."""
        if need not in self._answers:
            allowed = self._ask(need)
            self._answers[need] = (
                self._lacking(need) if allowed else _WHY.get(need, f"not allowed: {need}")
            )
        return self._answers[need]

    def _lacking(self, need):
        """Why there is no network, or no way to this computer; "" if there is."""
        bench = self._bench
        if need not in (NETWORK, SERVER):
            return ""
        try:
            bench.join()
            if need == SERVER:
                with servers.tcp(bench, lambda peer: peer.recv(1)) as port, bench.socket(port):
                    pass
        except Untried as e:
            if need == NETWORK:
                return str(e)
            return f"the module does not reach this computer at {bench.address}: {e}"
        finally:
            bench.restart()
        return ""

    def _do(self, experiment):
        bench = self._bench
        notes = len(bench.notes)
        del bench.line.transcript[:]
        self._on_begin(experiment)
        found, why, end = {}, "what it showed fits no reading", None
        try:
            found = one(bench, experiment)
        except Untried as e:
            why = str(e)
        except Lost as e:
            why, end = LOST, e
        except KeyboardInterrupt as e:
            why, end = "it was broken off", e
        except Exception as e:  # of an experiment that did not expect what it saw
            why, end = f"{FAILED}{type(e).__name__}: {e}", self._broken()
        self._tell(experiment, found, why, bench.notes[notes:])
        if end is not None:
            raise end

    def _broken(self):
        """The exception that ends the run, if the module or the port is gone; else None."""
        try:
            self._bench.answer()
        except Exception as e:
            return e
        return None

    def _tell(self, experiment, found, why, notes):
        mine = {name: value for name, value in found.items() if name in self._wanted}
        for name, value in mine.items():
            self.found.setdefault(name, value)
            self.why.pop(name, None)
        why = "; ".join(notes) or why
        self._left(experiment, why)
        open_ = set(experiment.names) & self._wanted - set(self.found)
        transcript = list(self._bench.line.transcript)
        self._on_result(Result(experiment, mine, why if open_ else "", notes, transcript))

    def _left(self, experiment, why):
        for name in set(experiment.names) & self._wanted - set(self.found):
            self.why[name] = why


def settings(bench):
    """{variable: value} of a module that was just restarted, as it shows them."""
    found = values(bench.done("GCFG", limit_s=20))
    if not found:
        raise Untried("the module shows no variables")
    found[_RADIO] = str(int(bench.radio))
    found["console_echo"] = str(int(bench.echoes))  # the bench has switched it off
    return found


def values(said):
    """{variable: value} in what the module Said."""
    return dict(_VARIABLE.findall(said.text))


def put_back(bench, before):
    """Restart the module, and save those settings anew that are not what they were. Return the
    names of those that could not be put back."""
    bench.restart()
    changed = _changed(bench, before)
    if not changed:
        return []
    for name in changed:
        # Of a secret the module shows no more than stars
        if name != _RADIO and before[name].strip("*"):
            bench.line.say(f"SCFG={name},{before[name]}")
    bench.line.say("WIFI=" + before.get(_RADIO, "1"))
    bench.line.listen(1)
    bench.echoes = before["console_echo"] == "1"
    bench.save()
    bench.restart()
    return _changed(bench, before)


def _changed(bench, before):
    now = settings(bench)
    return [name for name, value in before.items() if now.get(name) != value]
