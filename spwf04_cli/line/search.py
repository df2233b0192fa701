"""Looks for a module that does not answer, and says what is there instead."""

import contextlib

from spwf04.errors import LinkLost, NotFound

from .. import output, ports
from ..advice import sentence
from ..jobs.doctor import hear
from .heard import ANSWERS, DEAF, ECHO, GPS, OLDER, REPL, UNDECIDED, Heard, explained

# The factory's first, then those that a module or something else is likely to have
RATES = (115200, 9600, 921600, 460800, 230400, 57600, 38400, 19200)

_WHOLE_MS = 1100  # a GPS receiver, for one, sends once a second
_SHORT_MS = 500


class Found:
    """rate: at which the module answers; None: no module does. instead: a heard.Heard, what comes
    in place of its answers; None: it answers at the rate that it should have. echo: it had its
    echo on."""

    def __init__(self, rate, instead=None, echo=False):
        self.rate = rate
        self.instead = instead
        self.echo = echo


def look_for(module, port, quiet=False):
    """Look for the module at the rate that it should have, then at the others: a Found. It takes
    about 15 s at most, and the UART is left at the module's rate. port: for advice."""
    here = module.call("rate")
    with output.doing(f"listening at {here} bit/s…", quiet):
        heard, instead = listened(module, port, here)
        if instead.kind not in (ECHO, REPL, GPS, OLDER) and _answers(module):
            # A restart of the module switches the echo on again
            return Found(here, echo=b"AT\r\n" in heard.partition(b"AT-S.OK")[0])
    if instead.kind not in UNDECIDED:
        return Found(None, instead)
    return _elsewhere(module, port, here, heard, quiet)


def listened(module, port, rate):
    """(the bytes that come in answer to AT, their Heard). port, rate: as for explained()."""
    heard = b""
    for _ in range(3):  # it may be booting
        heard += module.call("hear", _WHOLE_MS)
        instead = explained(heard, port, rate)
        if instead.kind != DEAF:
            break
    return heard, instead


def _answers(module):
    try:
        module.call("status", "build")
    except LinkLost:
        return False
    return True


def _elsewhere(module, port, here, heard, quiet):
    """Look for the module at the other rates."""
    others = [rate for rate in RATES if rate != here]
    for n, rate in enumerate(others, 1):
        if not module.call("set_rate", rate):
            continue
        with output.doing(f"trying {rate} bit/s ({n} of {len(others)})…", quiet):
            came = module.call("hear", _WHOLE_MS if heard else _SHORT_MS)
            instead = explained(came, port, rate)
            if instead.kind in (ANSWERS, DEAF) and module.call("find_rate", rate, limit=30):
                return Found(rate, instead)
        if instead.kind not in UNDECIDED:
            module.call("set_rate", here)
            what = f"at {rate} bit/s, {instead.what}"
            return Found(None, Heard(instead.kind, what, instead.todo))
        heard = heard or came
    module.call("set_rate", here)
    return Found(None, explained(heard, port))


@contextlib.contextmanager
def told(module):
    """A block in whose NotFound what came instead is said, as an output.Failure."""
    try:
        yield
    except NotFound as e:
        if e.remedy != "check_wiring":  # the module did not start after a reset
            raise
        via_mcu = module.radio is None
        _, instead = listened(module, module.where, module.call("rate"))
        todo = instead.todo
        if not via_mcu and instead.kind != REPL and _is_board(module.where):
            todo = explained(b">>> ", module.where).todo
        elif instead.kind == ANSWERS:
            todo = sentence("retry")
        does = "tries the other rates" if instead.kind in UNDECIDED else "tests the line"
        answers = "answers the board" if via_mcu else "answers"
        raise output.Failure(
            f"no SPWF04 {answers} on {module.where}: {instead.what}",
            f"{todo}. spwf04 doctor {does}",
            output.NO_MODULE,
        ) from None


def instead_of(radio, port):
    """(what comes in place of the module's answers, what to do) for a radio without a module."""
    found = explained(hear(radio, _WHOLE_MS), port, radio.baudrate)
    return f"no SPWF04 answers: {found.what}", found.todo


def _is_board(name):
    return any(p.device == name and ports.is_board(p) for p in ports.serial_ports())
