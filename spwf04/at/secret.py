"""What may be shown of a line between host and module: the one table of secrets.

The driver's trace, the simulated module's log and the command line ask here. A secret is known by
the place of the argument in its command, never by what it looks like. All that follows the first
secret is hidden too, because a comma in a password moves the places. If a command is not known, or
its arguments do not fit it, bytes of it were lost: all its arguments are hidden.

It imports nothing, and is imported only where lines are shown.
"""

# A letter for each argument. n: a number. h: a host. t: text. v: a variable's name. x: its value.
# p: path and query of a URL, where tokens may be. s: a secret. [c, i, j, j.2]
_FORMS = {
    b"HELP": b"t",
    b"RESET": b"",
    b"PMS": b"n",
    b"STS": b"v",
    b"RTOSSTS": b"",
    b"SSXSTS": b"",
    b"PYTHON": b"t",
    b"GCFG": b"v",
    b"SCFG": b"vx",
    b"WCFG": b"",
    b"FCFG": b"",
    b"NVW": b"s",
    b"MFGTEST": b"s",
    b"SELFTEST": b"shnnnt",
    b"TIME": b"n",
    b"RANDOM": b"",
    b"GPIOC": b"ntt",
    b"GPIOR": b"n",
    b"GPIOW": b"nn",
    b"DAC": b"n",
    b"ADC": b"n",
    b"PWM": b"nnn",
    b"WIFI": b"n",
    b"SCAN": b"tt",
    b"SSIDTXT": b"t",
    b"PEERS": b"nt",
    b"WPS": b"s",
    b"RENEW": b"",
    b"NTP": b"",
    b"PING": b"nnhn",
    b"WPAECERT": b"tn",
    b"FSM": b"t",
    b"FSU": b"tn",
    b"FSC": b"tn",
    b"FSD": b"t",
    b"FSR": b"tt",
    b"FSL": b"t",
    b"FSP": b"tnn",
    b"HASH": b"nt",
    b"SOCKON": b"hnnh",
    b"SOCKQ": b"n",
    b"SOCKC": b"n",
    b"SOCKW": b"nn",
    b"SOCKR": b"nn",
    b"SOCKL": b"",
    b"SOCKDON": b"nt",
    b"SOCKDQ": b"nn",
    b"SOCKDC": b"nn",
    b"SOCKDW": b"nnn",
    b"SOCKDR": b"nnn",
    b"SOCKDL": b"n",
    b"TLSCERT": b"tn",
    b"TFTPGET": b"hntt",
    b"TFTPPUT": b"hntt",
    b"SMTP": b"hnnsstttttttn",
    b"HTTPGET": b"hpnnsstt",
    b"HTTPPOST": b"hpnnsstt",
    b"FWUPDATE": b"hhpnnss",
    b"FSUPDATE": b"hhpnnss",
    b"INPUTSSI": b"n",
    b"MQTTCONN": b"hnpnsstnnnts",
    b"MQTTSUB": b"ntn",
    b"MQTTPUB": b"ntnnn",
    b"MQTTUNSUB": b"nt",
    b"MQTTDISC": b"n",
    b"WSOCKON": b"hnpnssttt",
    b"WSOCKQ": b"n",
    b"WSOCKC": b"nn",
    b"WSOCKW": b"nnnnn",
    b"WSOCKR": b"nn",
    b"WSOCKL": b"",
}

