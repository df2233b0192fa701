"""What the module's error numbers mean, and what to do about them.

Imported only while an exception is being made. A number that no source explains has no entry:
saying nothing is better than guessing.
"""


def explain(code):
    """Return (meaning, hint, remedy) of AT-S.ERROR:<code>; None for each that is not known. [e]

    meaning: a fact, to be put into a sentence. hint, remedy: as in errors.SPWF04Error.
    """
    meaning, advice = _ERRORS.get(code, (None, _NONE))
    return meaning, advice[0], advice[1]


# (hint, remedy) that several numbers share
_NONE = (None, None)
_RETRY = ("Try again in a moment", "retry")
_JOIN = ("Join again: radio.connect()", "join")
_REPORT = ("This is a fault of the driver: please report it", "report")
_ARGUMENTS = ("Check names and values", "check_arguments")
_PIN = ("Use another pin", "other_pin")
_FILES = ("radio.files.list() tells which files there are", "list_files")

_ERRORS = {
    1: (
        "the firmware does not know this command",
        (
            "It may be older than 1.1.0, the last one: see radio.firmware, and update it with "
            "radio.fetch_update()",
            "update_firmware",
        ),
    ),
    2: ("an argument is missing", _REPORT),
    4: (
        "the firmware has no such variable",
        ("Check the variable's name; firmware before 1.1.0 has fewer", "check_arguments"),
    ),
    5: ("not documented; it was seen after a malformed SCFG", _ARGUMENTS),
    6: ("there are too many arguments", _REPORT),
    7: ("the module does not take an argument", _ARGUMENTS),
    17: ("the radio is on already", _NONE),
    18: ("the radio is off, or still starting", ("Restart the module: radio.reset()", "reset")),
    19: (
        "the pin is not an output",
        ("Make it one: Pin(radio, n, Pin.OUT)", "check_arguments"),
    ),
    20: (
        "the module has no such pin",
        ("Pins are 0 to 18, with firmware 1.1.0 also 19 and 20", "check_arguments"),
    ),
    21: (
        "pin 6 wakes the module while sleep_enabled is 1",
        ('radio.power_save("off") sets it to 0', "check_arguments"),
    ),
    22: ("the module keeps pin 7 for WPS", _PIN),
    23: (
        "pin 10 is the LED while blink_led is 1",
        ('Call radio.set("blink_led", 0) first', "check_arguments"),
    ),
    24: ("pin 3 belongs to the SPI console", _PIN),
    25: (
        "the DAC cannot put out that voltage",
        ("It takes 0 to 3300 mV", "check_arguments"),
    ),
    26: ("the PWM does not have that frequency", ("Try another one", "check_arguments")),
    27: ("the PWM does not have that duty", ("It takes 0 to 100 %", "check_arguments")),
    28: ("the PWM does not run", _NONE),
    29: (
        "that volume is not mounted",
        (
            "Insert an SD card if it is volume 0, and call radio.mount(). Or name another volume",
            "mount_volume",
        ),
    ),
    32: ("an argument is longer than the module takes", _ARGUMENTS),
    33: ("a length is 0, or is not a number", _ARGUMENTS),
    39: ("a WPS PIN has 8 digits", ("Check the PIN", "check_arguments")),
    40: ("a scan is running already", _RETRY),
    41: ("the scan failed", _RETRY),
    42: ("the radio is busy", _RETRY),
    43: ("the radio is still starting", _RETRY),
    44: (
        "not joined to a network",
        ("Call radio.connect(ssid, password) first", "join"),
    ),
    47: (
        "the ADC could not be read",
        ("The voltage must be 0 to 3.3 V", "check_arguments"),
    ),
    50: (
        "the RAM disk is full, or cannot be used",
        ("Remove files, or CAs with radio.certs.remove(ski)", "free_room"),
    ),
    51: ("no such file, or the module's web server is reading it", _FILES),
    52: ("that position is not in the file", _FILES),
    53: ("the file could not be read", _RETRY),
    54: (
        "the file could not be closed, the volume may be full",
        ("Remove files, or CAs with radio.certs.remove(ski)", "free_room"),
    ),
    55: ("no such file, or the new name is taken", _FILES),
    56: ("no such file, or the module's web server is reading it", _FILES),
    57: ("no such folder", _FILES),
    58: (
        "the folder could not be read",
        ("If it stays so, restart the module: radio.reset()", "reset"),
    ),
    59: ("the volume is in use", _RETRY),
    60: (
        "the module has no address yet",
        ("Try again once radio.isconnected() is True", "retry"),
    ),
    61: ("DHCP did not renew the address", _JOIN),
    62: ("DHCP did not renew the address", _JOIN),
    63: ("another name is being looked up", _RETRY),
    64: (
        "the name could not be looked up",
        ("Check that the network has a DNS server: radio.ifconfig()", "check_dns"),
    ),
    65: (
        "the host name was not found",
        ("Check the name, and that the network has a DNS server", "check_dns"),
    ),
    66: (
        "no NTP server gave the time",
        ("Check the way to the internet, or call radio.set_time(seconds)", "set_clock"),
    ),
    72: ("the socket is closed", _NONE),
    73: (
        "another socket of the module uses that port",
        ("Close that socket, or take another port", "close_sockets"),
    ),
    74: (
        "nobody answered there in time, or the connection was refused",
        ("Check host and port, and for a firewall in between", "check_host"),
    ),
    75: (
        "all eight sockets of the module are in use",
        ("Close a socket", "close_sockets"),
    ),
    76: ("the module has closed this socket", _NONE),
    77: ("data are waiting in the socket", _NONE),
    78: ("the connection is closed", _NONE),
    79: ("the connection broke while sending", _NONE),
    80: ("the module's HTTP client is not open", _NONE),
    81: ("the module's HTTP client is busy", _RETRY),
    82: ("the module's HTTP client did not end", _NONE),
    91: ("the module is out of memory", ("Close sockets", "close_sockets")),
    99: ("the scan was called off, as by a join", _RETRY),
    100: ("the module could not read its flash", ("Check its power supply", "check_power")),
    101: (
        "the module could not write its flash",
        ("Check its power supply: it may drop while the module writes", "check_power"),
    ),
    110: ("a self-test of the module failed", _NONE),
    111: (
        "the request failed; a line before it says why, Http Client Error 1: connection refused, "
        "2: TLS",
        ("Check host and port, and for a firewall in between", "check_host"),
    ),
}
