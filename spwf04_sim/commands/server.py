"""Server sockets. [g.6]"""

from ..parts.sockets import Server, UdpServer
from ..texts import is_number, is_port
from .net import fields, query, read, refusal, write
from .registry import command


@command("SOCKDON", 2, 2)
def sockdon(module, port, kind):
    servers = module.socket_table.servers
    if not is_port(port) or kind not in ("t", "u", "s1", "s2"):
        return 7
    if module.wifi.ip is None:
        return 44
    if any(s is not None and s.port == int(port) for s in servers):
        return 73
    if not module.daemons.give_way(int(port), kind):
        return 73
    if None not in servers:
        return 75
    sid = servers.index(None)
    servers[sid] = UdpServer(module, int(port)) if kind == "u" else Server(module, int(port), kind)
    module.reply(f"AT-S.On:{sid}")
    return None


def _server(module, sid):
    servers = module.socket_table.servers
    return servers[int(sid)] if is_number(sid) and int(sid) < len(servers) else None


def _client(module, sid, cid):
    server = _server(module, sid)
    if server is None or not is_number(cid) or int(cid) >= len(server.clients):
        return None
    client = server.clients[int(cid)]
    if client is not None:
        module.replies.repeat(_gone(client, sid, cid))
    return client


def _gone(client, sid, cid):
    return f"Socket Client Gone:{client.ip}:{client.port}:{int(sid)}:{int(cid)}:"


@command("SOCKDQ", 2, 2)
def sockdq(module, sid, cid):
    return query(module, _client(module, sid, cid))


@command("SOCKDR", 2, 3)
def sockdr(module, sid, cid, size):
    return read(module, _client(module, sid, cid), size)


def _check_write(module, sid, cid, size):
    return refusal(module, _client(module, sid, cid), size)


@command("SOCKDW", 3, 3, data=2, check=_check_write)
def sockdw(module, sid, cid, size, data):
    return write(module, _client(module, sid, cid), data)


@command("SOCKDC", 1, 2)
def sockdc(module, sid, cid):
    """Disconnect a client; without a client, disconnect all and stop listening."""
    server = _server(module, sid)
    if server is None:
        return 76
    if not cid:
        unread = any(c is not None and c.buffer for c in server.clients)
        if unread and module.quirks.server_close == "refused":
            return 77
        server.close()
        module.socket_table.servers[int(sid)] = None
        return None
    client = _client(module, sid, cid)
    if client is None:
        return 76
    if client.buffer:
        return 77
    client.link.close()
    server.clients[int(cid)] = None
    module.replies.forget(_gone(client, sid, cid))
    return None


@command("SOCKDL", 0, 1)
def sockdl(module, sid):
    """Send AT-S.List:<sid>:<cid> and the fields of SOCKL, for each client."""
    # GUESS list_fields: nobody has shown a reply
    for n, server in enumerate(module.socket_table.servers):
        if server is None or sid not in ("", str(n)):
            continue
        for cid, client in enumerate(server.clients):
            if client is not None:
                show = module.quirks.list_fields
                if show != "nothing":
                    module.reply(
                        f"AT-S.List:{n}:{cid}" + (fields(client) if show == "all" else "")
                    )