# Variables whose value is secret. user_desc is the password of the web pages. [f.3]
_SECRET = (
    b"wifi_wpa_psk_text",
    b"wifi_wpa_psk_raw",
    b"wifi_wep_keys[",
    b"wifi_eap_passwd",
    b"wifi_wps_pin",
    b"aes128_key",
    b"user_desc",
)
# Variables whose value may be shown; all other values are hidden. "ip_" and its like stand for all
# names that begin so, but for those with one of _WORDS in them. The last three are the SPWF01's.
_OPEN = (
    b" nv_ standby_ sleep_ python_ console_ ip_ system_ etf_mode blink_led ext_volume"
    b" ramdisk_memsize wifi_tx_msdu_lifetime wifi_rx_msdu_lifetime wifi_operational_mode"
    b" wifi_beacon_wakeup wifi_beacon_interval wifi_listen_interval wifi_rts_threshold wifi_ssid"
    b" wifi_ssid_len wifi_txfail_thresh wifi_region wifi_ht_mode wifi_channelnum"
    b" wifi_opr_rate_mask wifi_bas_rate_mask wifi_mode wifi_auth_type wifi_atim_window"
    b" wifi_powersave wifi_tx_power wifi_rssi_thresh wifi_rssi_hyst wifi_ap_idle_timeout"
    b" wifi_beacon_loss_thresh wifi_priv_mode wifi_wep_key_lens wifi_wep_default_key"
    b" wifi_eap_identity wifi_eap_anon_identity wifi_eap_peap_options wifi_eap_type"
    b" wifi_eap_skip_datechecks wifi_wps_walk_time ip_mdns_services_keys"
    b" build fw_version boot_version var_version free_heap min_heap reset_reason startup"
    b" random_number gpio_enable user_fs extvol_fs ram_fs wifi_state wifi_own_macaddr wifi_bssid"
    b" wifi_aid wifi_sup_rate_mask wifi_chan_activity wifi_max_tx_power wifi_gf_mode"
    b" wifi_reg_country wifi_dtim_period wifi_num_assoc localecho1 console1_ wind_off_ "
)
_WORDS = (b"psk", b"key", b"pass", b"pwd", b"pin", b"secret")
# Fields of the module's web page; WIND 64 tells of each one that is set [d]
_FIELDS = b" Ssid Ip Netmask Gateway Dns1 Dns2 Dhcp IbssAuth Auth Mode Reboot WpaeType "

_STARTS = (b"AT+S.", b"AT-S.", b"+WIND:")
_SEPARATORS = b",|;~^!\t"  # of arguments: see comma.py
_CONFIGURATION = b"configuration:"  # of WIND 64
_BARE = (b"OK", b"ERROR", b"Skip CA")  # replies without a colon
_BLANKS = b"\0\r\n \t"
# Parts of the names of files that may be certificates and keys
_FILES = (b".key", b".pem", b".der", b".ca", b".cer", b".crt", b".p12", b".pfx", b".p8", b".jwk")
_FILES += (b"key", b"secret", b"passw")


def masked(line, delimiter=44):
    """Return a line (bytes) as str, without its secrets; bytes that are not ASCII as \\x codes."""
    size = shown(line, delimiter)
    text = ""
    for c in memoryview(line)[:size]:
        text += chr(c) if 32 <= c < 127 and c != 92 else "\\x%02x" % c
    return text + "********" if size < len(line) else text


def shown(line, delimiter=44, paths=False):
    """Return how many bytes of a line (bytes), from its beginning on, may be shown.

    line: a command, its echo, or a line of the module. delimiter: the byte that separates
    arguments. paths: True: of a URL only the query is secret; False: its path is, too.
    """
    low = line.lower()
    at = _next(low, 0)
    if at < 0:
        return _plain(line)
    if line[:at].strip(_BLANKS):
        size = _other(line, at)
        if size < at:
            return size
    limit = low.find(_CONFIGURATION)
    while at < len(line):
        end = _next(low, at + 5)  # the line end before it may have been lost
        end = len(line) if end < 0 else end
        size = at + _part(line[at:end], delimiter, paths)
        if at < limit < size and line[at] != 43:  # of a +WIND: whose beginning was lost
            return limit + len(_CONFIGURATION)
        if size < end:
            return size
        at = end
    return at


def open_variable(name):
    """True if the value of a variable (bytes) may be shown."""
    name = name.lower()
    if _listed(name, _OPEN):
        return True
    for at in range(len(name)):
        if name[at] == 95 and _listed(name[: at + 1], _OPEN):
            for word in _WORDS:
                if word in name:
                    return False
            return True
    return name[:1].isdigit() and b"." in name[:3]  # of a station: 0.rx_rssi


def secret_variable(name):
    """True if a variable (bytes) is known to be secret, or named like a password or key."""
    name = name.lower()
    for known in _SECRET:
        if name.startswith(known):
            return True
    if _listed(name, _OPEN):
        return False
    for word in _WORDS:
        if word in name:
            return True
    return False


def places(name):
    """Return the indexes of the secret arguments of a command (its name as bytes)."""
    form = _FORMS.get(name.upper(), b"")
    return tuple([n for n in range(len(form)) if form[n] == 115])


