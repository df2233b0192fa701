"""Client sockets. [g]"""

from ..parts.sockets import Client
from ..texts import is_ipv4, is_nobodys, is_number, is_port
from .registry import command
from .secure import awaiting, secure


def _client(module, text):
    """The client that a command names, or None. What was masked of it may be told now."""
    if not is_number(text) or int(text) > 7:
        return None
    module.replies.repeat(_closed(text))
    return module.socket_table.clients[int(text)]


def _closed(text):
    return f"Socket Closed:{int(text)}:"


@command("SOCKON", 2, 4)
def sockon(module, host, port, local, kind):
    if not is_port(port):
        return 7
    if (
        local not in ("", "NULL")
        and not is_number(local)
        and module.quirks.local_port == "refused"
    ):
        return 7  # GUESS
    if module.wifi.ip is None:
        return 44
    sockets = module.socket_table
    local = local if is_number(local) and int(local) else ""
    if local and sockets.port_taken(local, kind == "u"):
        return 73  # GUESS: as for a server's port
    if sockets.free() is None:
        if module.quirks.ninth_socket == "hang":
            yield lambda: False  # until a reset [T20]
        return 75
    kind = kind or "t"
    link, ip, error = yield from connect(module, host, int(port), kind)
    if error:
        return error
    n = sockets.free()
    sockets.clients[n] = Client(link, kind if kind in ("t", "u") else "s", ip, int(port), local)
    module.reply(f"AT-S.On:{ip}:{n}")
    return None


def resolve(module, host):
    """Ask for the address of a host; a generator that returns (ip, None), or (None, error
    number)."""
    end = module.clock.now() + module.quirks.open_limit
    yield module.timing.dns
    if not is_ipv4(host) and (module.world.silent_dns or _asks_nobody(module)):
        yield lambda: module.clock.now() > end
        return None, module.quirks.silent_dns
    ip = module.wifi.resolve(host)
    return ip, 65 if ip is None else None


def _asks_nobody(module):
    """True if nobody has the addresses of its DNS servers."""
    servers = [ip for ip in module.wifi.addresses.rest[2:] if ip not in ("", "0.0.0.0")]
    return bool(servers) and all(map(is_nobodys, servers))


def connect(module, host, port, kind):
    """Resolve a name and connect; with TLS unless kind is "t" or "u".

    A generator that returns (link, ip, None) or (None, ip or None, error number).
    """
    end = module.clock.now() + module.quirks.open_limit
    module.socket_table.open_until = end
    ip, error = yield from resolve(module, host)
    if error:
        return None, None, error
    target = module.world.target(ip, port)
    yield module.timing.tcp
    if target is None:
        return None, ip, 74
    link = module.socket_table.link(target, kind == "u")
    yield from awaiting(
        module, link, lambda: link.ready() or _in_vain(module, link) or module.clock.now() > end
    )
    if _in_vain(module, link) or not link.ready():
        link.close()
        return None, ip, 74
    if kind in ("t", "u"):
        return link, ip, None
    secured, error = yield from secure(module, link, host, kind)
    return secured, ip, error


def client_kind(module, host, secure):
    """The kind of a connection of the module's own clients, as connect() takes it. [h.2]"""
    if not secure:
        return "t"
    return host if module.quirks.app_name_check == "checked" else "s"


def _in_vain(module, link):
    """True if a link is not worth waiting for any more."""
    return link.failed or module.wifi.ip is None


def too_large(module, size):
    """True if so many bytes are refused as one piece."""
    return size > 740 and module.quirks.large_chunks == "refused"  # GUESS: as low memory [k.1]


def _check_write(module, n, size):
    client = _client(module, n)
    return refusal(module, client, size)


def refusal(module, client, size):
    """The number of a write that is refused before its data, or None."""
    quirks = module.quirks
    if client is None:
        return 76
    if is_number(size) and too_large(module, int(size)):
        return 91
    if client.kind == "u" and module.wifi.ip is None:
        return 60  # GUESS
    if client.connected or (client.ended == "closed" and quirks.half_closed == "works"):
        return None
    if client.ended == "reset" and quirks.reset_write == 79:
        return None  # the data fail
    return 78


@command("SOCKW", 2, 2, data=1, check=_check_write)
def sockw(module, n, size, data):
    return write(module, _client(module, n), data)


def write(module, client, data):
    """Send the data of a write; return an error number or None."""
    if client is None:
        return 76
    return None if module.socket_table.write(client, data) else 79


@command("SOCKQ", 1, 1)
def sockq(module, n):
    return query(module, _client(module, n))


def query(module, client):
    """Send Query:<n>, how many bytes wait; return an error number or None."""
    if client is None:
        return 76
    if _is_over(module, client):
        return 72
    module.reply(f"AT-S.Query:{len(client.buffer)}")
    return None


def _is_over(module, client):
    """True if the connection has ended, all is read, and the module says so by error 72."""
    over = not client.connected and not client.buffer and client.kind != "u"
    return over and module.quirks.ended_question == "closed"


@command("SOCKR", 1, 2)
def sockr(module, n, size):
    return read(module, _client(module, n), size)


def read(module, client, size):
    """Send Reading:<n>:<m> and n bytes. size: text, how many are wanted; "" or 0: all. [g.3]"""
    if client is None:
        return 76
    quirks = module.quirks
    if size and not is_number(size):
        return 7
    if _is_over(module, client):
        return 72
    there = len(client.buffer)
    asked = int(size) if size else 0
    if there == 0 and quirks.sockr_empty == "error":
        return 7
    if asked > there and quirks.sockr_beyond == "error":
        return 7
    if too_large(module, asked):
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
    module.replies.forget(_closed(n))
    return None


@command("SOCKL")
def sockl(module):
    for n, client in enumerate(module.socket_table.clients):
        if client is not None:
            module.reply(f"AT-S.List::{n}" + listed(module, client))


def fields(client):
    """Return what the lists of sockets say of one, behind its id. [g.5]"""
    where = f"{client.ip}:{client.port}"
    return f":{int(client.connected)}:{client.kind}:{len(client.buffer)}:{where}"


def listed(module, client):
    """Return what SOCKL and WSOCKL say of a socket behind its id."""
    return fields(client) if module.quirks.sockl_fields == "all" else ""
