"""What the module's numbers mean for the person in front of it, and what to do.

Imported only while an exception is being made. Numbers without an entry are not explained in
any source we know: saying nothing is better than guessing.
"""


def error(code):
    """What to do about AT-S.ERROR:<code>, or None. [e]"""
    return _ERRORS.get(code)


_ERRORS = {
    1: "The module does not know this command; is its firmware older than 1.0.0?",
    2: "The driver sent too few arguments: please report it",
    4: "This firmware has no such variable",
    5: "The number is undocumented; it was seen after a malformed SCFG",
    6: "The driver sent too many arguments: please report it",
    7: "The module did not like an argument: check names and values",
    17: "The radio is on already",
    18: "The radio is off or still starting; radio.reset() and wait",
    29: "That volume is not mounted (no SD card?)",
    32: "An argument is longer than the module takes",
    33: "A length of 0, or one that is not a number",
    39: "A WPS PIN has 8 digits",
    40: "A scan is running already; try again",
    41: "The scan failed; try again",
    42: "The radio is busy; try again",
    43: "The radio is still starting; try again",
    44: "Not joined to a network: call radio.connect(ssid, password) first",
    47: "The ADC could not be read",
    50: "The RAM disk is full, or cannot be used: remove files, radio.certs.remove(ski)",
    51: "No such file, or the module's web server is reading it; try again",
    52: "That position is not in the file",
    53: "The file could not be read; try again",
    54: "The file could not be closed: the volume may be full",
    55: "No such file, or one with the new name is there already",
    56: "No such file, or the module's web server is reading it; try again",
    57: "No such folder",
    58: "The folder could not be read; radio.reset() helps if it stays so",
    59: "The volume is in use",
    60: "The module has no address yet: wait for radio.isconnected()",
    61: "DHCP did not renew the address: radio.connect() again",
    62: "DHCP did not renew the address: radio.connect() again",
    63: "A name is being looked up already; try again",
    64: "The name could not be looked up: check that the network has DNS, radio.ifconfig()",
    65: "The host name was not found: check the name, and that the network has DNS",
    66: "The time could not be had by NTP: is there internet access? Or radio.set_time(seconds)",
    72: "The socket is closed",
    73: "That port is in use by another socket of the module",
    74: "Nobody answered there in time, or the connection was refused: check host and port",
    75: "Close a socket: the module has eight",
    76: "The module has closed this socket",
    77: "Data are waiting in the socket",
    78: "The connection is closed",
    79: "The connection broke while sending",
    80: "The module's HTTP client is not open; this driver does not use it",
    81: "The module's HTTP client is busy; this driver does not use it",
    82: "The module's HTTP client did not end; this driver does not use it",
    91: "The module is out of memory: close sockets",
    99: "The scan was called off, by radio.connect() perhaps; try again",
    100: "The module could not read its flash: look at the power supply",
    101: "The module could not write its flash; a power supply that drops can cause this",
    110: "A self-test of the module failed",
    111: "The request failed; the lines before it say why (Certificate Error, Http Client Error "
    "1: connection refused, 2: TLS)",
}
# 19 to 28 belong to commands that this driver does not send
for _n in range(19, 29):
    _ERRORS[_n] = "The GPIO cannot be used like that; see the module's manual"