def payload(line, named=False):
    """True if the payload of a command (bytes) is never shown: a certificate, a key, a file, or a
    mail.

    named: True: of files only those whose name is that of a certificate or a key.
    """
    name, _, rest = line[5:].partition(b"=")
    name = name.upper()
    if name in (b"TLSCERT", b"WPAECERT", b"SMTP"):
        return True
    if name not in (b"FSC", b"FSP"):
        return False
    if not named:
        return True
    rest = rest.lower()
    for part in _FILES:
        if part in rest:
            return True
    return False


def _listed(word, words):
    return bool(word) and b" " + word + b" " in words


def _next(low, start):
    """Where the next command or line of the module begins; -1: nowhere."""
    found = -1
    for word in _STARTS:
        at = low.find(word.lower(), start)
        if at >= 0 and (found < 0 or at < found):
            found = at
    return found


def _part(line, delimiter, paths):
    """As shown(), for one command or line of the module that begins like one of _STARTS."""
    if line[:1] == b"+":
        return _indication(line)
    if line[2:3] == b"-":
        return _reply(line)
    at = 5
    while at < len(line) and line[at : at + 1].isalpha():
        at += 1
    name = line[5:at].upper()
    if not line[at:].strip(_BLANKS):
        return len(line) if name in _FORMS else 5
    if line[at] != 61:  # "="
        if name not in _FORMS:
            return 5
        # What follows may be the rest of its arguments
        return _begun(line, at + 1) if line[at] in _SEPARATORS else 5
    at += 1
    if name not in _FORMS:
        return _rest(line, _begun(line, at)) if at < 17 else 5
    form = _FORMS[name]
    if form[:1] == b"v":
        return _variable(line, at, form == b"vx", delimiter)
    arguments = line[at:].split(bytes((delimiter,)))
    if b"p" in form and len(arguments) != len(form):
        return at  # which argument is which is not certain
    end = at
    path = -1  # where it begins
    for n in range(len(arguments)):
        kind = form[n : n + 1]
        value = arguments[n]
        if not kind or not _fits(value, kind):
            return at if path < 0 else path
        if kind == b"p":
            path = end
            query = value.find(b"?")
            if not paths or query >= 0:
                return end + query + 1 if paths else end
        elif kind == b"s" and (value or b"p" not in form):
            return end
        end += len(value) + 1
    return len(line)


def _rest(line, at):
    """A number of up to three digits is no secret."""
    value = line[at:]
    return len(line) if value.isdigit() and len(value) < 4 else at


def _fits(value, kind):
    if kind == b"n":
        return value in (b"", b"NULL") or (value.isdigit() and len(value) < 11)
    if kind == b"h":
        for c in value:
            if not (c > 127 or bytes((c,)).isalpha() or c in b"0123456789.-_[]"):
                return False
    return kind in (b"s", b"p") or b"=" not in value


def _variable(line, at, has_value, delimiter):
    """As shown(), for a command that names a variable; the delimiter follows the name."""
    end = _word(line, at)
    name = line[at:end]
    if end == len(line) and not has_value:
        size = _begun(line, at)
        if size == at and secret_variable(name):
            return at  # its first bytes are damaged, and its value may follow without a delimiter
        return end if size == at or open_variable(name) else size
    if not has_value or not open_variable(name):
        return _begun(line, at)
    if end == len(line):
        return end
    value = line[end + 1 :]
    if line[end] != delimiter and line[end] not in _SEPARATORS:
        return end
    return end + 1 if b"=" in value or line[end] in value else len(line)


def _word(line, at):
    """Return where the name of a variable ends that begins at `at`."""
    while at < len(line) and (line[at : at + 1].isalpha() or line[at] in b"0123456789_.[]"):
        at += 1
    return at


def _begun(line, at):
    """Return how much may be shown of a name at `at`, if it may be a secret variable's."""
    end = _word(line, at)
    name = line[at:end].lower()
    most = 0
    for known in _SECRET:
        n = 0
        while n < len(known) and known[n : n + 1] == name[n : n + 1]:
            n += 1
        if n == len(known) and n < len(name) and known[-1] == 91:  # wifi_wep_keys[
            n += 2 if name[n + 1 : n + 2] == b"]" else 0
        most = n if n > most else most
    if most < 4:
        return at
    if most == len(name) and end < len(line) and line[end] in b"=" + _SEPARATORS:
        most += 1
    return at + most


