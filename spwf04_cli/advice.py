"""What to do about an error, for a person with this command.

The driver's exceptions say it for a program, in Python; and they carry a short name of it,
`remedy`. Here each name has its sentence for the command line. The files of the driver that raise
the exceptions know nothing of it.
"""

from spwf04.errors import LinkLost

from .output import FAILED, NO_MODULE, Failure

# In braces: NAMES, what a command may know of the case
SENTENCES = {
    # Network
    "join": "Join a network first: spwf04 join {ssid}",
    "join_again": "Join again: spwf04 join {ssid}. If it happens often, check the power supply",
    "check_password": "Check the password. If it is right, the access point may filter stations",
    "use_wpa2": "WEP protects nothing: have the access point use WPA2",
    "omit_password": "If that is the network you mean, join it with --open",
    "give_password": "Give its password: spwf04 join {ssid}",
    "check_security": "It may be open, need a password, be for users with a name "
    "(WPA-Enterprise), or use WPA3, which the module does not know: spwf04 scan shows it",
    "press_button": "Press the WPS button of one access point, and try again within two minutes",
    "enter_pin": "Enter the PIN at the access point first, if WPS by PIN is switched on there",
    "check_pin": "Check the PIN: 8 digits, of which the last one is a check digit",
    "check_login": "Check the login, the kind of EAP and the CA with whoever runs the network",
    "smaller_certificate": "Use a smaller certificate: an EC key, and no certificates of CAs with "
    "it",
    "other_chance": "Take random numbers from the board or the PC instead",
    "check_network": "Check the network's name (upper and lower case differ) and the distance. "
    "The module sees 2.4 GHz only. spwf04 scan lists the networks in reach",
    "check_dhcp": "Check the DHCP server of the access point",
    "name_network": "Join a network by its name: spwf04 join {ssid}",
    "factory_settings": "Try again after spwf04 doctor --restart. If it stays so, give the module "
    "its factory settings: AT+S.FCFG, then AT+S.WCFG in spwf04 shell, and restart it",
    "one_at_a_time": "End the module's own network, or leave the other, first",
    "check_dns": "Check the name, and that the network has a DNS server",
    "check_host": "Check host and port, and that no firewall is in between",
    "check_mail": "Check user and password, sender and recipients, and whether the server wants "
    "TLS: port 465",
    "check_tftp": "Check name, host and port, the server's permissions, and that no firewall is "
    "in between",
    # Module and line
    "retry": "Try again in a moment",
    "reset": "Restart the module: spwf04 doctor --restart, or switch it off and on",
    "check_wiring": "Check the wiring (TX to RX), the power and the baud rate (--baud). Without "
    "RTS and CTS, flow control must be off. Nothing may hold the reset pin low",
    "release_reset": "Check power and wiring. A push-pull output at the module's RESET line "
    "blocks its own reset: make it open drain",
    "wake": "The module sleeps: raise its GPIO6, reset it, or wait until its standby is over",
    "wire_wake": "The module sleeps while its GPIO6 is low, and wakes when that rises: wire it to "
    "a pin of the host",
    "check_power": "Check the module's power supply: it may drop while the module writes or sends",
    "check_line": "Use shorter wires, a common ground, RTS and CTS, or behind an MCU a larger "
    "receive buffer",
    "check_arguments": "Check names and values",
    "restore_rate": "Switch the module off and on. spwf04 doctor finds the rate that it has",
    "save_rate": "Save the rate: the module may take it at a restart only",
    "update_firmware": "Update the module's firmware: spwf04 update",
    "wait_for_update": "Leave the module on for ten minutes: it may still write its flash. Then "
    "switch it off and on. Nothing may hold its RESET line high",
    "report": "This is a fault of this program. Please report it, with what --debug shows",
    "deeper_stack": "Set CIRCUITPY_PYSTACK_SIZE in the board's settings.toml to 4096",
    # HTTP
    "check_url": "Check the URL, and what the page says",
    "more_time": "Give it more time. The module may be busy with it for a while",
    # Files and sockets
    "put_files": "Put the files there one by one: spwf04 put FILE 1:/NAME",
    "lock_pages": "Have the program set a Key of its own, or switch the web server off",
    "list_files": "spwf04 ls lists the files on the module",
    "free_room": "Make room on the module: spwf04 rm removes files, spwf04 ca remove CAs. Or take "
    "its flash: 1:/{file}",
    "mount_volume": "Insert an SD card if it is volume 0, and restart the module: spwf04 doctor "
    "--restart. Or take its flash: 1:/{file}",
    "close_sockets": "Close a socket. spwf04 doctor --restart closes all of them",
    "close_server": "Close the program's server before a connection of another context",
    # Pins and scripts
    "other_pin": "Use another pin: the module itself uses this one",
    "script_memory": "Make the script smaller, or the variable python_memsize larger",
    # MQTT and WebSocket
    "close_links": "Close one of the connections of MQTT and WebSocket. spwf04 doctor --restart "
    "closes all",
    "check_broker": "Check the broker's host, port and path for WebSocket, user and password",
    "plain_broker": "Use the broker's port for WebSocket, often 8080 or 9001. A program reaches "
    "the other one with umqtt.simple over sockets",
    "check_topic": "Check the topic, and what the broker lets this user do",
    "check_websocket": "Check host, port and path of the WebSocket server",
    "reconnect": "Connect again",
    "one_context": "Let the tasks of the program share one SSLContext with all CAs",
    # TLS
    "set_clock": "Set the module's clock: spwf04 time --set",
    "set_board_clock": "Set the clock of the board that runs the program",
    "install_ca": "Put the root of the server's chain on the module: spwf04 trust {host}. If you "
    "have it in a file: spwf04 trust --pem FILE",
    "find_ca": "Have the root of its chain found and put on the module: spwf04 trust {host}",
    "pin": "To trust its own certificate, put that on the module: "
    "spwf04 trust --pem FILE --self-signed",
    "check_name": "Use a name that the certificate has, as the host or with --name",
    "ask_owner": "Only the server's owner can mend it",
    "diagnose": "spwf04 check {host} looks at chain, dates and name",
    "compare_fingerprint": "Compare what the server shows with what its owner says",
    "client_certificate": "The server may ask for a client certificate, which a program gives by "
    "SSLContext.load_cert_chain. Or it has no cipher suite in common with the module. spwf04 "
    "check {host} tells more",
    "use_host_tls": "A program on a board that has TLS of its own can connect: "
    "SSLContext uses that then",
    "use_module_tls": 'Have the program use the module\'s TLS: SSLContext(engine="module")',
    "one_ca": "Give the context of the program's server one CA: the module uses one for clients",
    "new_context": "Have the program make a new SSLContext",
}
# What stands for a name that the command does not know
NAMES = {"host": "HOST", "ssid": "SSID", "file": "NAME"}


def sentence(remedy, **names):
    """What to do, for a person; names: those of NAMES that the command knows."""
    return SENTENCES[remedy].format(**{**NAMES, **names})


def told(error, **names):
    """(what failed, what to do about it or "") of an exception of the driver. names: as for
    sentence()."""
    what, hint = error.args[1], error.hint
    if not hint:
        return what, ""
    todo = sentence(error.remedy, **names) if error.remedy in SENTENCES else hint
    return what[: -len(hint) - 2], todo


def failure(error, **names):
    """The output.Failure for an exception of the driver. names: as for sentence()."""
    what, todo = told(error, **names)
    if not isinstance(error, LinkLost):
        return Failure(what, todo, FAILED, error.code)
    todo = f"{todo}. spwf04 doctor tests the line" if todo else "spwf04 doctor tests the line"
    return Failure(what, todo, NO_MODULE)
