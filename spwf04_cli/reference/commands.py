"""The AT commands: what they do, and their arguments. [c]"""

from typing import NamedTuple, Optional

from spwf04.at import secret
from spwf04_sim.logs import forms
from spwf04_sim.logs.forms import BODIES, DATA


class Command(NamedTuple):
    """A command.

    arguments: their names, "[…]" if optional. does: what it does. data: index of the argument that
    is the length of a payload behind the CR. secret: indexes of arguments that are never shown, as
    spwf04.at.secret has them. body: the reply holds lines of any form, or raw data of unknown
    length.
    """

    arguments: str
    does: str
    data: Optional[int] = None
    secret: tuple = ()
    body: bool = False

    @property
    def names(self):
        """List the names of the arguments."""
        return [name.strip("[]") for name in self.arguments.split(",")] if self.arguments else []


COMMANDS = {
    # Utility [c.1]
    "AT": Command("", "does nothing; the module answers OK"),
    "HELP": Command("[command]", "lists the commands"),
    "RESET": Command("", "restarts the module"),
    "PMS": Command("mode", "sets the power mode"),
    "STS": Command("[variable]", "asks for the status"),
    "RTOSSTS": Command("", "asks for the state of its operating system"),
    "SSXSTS": Command("", "asks for internal statistics"),
    "PYTHON": Command("[file]", "runs a MicroPython script on the module"),
    "GCFG": Command("[variable]", "asks for the configuration"),
    "SCFG": Command("variable,value", "sets a variable, until the next start"),
    "WCFG": Command("", "saves the configuration to flash"),
    "FCFG": Command("", "restores the configuration of the factory, echo on"),
    "NVW": Command("data", "writes factory data"),
    "MFGTEST": Command("[data]", "runs a factory test"),
    "SELFTEST": Command(
        "magic,IP,port,count,size,kind", "runs a self-test: sends packets to a server"
    ),
    "TIME": Command("[seconds]", "asks for the clock"),
    "RANDOM": Command("", "asks for a random number"),
    # Pins [c.2]
    "GPIOC": Command("pin,direction,[interrupt]", "sets up a pin"),
    "GPIOR": Command("pin", "reads a pin"),
    "GPIOW": Command("pin,value", "sets a pin"),
    "DAC": Command("mV", "sets the analogue output, on GPIO15; 0: off"),
    "ADC": Command("[channel]", "reads an analogue input"),
    # Firmware 1.0.0 has no id
    "PWM": Command("id,frequency,duty cycle", "sets a PWM output; frequency 0: off"),
    # Wi-Fi [c.3]
    "WIFI": Command("on", "switches the radio on (1) or off (0)"),
    "SCAN": Command("[filter],[file]", "scans for networks"),
    "SSIDTXT": Command("[name]", "sets the network's name"),
    "PEERS": Command("[number],[variable]", "asks about the stations it is connected with"),
    "WPS": Command("[PIN]", "joins by WPS, by push button or PIN"),
    "RENEW": Command("", "renews its address by DHCP"),
    "NTP": Command("", "sets the clock by NTP"),
    "PING": Command("count,size,host,[IP version]", "pings a host"),
    "WPAECERT": Command("what,length or option", "certificates for WPA-Enterprise"),
    # Files [i]
    "FSM": Command("volume", "mounts a volume"),
    "FSU": Command("volume,[erase]", "unmounts a volume; erase 1 wipes it"),
    "FSC": Command("file,length", "creates a file, or appends to one that is there"),
    "FSD": Command("file", "deletes a file"),
    "FSR": Command("old name,new name", "renames a file"),
    "FSL": Command("[name]", "lists the files"),
    "FSP": Command("file,[offset],[length]", "prints a file"),
    "HASH": Command("function,file", "computes a digest of a file"),
    # Client sockets [g]
    "SOCKON": Command("host,port,[local port],[kind]", "opens a socket"),
    "SOCKQ": Command("socket", "asks how many bytes wait in a socket"),
    "SOCKC": Command("socket", "closes a socket"),
    "SOCKW": Command("socket,length", "sends data"),
    "SOCKR": Command("socket,[length]", "reads data; no length, or 0: all"),
    "SOCKL": Command("", "lists the open sockets"),
    # Server sockets [g.6]
    "SOCKDON": Command("port,kind", "listens on a port"),
    "SOCKDQ": Command("server,client", "asks how many bytes wait for a server"),
    "SOCKDC": Command("server,[client]", "disconnects a client; without one, ends the server"),
    "SOCKDW": Command("server,client,length", "sends data to a client"),
    "SOCKDR": Command("server,client,[length]", "reads what a client sent"),
    "SOCKDL": Command("[server]", "lists the clients of the servers"),
    # TLS [h]
    "TLSCERT": Command("what,length or option", "certificates in its flash slot"),
    # Applications [j]
    "TFTPGET": Command("host,[port],file,[own name]", "fetches a file by TFTP"),
    "TFTPPUT": Command("host,[port],file,[unused]", "sends a file by TFTP"),
    "SMTP": Command(
        "host,port,TLS,user,password,helo,from,to,cc,bcc,subject,attachment,length",
        "sends an e-mail",
    ),
    "HTTPGET": Command(
        "host,path,port,TLS,user,password,answer file,body file",
        "asks a web server",
    ),
    "HTTPPOST": Command(
        "host,path,port,TLS,user,password,answer file,body file",
        "posts to a web server",
    ),
    "FWUPDATE": Command(
        "e|i,host,path,port,TLS,user,password",
        "fetches new firmware; it is applied at the next reset",
    ),
    "FSUPDATE": Command(
        "e|i,host,path,port,TLS,user,password",
        "fetches an image of the file system, which takes the place of all files there",
    ),
    "INPUTSSI": Command("length", "text for the module's own web pages"),
    "MQTTCONN": Command(
        "host,port,path,TLS,user,password,client,keep-alive,retry,will QoS,will topic,will",
        "connects to an MQTT broker",
    ),
    "MQTTSUB": Command("connection,topic,[QoS]", "subscribes to a topic"),
    "MQTTPUB": Command("connection,topic,[QoS],[retained],length", "publishes"),
    "MQTTUNSUB": Command("connection,topic", "ends a subscription"),
    "MQTTDISC": Command("connection", "disconnects from the broker"),
    "WSOCKON": Command(
        "host,port,path,TLS,user,password,origin,protocols,extensions",
        "opens a WebSocket",
    ),
    "WSOCKQ": Command("socket", "asks how many bytes wait in a WebSocket"),
    "WSOCKC": Command("socket,[status]", "closes a WebSocket"),
    "WSOCKW": Command("socket,last frame,last fragment,binary,length", "sends data"),
    "WSOCKR": Command("socket,[length]", "reads data of a WebSocket"),
    "WSOCKL": Command("", "lists the WebSockets"),
}
COMMANDS = {
    name: command._replace(
        secret=secret.places(name.encode()), data=DATA.get(name), body=name in BODIES
    )
    for name, command in COMMANDS.items()
}
_TLS = {"0": "plain", "2": "TLS"}
_DISKS = {"e": "external memory", "i": "its own flash"}