def _reply(line):
    """As shown(), for a reply: AT-S.Var:<name>=<value>, and all others."""
    at = line.find(b"=")
    if at < 0:
        if line[5:9].lower() == b"var:":
            return _begun(line, 9)
        size = _named(line, 5)
        if size < len(line):
            return size
        return len(line) if b":" in line or line[5:] in _BARE else 5
    name = line[line.rfind(b":", 0, at) + 1 : at]
    if line[5:9].lower() == b"var:" and open_variable(name):
        return at + 1 if line.find(b"=", at + 1) > 0 else len(line)
    return _begun(line, at - len(name))


def _indication(line):
    """As shown(), for an indication: +WIND:64:Remote configuration:<name>:<value>, and all
    others."""
    number = line[6:].split(b":")[0]
    at = line.find(_CONFIGURATION)
    if not number.isdigit():
        return 6
    if at < 0:
        at = 7 + len(number)
        text = line[at:].split(b":")[0]
        if number == b"64" or text[:7] == b"Remote " or text[-7:] == b"uration":
            return at  # a byte of the number or of "Remote configuration" is damaged
        return _glued(line, 6)
    at += len(_CONFIGURATION)
    end = line.find(b":", at)
    name = line[at:end].strip()
    if end < 0 or _word(name, 0) < len(name):
        return at
    if _listed(name, _FIELDS) or (name[:5] == b"Scfg_" and open_variable(name[5:])):
        return _glued(line, at)
    return end + 1


def _glued(line, at):
    """As shown(), for a text from byte `at` on behind which the rest of another line may stand
    that has a secret: CFG=…, Var:wifi_wpa_psk_text=…"""
    found = line.find(_CONFIGURATION, at)
    if found >= 0:
        return found + len(_CONFIGURATION)
    size = _named(line, at)
    if size < len(line):
        return size
    at = line.find(b"=", at)
    while at > 0:
        colon = line.rfind(b":", 0, at) + 1
        if _begun(line, colon) > colon:
            return at + 1
        end = line[max(0, at - 3) : at].upper()
        for name in _FORMS:
            if name.endswith(end) and (b"s" in _FORMS[name] or b"x" in _FORMS[name]):
                return at + 1
        at = line.find(b"=", at + 1)
    return len(line)


def _named(line, at):
    """Return how much may be shown of a line: less than all if a secret variable's name follows
    one of its colons."""
    while True:
        at = line.find(b":", at) + 1
        if at == 0:
            return len(line)
        size = _begun(line, at)
        if size - at > 7:
            return size


def _plain(line):
    """As shown(), for a line that begins like none of _STARTS: AT, AT&V, a line of a list of
    networks, or a damaged one."""
    word = line.strip(_BLANKS).upper()
    if word in (b"AT", b"AT&V", b"AT&W", b"AT&F"):
        return len(line)
    at = line.find(b":")
    if 0 < at < 4 and line[:at].isdigit() and line[at + 1 : at + 6].strip() == b"BSS":
        return _glued(line, 0)
    return _other(line, len(line))


def _other(line, end):
    """As shown(), for line[:end], which begins like nothing known. Noise is shown, and the
    beginning of a module's line of which one byte was damaged."""
    if not (_almost(line, b"AT-S.") or _almost(line, b"+WIND:")):
        at = 0
        while at < end and not line[at : at + 1].isalpha() and not line[at : at + 1].isdigit():
            at += 1
        return at
    at = line.find(b":", 0, end)
    if at < 0 or at > 8:
        return min(end, 8)
    while at < end and not line[at : at + 1].isalpha():
        at += 1
    return at


def _almost(line, word):
    """True if a line begins with a word of which one byte was lost, doubled or changed."""
    size = len(word)
    for at in range(size):
        last = word[at + 1 :]
        start = word[:at]
        if line[:at] == start and last in (
            line[at : size - 1],
            line[at + 1 : size],
            line[at + 2 : size + 1],
        ):
            return b"-" in line[:5] or b"I" in line[:5]
    return False
