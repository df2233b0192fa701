"""What the module's numbers mean for the person in front of it, and what to do.

Imported only while an exception is being made. Numbers without an entry are not explained in
any source we know: saying nothing is better than guessing.
"""


def error(code):
    """What to do about AT-S.ERROR:<code>, or None. [protocol e]"""
    return _ERRORS.get(code)


def certificate(code):
    """What AT-S.Certificate Error:<code> means and what to do about it. [protocol h.2]"""
    return _CERTIFICATE.get(code, _UNDOCUMENTED)


_ERRORS = {
    1: "The module does not know this command; is its firmware older than 1.0.0?",
    4: "This firmware has no such variable",
    18: "The radio is off or still starting; radio.reset() and wait",
    29: "That volume is not mounted (no SD card?)",
    40: "A scan is running already; try again",
    42: "The radio is busy; try again",
    43: "The radio is still starting; try again",
    44: "Not joined to a network: call radio.connect(ssid, password) first",
    51: "No such file, or the module's web server is reading it; try again",
    56: "No such file, or the module's web server is reading it; try again",
    65: "The host name was not found: check the name, and that the network has DNS",
    74: "Nobody answered there in time, or the connection was refused: check host and port",
    75: "Close a socket: the module has eight",
    76: "The module has closed this socket",
    77: "Data are waiting in the socket",
    78: "The connection is closed",
    79: "The connection broke while sending",
    91: "The module is out of memory: close sockets",
    101: "The module could not write its flash; a power supply that drops can cause this",
}

_CERTIFICATE = {
    11: "It could not parse a signature in the server's chain. This firmware cannot take chains "
    "that mix RSA and ECDSA, whatever CA is installed: use a server with one kind",
    22: "The number is undocumented; it was seen with an RSA-4096 certificate in the server's "
    "chain, which this firmware probably cannot take",
    23: "The module has no CA for this server, or cannot read it. Install the root certificate "
    "of the server's chain: radio.certs.install(pem)",
    5: "The number is undocumented; it was seen with a server name that did not fit the "
    "certificate: check server_hostname",
}

_UNDOCUMENTED = (
    "The number is undocumented. Check that the right root CA is installed (radio.certs.list()), "
    "the clock (radio.time()) and the server's name"
)
