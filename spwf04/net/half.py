"""Writes to a peer that has sent its end, but may still read: a half-closed connection.

It is not known whether the module sends to such a peer. [g.5, k.5] A write that it refuses costs
time, because its payload may be taken for commands. So the first one is preceded by a write of no
bytes: the module refuses that too, with 33 for the length, or because it sends nothing more.

With time-out 0 nobody waits for an answer. Then data are taken only once the module has shown, on
any connection, that it sends them: see SocketPool.sends_after_end.
"""

from ..at.exchange import RUNNING, Exchange
from ..const import const

_MS = const(10000)
_ZERO = const(33)  # "Argument evaluated to zero"


def in_doubt(stream, copy):
    """Go on asking the module for a Stream whose peer has sent its end: True while it has not
    answered. copy: nobody waits for the answer. OSError (ECONNRESET) if it sends nothing more."""
    gone = stream.refused or stream.truncated or not stream.address_on_module
    if gone or (copy and not stream.pool.sends_after_end):
        stream.raise_error()
    if copy:
        return False
    probe = stream.probe
    if probe is None:
        command = b"AT+S.SOCK%sW=%s,0\r" % (stream.daemon, stream.address_on_module)
        probe = Exchange().prepare(command, None, _MS)
        if stream.channel.start(probe):
            stream.probe = probe
        return True
    if probe.code in (RUNNING, _ZERO):
        return probe.code == RUNNING
    from .failure import refuse

    refuse(stream)
    stream.raise_error()
    return True
