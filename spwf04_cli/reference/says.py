"""What a command line does, in words. The lines come without secrets, see masking.shown()."""

import datetime

from ..times import plural
from .commands import CHOICES
from .variables import variable

_TLSCERT = {
    "ca": "puts a CA certificate into its flash slot",
    "cert": "puts its own certificate into its flash slot",
    "key": "puts its private key into its flash slot",
    "auth": "tells the key identifier of the CA in its flash slot",
}
_KINDS = {"t": "TCP", "u": "UDP", "s": "TLS, the server's name is not checked"}
_TLS = {"": "plain", "0": "plain", "1": "TLS", "2": "TLS"}
_FILES = {
    ".ca": "a CA certificate, found by this name",
    "tls.cert": "its own certificate",
    "tls.key": "its private key",
}


def explain(line):
    """What a Line does; "" if the command is not known."""
    if line.command is None:
        return ""
    special = _SPECIAL.get(line.name)
    text = special(line) if special is not None else None
    return text or _plain(line)


def _plain(line):
    parts = []
    secret = line.command.secret
    for n, (name, value) in enumerate(zip(line.command.names, line.arguments)):
        if value and n not in secret and n != line.command.data and "*" not in value:
            value = value.partition("?")[0]
            parts.append(value if len(line.command.names) == 1 else f"{name} {value}")
    if line.data:
        parts.append(plural(line.data, "byte"))
    return line.command.does + (": " + ", ".join(parts) if parts else "")


def _sockon(line):
    host, port, local, kind = (line.argument(n) for n in range(4))
    how = _KINDS.get(kind.lower() or "t") or f"TLS, for the name {kind}"
    here = f" from local port {local}" if local else ""
    return f"opens a socket to {host}, port {port}{here}: {how}"


def _scfg(line):
    name, value = line.argument(0), line.argument(1)
    what = variable(name, value)
    return f"sets {what}" if what else None


def _gcfg(line):
    name = line.argument(0)
    return f"asks for {variable(name) or name}" if name else "asks for the whole configuration"


def _sts(line):
    name = line.argument(0)
    return f"asks for {variable(name) or name}" if name else None


def _tlscert(line):
    what, option = line.argument(0).lower(), line.argument(1)
    if what == "content":
        if option == "2":
            return "empties its flash slot of certificates"
        return "asks what is in its flash slot of certificates"
    return f"{_TLSCERT[what]}, {plural(line.data, 'byte')}" if what in _TLSCERT else None


def _time(line):
    value = line.argument(0)
    if not value.isdigit() or int(value) > 1 << 33:
        return None
    moment = datetime.datetime.fromtimestamp(int(value), datetime.timezone.utc)
    return f"sets the clock to {moment:%Y-%m-%d %H:%M:%S} UTC"


def _wifi(line):
    return {"0": "switches the radio off", "1": "switches the radio on"}.get(line.argument(0))


def _pms(line):
    mode = CHOICES["PMS", 0].get(line.argument(0))
    return f"sets the power mode: {mode}" if mode else None


def _gpioc(line):
    pin, way, edge = (line.argument(n) for n in range(3))
    what = {"in": "an input", "out": "an output"}.get(way.lower())
    edges = {"r": "rising", "f": "falling", "b": "rising and falling"}.get(edge.lower())
    told = f"; it tells of {edges} edges" if edges else ""
    return f"makes GPIO{pin} {what}{told}" if what else None


def _gpiow(line):
    level = {"0": "low", "1": "high"}.get(line.argument(1))
    return f"sets GPIO{line.argument(0)} {level}" if level else None


def _dac(line):
    value = line.argument(0)
    if value == "0":
        return "switches the analogue output off"
    return f"sets the analogue output, on GPIO15, to {value} mV" if value.isdigit() else None


def _ssidtxt(line):
    return None if line.argument(0) else "asks for the network's name"


def _fsc(line):
    name = line.argument(0)
    for end, what in _FILES.items():
        if name.lower().endswith(end):
            size = plural(line.data, "byte")
            return f"creates the file {name}, or appends to it: {what}; {size}"
    return None


def _http(line):
    host, path, port, tls = (line.argument(n) for n in range(4))
    if "*" in path:  # the rest is masked
        return f"{line.command.does}: {host}"
    file = f", answer into the file {line.argument(6)}" if line.argument(6) else ""
    file += f", body from the file {line.argument(7)}" if line.argument(7) else ""
    path = "/" + path.partition("?")[0].lstrip("/")
    port = f", port {port}" if port else ""
    return f"{line.command.does}: {host}{path}{port}, {_TLS.get(tls, tls)}{file}"


def _mqttconn(line):
    host, port, _, tls = (line.argument(n) for n in range(4))
    if "*" in port:
        return f"{line.command.does}: {host}"
    return f"{line.command.does}: {host}, port {port}, {_TLS.get(tls, tls)}"


def _read(line):
    n = line.argument(len(line.command.names) - 1)
    where = ", ".join(
        f"{name} {value}" for name, value in zip(line.command.names[:-1], line.arguments)
    )
    much = "all" if n in ("", "0") else "at most " + plural(n, "byte")
    return f"reads {much}: {where}"


_SPECIAL = {
    "SOCKON": _sockon,
    "SCFG": _scfg,
    "GCFG": _gcfg,
    "STS": _sts,
    "TLSCERT": _tlscert,
    "TIME": _time,
    "WIFI": _wifi,
    "PMS": _pms,
    "GPIOC": _gpioc,
    "GPIOW": _gpiow,
    "DAC": _dac,
    "SSIDTXT": _ssidtxt,
    "FSC": _fsc,
    "HTTPGET": _http,
    "HTTPPOST": _http,
    "MQTTCONN": _mqttconn,
    "WSOCKON": _mqttconn,
    "SOCKR": _read,
    "SOCKDR": _read,
    "WSOCKR": _read,
}
