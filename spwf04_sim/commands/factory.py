"""Commands for ST's own use, and what else has no theme. [c.1]

No source shows a line of their replies.
"""

from ..texts import is_number
from .net import connect
from .registry import command


@command("RANDOM")
def random_(module):
    module.reply(f"AT-S.Random:{module.random_number()}")


@command("RTOSSTS")
def rtossts(module):
    """Tell of its operating system. What it really tells is not known: its heap is told."""
    module.reply(f"AT-S.Heap:{module.heap.free()}:{module.heap.least()}")


@command("SSXSTS")
def ssxsts(module):
    """Tell of its network stack. What it really tells is not known: its open sockets are."""
    module.reply(f"AT-S.Sockets:{sum(s is not None for s in module.sockets)}")


@command("NVW", 1, 1)
def nvw(module, data):
    """Write factory data: that needs a password of ST's, so every argument is a wrong one."""
    return 7


@command("MFGTEST", 0, 1)
def mfgtest(module, data):
    """Test it in the factory: there is no jig around this module."""
    return 110


@command("SELFTEST", 6, 6)
def selftest(module, magic, ip, port, count, size, kind):
    """Send so many packets to a server. Any magic number will do."""
    numbers = [int(t) if is_number(t) else 0 for t in (port, count, size)]
    if kind not in ("t", "u"):
        return 7
    if not all(numbers):
        return 33
    if numbers[0] > 65535 or numbers[2] > 1460:
        return 7
    if module.wifi.ip is None:
        return 44
    link, _, error = yield from connect(module, ip, numbers[0], kind)
    if error:
        return 110
    for _ in range(numbers[1]):
        if not link.send(bytes(numbers[2])):
            error = 110
            break
        yield 1
    link.close()
    return error
