"""The MQTT client: MQTTCONN and what follows it. [j, j.2]"""

from ..commands.net import connect
from ..commands.registry import command
from .websocket import answer_of


@command("MQTTCONN", 2, 12)
def mqttconn(module, host, port, path, tls, user, password, client, *more):
    """Open an MQTT connection; the id is always 0."""
    if module.wifi.ip is None:
        return 44
    kind = host if tls not in ("", "0") else "t"
    link, _, error = yield from connect(module, host, int(port), kind)
    if error:
        return error
    name = (client or "SPWF04S").encode()
    body = b"\0\4MQTT\4\2\0\x3c" + len(name).to_bytes(2, "big") + name
    link.send(b"\x10" + bytes((len(body),)) + body)
    answer = yield from answer_of(module, link, lambda a: len(a) >= 4)
    if answer[:2] != b"\x20\2" or answer[3:4] != b"\0":
        link.close()
        return 74
    module.connections.links.append(link)
    module.reply("AT-S.On:0")
    return None
