"""What help in the shell prints: commands, variables, indications, errors."""

from .. import reference
from ..reference.indications import RESERVED
from ..reference.variables import described

BUILT_IN = {
    "help": "help COMMAND, VARIABLE, error N, wind N or certificate N: explains it",
    "wait": "wait N [SECONDS]: waits for indication N, counted since the last command",
    "pause": "pause SECONDS: waits, and shows what comes",
    "quit": "ends the shell, as Ctrl-D does",
}
_GROUPS = (
    ("Utility", "AT HELP RESET PMS STS GCFG SCFG WCFG FCFG TIME RANDOM PYTHON"),
    ("Wi-Fi", "WIFI SCAN SSIDTXT PEERS WPS RENEW NTP PING WPAECERT"),
    ("Sockets", "SOCKON SOCKQ SOCKC SOCKW SOCKR SOCKL"),
    ("Servers", "SOCKDON SOCKDQ SOCKDC SOCKDW SOCKDR SOCKDL"),
    ("Files", "FSM FSU FSC FSD FSR FSL FSP HASH"),
    ("TLS", "TLSCERT"),
    ("Applications", "TFTPGET TFTPPUT SMTP HTTPGET HTTPPOST FWUPDATE FSUPDATE INPUTSSI"),
    ("MQTT", "MQTTCONN MQTTSUB MQTTPUB MQTTUNSUB MQTTDISC"),
    ("WebSocket", "WSOCKON WSOCKQ WSOCKC WSOCKW WSOCKR WSOCKL"),
    ("Pins", "GPIOC GPIOR GPIOW DAC ADC PWM"),
)


def usage(name):
    """How a command is typed."""
    command = reference.COMMANDS[name]
    return f"{name}={command.arguments}" if command.arguments else name


def about(topic=""):
    """[(text, what it means)] for `help TOPIC`."""
    words = topic.split()
    if not words:
        return _overview()
    word, number = words[0], words[-1]
    if number.isdigit():
        return _number(word.lower(), int(number))
    if word.lower() in BUILT_IN:
        return [(BUILT_IN[word.lower()], "")]
    name = word.upper().replace("AT+S.", "")
    if name in reference.COMMANDS:
        return _command(name)
    if word in reference.VARIABLES:
        return [(word, described(word)[0][1]), *_variable(word)]
    if word in reference.STATUS:
        return [(word, f"{reference.STATUS[word]}: STS shows it")]
    return [(f"{word} is not known.", "")]


def _overview():
    found = [
        ("Type a command of the module. AT+S. may be left out, and Tab completes.", ""),
        ("A payload is asked for: type text with \\r \\n \\t \\xNN, or @FILE.", ""),
        ("", ""),
    ]
    found += [(group, names) for group, names in _GROUPS]
    return [*found, ("", ""), *((name, says) for name, says in BUILT_IN.items())]


def _command(name):
    command = reference.COMMANDS[name]
    found = [(usage(name), command.does)]
    for n, argument in enumerate(command.names):
        choices = reference.CHOICES.get((name, n))
        if choices:
            text = ", ".join(f"{value} {meaning}" for value, meaning in choices.items())
            more = ", or a name: TLS for that name" if name == "SOCKON" else ""
            found.append((f"  {argument}", text + more))
        elif n == command.data:
            found.append(
                (f"  {argument}", "length of the payload, which is asked for; ? counts it")
            )
    return found


def _variable(name):
    return [(f"  {what}" if what else "", text) for what, text in described(name)[1:]]


def _number(kind, number):
    if kind in ("wind", "indication") or kind.startswith("+wind"):
        if number in RESERVED or number not in reference.INDICATIONS:
            return [(f"WIND {number}", "no source explains this number")]
        return [(f"WIND {number}", reference.INDICATIONS[number].says)]
    if kind == "certificate":
        return [(f"Certificate Error {number}", reference.certificate(number))]
    advice = reference.advice(number) or "no source explains this number"
    return [(f"ERROR {number} {reference.ERRORS.get(number, '')}".rstrip(), advice)]