# What may stand in an argument: (command, index of the argument) -> {value: meaning}
CHOICES = {
    ("WIFI", 0): {"0": "off", "1": "on"},
    ("PMS", 0): {"0": "active", "1": "power save", "2": "sleep", "3": "standby"},
    ("SCAN", 0): {"s": "each name once", "m": "each MAC once", "d": "all"},
    ("GPIOC", 1): {"in": "an input", "out": "an output"},
    ("GPIOC", 2): {"0": "none", "r": "rising edges", "f": "falling edges", "b": "both edges"},
    ("HASH", 0): {"0": "SHA-1", "1": "SHA-224", "2": "SHA-256", "3": "MD5"},
    ("SOCKON", 3): {"t": "TCP", "u": "UDP", "s": "TLS, the server's name is not checked"},
    ("SOCKDON", 1): {"t": "TCP", "u": "UDP", "s1": "TLS", "s2": "mutual TLS"},
    ("TLSCERT", 0): {
        "ca": "a CA",
        "cert": "its own certificate",
        "key": "its private key",
        "auth": "key identifier of the CA",
        "content": "with 1: lists, with 2: empties",
    },
    ("HTTPGET", 3): _TLS,
    ("HTTPPOST", 3): _TLS,
    ("MQTTCONN", 3): _TLS,
    ("WSOCKON", 3): _TLS,
    ("SMTP", 2): _TLS,
    ("FWUPDATE", 0): _DISKS,
    ("FSUPDATE", 0): _DISKS,
    ("FSU", 1): {"0": "keeps its files", "1": "erases its files"},
}


class Line(NamedTuple):
    """A command line in parts. name: in upper case, "" if there is none. command: a Command, None
    if it is not known. arguments: list of str. data: length of the payload behind the CR, None if
    there is none."""

    name: str
    command: Optional[Command]
    arguments: list
    data: Optional[int]

    def argument(self, n):
        """The nth argument, "" if it is missing."""
        return self.arguments[n] if n < len(self.arguments) else ""


def parse(text, delimiter=","):
    """The Line of a command line (str, without its CR), or None if the text is none.

    delimiter: the character of console_delimiter at that time.
    """
    form = forms.parse(text, delimiter)
    if form is None:
        return None
    return Line(form.name, COMMANDS.get(form.name), form.arguments, form.data)
