"""What a line of a reply means."""

from ..times import plural
from .errors import certificate
from .variables import variable

_LOADING = {"1": "the CA", "2": "its own certificate", "3": "its private key"}
_HTTP = {"1": "the connection was refused", "2": "TLS failed, or no answer came"}


def reply(text, name=""):
    """What a line of a reply means; "" if there is nothing to say. name: of the command."""
    word, _, rest = text.partition(":")
    word = word.replace("AT-S.", "", 1)
    special = _WORDS.get(word)
    return special(rest, name) if special is not None else ""


def _on(rest, name):
    ip, _, number = rest.rpartition(":")
    if name == "SOCKDON":
        return f"server {number}"
    if name == "MQTTCONN":
        return f"connection {number}"
    return f"socket {number}" + (f", at {ip}" if ip else "")


def _var(rest, name):
    key, _, value = rest.partition("=")
    return variable(key, value)


def _reading(rest, name):
    n = rest.partition(":")[0]
    return f"{plural(n, 'byte')} follow{'s' if n == '1' else ''}"


def _certificate(rest, name):
    return certificate(int(rest)) if rest.isdigit() else ""


def _gpio(rest, name):
    fields = rest.split(":")
    if len(fields) != 3:
        return ""
    way = {"0": "an input", "1": "an output"}.get(fields[2], "")
    return f"GPIO{fields[0]} is {'high' if fields[1] == '1' else 'low'}" + (way and f", {way}")


_WORDS = {
    "GPIO": _gpio,
    "ADC": lambda rest, name: f"{rest} mV",
    "Random": lambda rest, name: "a random number",
    "Heap": lambda rest, name: "free memory in bytes: now, and when it was least",
    "Command": lambda rest, name: "a command, its arguments, and what it does",
    "On": _on,
    "Var": _var,
    "Query": lambda rest, name: f"{plural(rest, 'byte')} wait{'s' if rest == '1' else ''}",
    "Reading": _reading,
    "Printing": _reading,
    "Read Cap": _reading,
    "Certificate Error": _certificate,
    "Skip CA": lambda rest, name: "not an error: the module skips a CA that the server sent",
    "Loading": lambda rest, name: f"it loads {_LOADING.get(rest[:1], 'something')}",
    "SubjectKeyId": lambda rest, name: "the key identifier that it found in the certificate",
    "Parsing Networks": lambda rest, name: plural(rest, "network"),
    "Http Client Error": lambda rest, name: _HTTP.get(rest, ""),
    "Http Server Status Code": lambda rest, name: f"the web server answered {rest}",
    "Http Server Error": lambda rest, name: "the web server refused",
    "Date": lambda rest, name: "year, month, day" if rest[:2] >= "17" else "it is not set",
    "Free": lambda rest, name: f"{plural(rest, 'byte')} {'is' if rest == '1' else 'are'} free",
}
