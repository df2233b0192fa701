"""Client sockets. [g]"""

from ..parts.sockets import Client
from .registry import command
from .secure import awaiting, secure  # noqa: F401 (the applications take both from here)


def _client(module, text):
    if not text.isdecimal() or int(text) > 7:
        return None
    return module.socket_table.clients[int(text)]


@command("SOCKON", 2, 4)
def sockon(module, host, port, local, kind):
    if not port.isdecimal() or not 0 < int(port) < 65536:
        return 7
    if (
        local not in ("", "NULL")
        and not local.isdecimal()
        and module.quirks.local_port == "refused"
    ):
        return 7  # GUESS
    if module.wifi.ip is None:
        return 44
    sockets = module.socket_table
    if sockets.free() is None:
        if module.quirks.ninth_socket == "hang":
            yield lambda: False  # until a reset [T20]
        return 75
    kind = kind or "t"
    link, ip, error = yield from connect(module, host, int(port), kind)
    if error:
        return error
    n = sockets.free()
    sockets.clients[n] = Client(link, kind if kind in "tu" else "s", ip, int(port))
    module.reply(f"AT-S.On:{ip}:{n}")
    return None


def connect(module, host, port, kind):
    """Resolve a name and connect; with TLS unless kind is "t" or "u".

    A generator that returns (link, ip, None) or (None, ip or None, error number).
    """
    timing = module.timing
    yield timing.dns
    ip = module.wifi.resolve(host)
    if ip is None:
        return None, None, 65
    target = module.world.target(ip, port)
    yield timing.tcp
    if target is None:
        return None, ip, 74
    link = module.socket_table.link(target, kind == "u")
    end = module.clock.now() + 10
    yield lambda: link.ready() or link.failed or module.clock.now() > end
    if link.failed or not link.ready():
        link.close()
        return None, ip, 74
    if kind in ("t", "u"):
        return link, ip, None
    secured, error = yield from secure(module, link, host, kind)
    return secured, ip, error


def _too_large(module, size):
    return size > 740 and module.quirks.large_chunks == "refused"  # GUESS: as low memory [k.1]


def _check_write(module, n, size):
    client = _client(module, n)
    if client is None:
        return 76
    if size.isdecimal() and _too_large(module, int(size)):
        return 91
    return None if client.connected else 78


@command("SOCKW", 2, 2, data=1, check=_check_write)
def sockw(module, n, size, data):
    client = _client(module, n)
    if client is None:
        return 76
    return None if client.link.send(data) else 79


@command("SOCKQ", 1, 1)
def sockq(module, n):
    client = _client(module, n)
    if client is None:
        return 76
    module.reply(f"AT-S.Query:{len(client.buffer)}")
    return None


@command("SOCKR", 1, 2)
def sockr(module, n, size):
    return read(module, _client(module, n), size)


def read(module, client, size):
    """Send Reading:<n>:<m> and n bytes. size: text, how many are wanted; "" or 0: all. [g.3]"""
    if client is None:
        return 76
    quirks = module.quirks
    if size and not size.isdecimal():
        return 7
    there = len(client.buffer)
    asked = int(size) if size else 0
    if there == 0 and quirks.sockr_empty == "error":
        return 7
    if asked > there and quirks.sockr_beyond == "error":
        return 7
    if _too_large(module, asked):
        return 91
    give = min(asked or there, there)
    if quirks.sockr_surplus and asked and give < there:
        give = min(there, give + 3)
    data = bytes(client.buffer[:give])
    del client.buffer[:give]
    second = {"pending": there, "left": there - give, "same": give}[quirks.reading_second]
    module.reply(f"AT-S.Reading:{give}:{second}")
    module.payload(data)
    return None


@command("SOCKC", 1, 1)
def sockc(module, n):
    client = _client(module, n)
    if client is None:
        return 76
    if client.buffer:
        return 77
    client.link.close()
    module.socket_table.clients[int(n)] = None
    return None


@command("SOCKL")
def sockl(module):
    for n, client in enumerate(module.socket_table.clients):
        if client is not None:
            more = f":{int(client.connected)}:{client.kind}:{len(client.buffer)}:{client.ip}:"
            more += str(client.port)
            module.reply(f"AT-S.List::{n}" + (more if module.quirks.sockl_fields == "all" else ""))
