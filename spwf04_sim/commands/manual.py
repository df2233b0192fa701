"""HELP: the list of commands, in the form of ST's own table. [c.5]

No source shows a line of it. Here it is the command with its arguments, and what it does.
"""

from .registry import command

# {name: (arguments, what it does)}, in ST's order. Hidden ones are not here
_TABLE = {
    "AT": ("", "Null command, always returns OK"),
    "HELP": ("[=<command>]", "Display AT-Command information [on a specific command]"),
    "RESET": ("", "Provide a software reset"),
    "PMS": ("=<0|1|2|3>", "Enable active/powersave/stop/standby power modes"),
    "STS": ("[=<sts_var>]", "Report [single] status/statistic"),
    "RTOSSTS": ("", "Report operating system statistics"),
    "SSXSTS": ("", "Report network stack statistics"),
    "PYTHON": ("[=<filename>]", "Run a Python script"),
    "GCFG": ("[=<cfg_var>]", "Get [single] configuration"),
    "SCFG": ("=<key>,<value>", "Set a configuration key"),
    "WCFG": ("", "Save configuration to flash"),
    "FCFG": ("", "Restore factory configuration"),
    "TIME": ("[=<time>]", "Get/Set current time in seconds"),
    "RANDOM": ("", "Get a random number"),
    "GPIOC": ("=<num>,<in|out>,<r|f|b>", "Configure a GPIO"),
    "GPIOR": ("=<num>", "Read a GPIO"),
    "GPIOW": ("=<num>,<val>", "Write a GPIO"),
    "DAC": ("=<0|value>", "Set the DAC output in mV"),
    "ADC": ("", "Read an ADC channel"),
    "PWM": ("=<id>,<frequency>,<duty_cycle>", "Set a PWM output"),
    "FSM": ("=<volume>", "Mount a volume"),
    "FSU": ("=<volume>,<erase>", "Unmount a volume"),
    "FSC": ("=<filename>,<datalen><CR><data>", "Create a file/Append to an existing file"),
    "FSD": ("=<filename>", "Delete a file"),
    "FSR": ("=<filename>,<new_filename>", "Rename a file"),
    "FSL": ("[=<filename>]", "List files"),
    "FSP": ("=<filename>,<offset>,<length>", "Print the contents"),
    "HASH": ("=<functions>,<filename>", "Compute Digest"),
    "WPAECERT": ("=<ca|cert|key|auth|content>,<length|option>", "WPA-Enterprise certificates"),
    "TLSCERT": (
        "=<ca|cert|key|auth|content>,<length|option>",
        "Configure/Get/Clean TLS certificates",
    ),
    "WIFI": ("=<0|1>", "Disable/Enable the radio"),
    "SCAN": ("=<d|s|m>,<filename>", "Perform a scan with/out filter on SSID/MAC"),
    "SSIDTXT": ("[=<ssid>]", "Get/Set the SSID"),
    "PEERS": ("[=peer_number[,peer_var]]", "Dump contents of the peer table"),
    "WPS": ("[=<8-digit pin>]", "Start WPS by button [or PIN]"),
    "RENEW": ("", "Renew the DHCP lease"),
    "NTP": ("", "Query the NTP server"),
    "PING": ("=<count>,<size>,<hostname>,<IPv>", "Send ICMP echo requests"),
    "SOCKON": ("=<hostname>,<port>,<local port>,<t|u|s|domain>", "Open a socket"),
    "SOCKQ": ("=<id>", "Query a socket for pending data"),
    "SOCKC": ("=<id>", "Close a socket"),
    "SOCKW": ("=<id>,<len><CR><data>", "Write data to a socket"),
    "SOCKR": ("=<id>,<len>", "Read data from a socket"),
    "SOCKL": ("", "List open sockets"),
    "SOCKDON": ("=<port>,<t|u|s1|s2>", "Open a socket server"),
    "SOCKDQ": ("=<sid>,<cid>", "Query a client for pending data"),
    "SOCKDC": ("=<sid>[,<cid>]", "Close a client [or the server]"),
    "SOCKDW": ("=<sid>,<cid>,<len><CR><data>", "Write data to a client"),
    "SOCKDR": ("=<sid>,<cid>,<len>", "Read data from a client"),
    "SOCKDL": ("[=<sid>]", "List clients of the servers"),
    "SELFTEST": ("=<magic>,<ip>,<port>,<num>,<size>,<t|u>", "Run a self test"),
    "TFTPGET": ("=<hostname>,<port>,<filename>", "Get a file by TFTP"),
    "TFTPPUT": ("=<hostname>,<port>,<filename>", "Put a file by TFTP"),
    "SMTP": (
        "=<hostname>,<port>,<TLS>,<usn>,<pwd>,<heloID>,<address>,<to>,<cc>,<bcc>,<subject>,"
        "<len>,<attachment><CR><data>",
        "Send an e-mail",
    ),
    "HTTPGET": (
        "=<hostname>,<path&queryopts>,<port>,<TLS>,<usn>,<pwd>,<filenameDown>,<filenameUp>",
        "Issue an HTTP GET",
    ),
    "HTTPPOST": (
        "=<hostname>,<path&queryopts>,<port>,<TLS>,<usn>,<pwd>,<filenameDown>,<filenameUp>",
        "Issue an HTTP POST",
    ),
    "FWUPDATE": (
        "=<e|i>,<hostname>,<path&queryopts>,<port>,<TLS>,<usn>,<pwd>",
        "Update the firmware by HTTP",
    ),
    "FSUPDATE": (
        "=<e|i>,<hostname>,<path&queryopts>,<port>,<TLS>,<usn>,<pwd>",
        "Update the file system by HTTP",
    ),
    "INPUTSSI": ("=<len><CR><data>", "Fill buffer for Raw text input SSI"),
    "MQTTCONN": (
        "=<hostname>,<port>,<path>,<TLS>,<usn>,<pwd>,<ClientID>,<KeepAlive>,<Retry>,<LWT_QoS>,"
        "<LWT_Name>,<LWT_Message>",
        "Connect to a broker",
    ),
    "MQTTSUB": ("=<id>,<topic>,<qos>", "Subscribe to a topic"),
    "MQTTPUB": ("=<id>,<topic>,<qos>,<retained>,<len><CR><data>", "Publish to a topic"),
    "MQTTUNSUB": ("=<id>,<topic>", "Unsubscribe from a topic"),
    "MQTTDISC": ("=<id>", "Disconnect from a broker"),
    "WSOCKON": (
        "=<hostname>,<port>,<path>,<TLS>,<usn>,<pwd>,<origin>,<protocols>,<extensions>",
        "Open a WebSocket",
    ),
    "WSOCKQ": ("=<id>", "Query a WebSocket for pending data"),
    "WSOCKC": ("=<id>,<status>", "Close a WebSocket"),
    "WSOCKW": ("=<id>,<last_frame>,<last_frag>,<binary>,<len><CR><data>", "Write to a WebSocket"),
    "WSOCKR": ("=<id>,<len>", "Read from a WebSocket"),
    "WSOCKL": ("", "List open WebSockets"),
    "NVW": ("=<data>", "Write factory data"),
    "MFGTEST": ("=<data>", "Run the factory test"),
}
NAMES = tuple(_TABLE)


@command("HELP", 0, 1)
def help_(module, name):
    name = name.upper().removeprefix("AT+S.")
    if name and (name not in _TABLE or module.lacks(name)):
        return 1  # GUESS
    for known in (name,) if name else _TABLE:
        if not module.lacks(known):
            arguments, does = _TABLE[known]
            if known == "PWM" and not module.is_since("1.1.0"):
                arguments = arguments.replace("<id>,", "")
            full = "AT" if known == "AT" else "AT+S." + known
            module.reply(f"AT-S.Command:{full}{arguments} -- {does}")
    return None
