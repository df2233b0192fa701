"""Sends the host's side of a log to a simulated module, and keeps what that says."""

import re

from ..logs import events
from ..logs.sorter import Sorter
from .scene import Scene
from .steps import WIND, said_of

_FEW = 20  # commands, with which the end of what is played has no part in a difference
_LONGEST_GAP_S = 60  # of a log with times; a longer silence is cut
_LONGEST_REPLY_S = 90
_LONGEST_WAIT_S = 30  # for an indication
_NO_COMMAND = re.compile(r"AT-S\.ERROR:1(?::|$)")
_INDICATION = re.compile(rb"^\0*\+WIND:", re.M)


class Player:
    """Plays Steps against the module of a Scene. heard: for each Step a list of Said. echoed: for
    each Step, whether the module echoed its command."""

    def __init__(self, steps, quirks):
        self._steps = steps
        self._scene = Scene(steps, quirks)
        self._module, self._clock = self._scene.module, self._scene.clock
        self.heard = [[] for _ in steps]
        self.echoed = [False] * len(steps)
        self._index = 0
        self._winds = 0  # indications so far
        self._sorter = Sorter(self._event, both=True)
        # A log may begin in the middle of a boot: what comes before its first line is left out
        first = steps[0].said[0].number if steps[0].said else -1
        self._first = b"+WIND:%d:" % first if first not in (-1, 1, 2) else b""

    def play(self, last=None):
        """Play all Steps; or those until `last`, a number, and a few more."""
        self._scene.begin()
        self._module.traffic = self._traffic  # pyright: ignore[reportAttributeAccessIssue]
        end = None if last is None else last + _FEW
        last = None  # when the real module said its last
        for index, step in enumerate(self._steps[:end]):
            if step.command is not None:
                self._gap(last, step.ms)
                self._index = index
                if playable(step):
                    self._module.receive(self._bytes(step))
            self._follow(index, step)
            self._scene.done(step)
            times = [s.ms for s in step.said if s.ms is not None] or [step.ms]
            last = times[-1] if times[-1] is not None else last
        self._pass(0.1)
        self._sorter.pause()

    def _bytes(self, step):
        if step.fill:
            return step.command
        data = self._scene.prepare(step)
        finals = [said.text for said in step.said if said.final]
        if step.announced and any(map(_NO_COMMAND.match, finals[1:])):
            data += b"\r"  # a lone CR, of which a log shows only the answer [g.4]
        return step.command + b"\r" + data

    def _gap(self, last, ms):
        """Let pass what passed between the module's last word and the command."""
        if last is not None and ms is not None and ms > last:
            self._pass(min((ms - last) / 1000, _LONGEST_GAP_S))

    def _pass(self, seconds):
        end = self._clock.now() + seconds
        while self._clock.now() < end:
            self._idle()

    def _idle(self):
        self._clock.idle()
        self._module.transmit()

    def _follow(self, index, step):
        """Wait until the module has said what the log has, or says no more."""
        expected = self._winds
        ahead = self._ahead(index)
        for at, said in enumerate(step.said):
            if said.kind == WIND:
                self._scene.happens(index, at)
                if said.number in ahead:
                    ahead.remove(said.number)
                    continue
                expected += 1
                self._until(lambda: self._winds >= expected, _LONGEST_WAIT_S)  # noqa: B023
                expected = min(expected, self._winds)
            elif said.final:
                self._until(lambda: not self._module.busy, _LONGEST_REPLY_S)
        if not self._overtaken(index):
            self._until(lambda: not self._module.busy, _LONGEST_REPLY_S)
        self._module.transmit()
        self._sorter.pause()

    def _ahead(self, index):
        """The numbers of the indications that have come one command earlier than in the log."""
        before = max(index - 1, 0)
        ahead = [s.number for s in self.heard[before] if s.kind == WIND] if index else []
        for said in self._steps[before].said:
            if said.number in ahead:
                ahead.remove(said.number)
        return ahead

    def _overtaken(self, index):
        """True if the host sent its next command before the answer to this one."""
        if self._steps[index].lines or self._steps[index].command is None:
            return False
        later = next((step for step in self._steps[index + 1 :] if step.lines), None)
        return later is not None and sum(said.final for said in later.said) > 1

    def _until(self, ready, seconds):
        self._module.transmit()
        end = self._clock.now() + seconds
        module = self._module
        while not ready() and self._clock.now() < end:
            if module.next_due() is None and not module.busy:
                return  # nothing is planned, so nothing comes
            self._idle()

    def _traffic(self, way, data):
        if way == "<":
            if self._first and not self._index:
                at = data.find(self._first)
                if at < 0:
                    return
                data, self._first = data[at:], b""
            self._winds += len(_INDICATION.findall(data))
        ms = round(self._clock.now() * 1000)
        self._sorter.feed(data, ms, way, self._index + 1)

    def _event(self, event):
        index = event.place - 1
        if event.kind == events.COMMAND and (event.echo or event.heard):
            self.echoed[index] = True
        elif event.kind in (events.LINE, events.IN):
            said = said_of(event)
            if said is not None:
                self.heard[index].append(said)


def playable(step):
    """True if a command can be sent: nothing of it is masked but the value of a variable."""
    return b"********" not in step.command or step.name == "SCFG"
