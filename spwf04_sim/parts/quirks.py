"""What public sources leave open about the module, a field for each point.

The first choice of a field is the likeliest reading, and the default. A comment in brackets names
the place in docs/protocol.md that leaves the point open.
"""

import difflib
import json
import pathlib
import random
from dataclasses import dataclass, field, fields, replace


def _open(point, *choices, alone=True):
    metadata = {"choices": choices, "point": point, "alone": alone}
    return field(default=choices[0], metadata=metadata)


@dataclass(frozen=True)
class Quirks:
    """A reading of all open points. Quirks(ok_suffix=":heap") changes one of them."""

    # Lines and replies
    reset_ok: bool = _open("an OK before the boot text of AT+S.RESET", False, True)  # [b.3, l.1]
    reset_wind2: bool = _open("WIND 2 on a software reset", False, True)  # [b.2, l.19]
    ok_suffix: str = _open("what follows AT-S.OK", "", ":", ":heap", ":heap:state")  # [a.3, l.3]
    error_text: str = _open("how much AT-S.ERROR shows", "full", "empty", "number")  # [a.3, T1]
    speed_applies: str = _open("when console_speed takes effect", "restart", "at once")  # [b.4]
    empty_line: str = _open("answer to a lone CR", "silent", "ok", "error")  # [g.4]
    winds: str = _open("indications during a command", "free", "held", "everywhere")  # [a.4, l.18]
    nul_bytes: bool = _open("NULs at line starts", False, True)  # [a.6]
    boot_order: str = _open("WIND 0 before WIND 3, or after", "0,3", "3,0")  # [b.2]
    factory_wind73: bool = _open("WIND 73 after WIND 65", False, True)  # [b.2]
    wifi_state_saved: bool = _open("WCFG saves WIFI=0 or 1 as wanted", True, False)  # [b.2, l.23]
    wind24_v6: bool = _open("a second WIND 24 with the IPv6 address", True, False)  # [d]
    wind46_colon: bool = _open("a trailing colon in WIND 46", False, True)  # [l.19]
    refused_payload: str = _open("data of a refused SOCKW", "console", "swallowed")  # [g.4, l.6]

    # Variables, time
    delimiter_format: str = _open("how console_delimiter is shown", "0x2C", ",")  # [f.1]
    gcfg_psk: str = _open("whether GCFG shows the passphrase", "masked", "shown")  # [f.1]
    sts_down_ip: str = _open("STS=ip_ipaddr while not joined", "0.0.0.0", "")  # [f.2]
    date_separator: str = _open("what is between the numbers of TIME", ".", "-", "/")  # [l.12]
    date_weekday: bool = _open("a weekday after the date", True, False)  # [c.1]
    ntp_command: bool = _open("AT+S.NTP exists", True, False)  # [c.3]
    boot_clock: int = _open("clock at power-on", 946684800, 0, 1510876800)  # [c.1]
    scan_first_index: int = _open("index of the first network of SCAN", 1, 0)  # [c.3.1]

    # Sockets
    reading_second: str = _open("second number of a read", "pending", "left", "same")  # [g.3, l.4]
    sockr_beyond: str = _open("SOCKR for more than there is", "clamp", "error")  # [g.3, l.5]
    sockr_empty: str = _open("SOCKR when nothing is there", "zero", "error")  # [g.3, l.5]
    sockr_surplus: bool = _open("more data than requested can occur", False, True)  # [g.3]
    wind55_cumulated: str = _open("last number of WIND 55", "waiting", "total", "arrival")  # [g.7]
    wind55_missing: bool = _open("every second WIND 55 is missing", False, True)  # [g.7]
    ninth_socket: str = _open("what a ninth SOCKON gets", "error", "hang")  # [g.1, T20]
    sockl_fields: str = _open("fields of SOCKL after the id", "all", "id")  # [g.5, l.13]
    local_port: str = _open("a local port of SOCKON that is none", "refused", "ignored")  # [g.1]
    large_chunks: str = _open("SOCKR and SOCKW above 740 bytes", "work", "refused")  # [k.1]

    # TLS and certificates
    tls_info_lines: str = _open("when it says Loading", "first", "always", "never")  # [h.2, l.9]
    skip_ca: bool = _open("a Skip CA line at a connection", True, False)  # [h.2, l.9]
    tls_error: int = _open("error after Certificate Error", 74, 111)  # [h.2]
    certificate_error_date: int = _open("number for a date that does not fit", 23, 9, 24)  # [h.2]
    certificate_error_name: int = _open("number for a name that does not fit", 5, 23)  # [T4]
    certificate_error_size: int = _open("number for a certificate above 2.5 KB", 22, 11)  # [T6]
    name_check: str = _open("what the name must match", "san_and_cn", "cn", "literal")  # [h.2]
    app_name_check: str = _open(
        "names of servers of HTTP, MQTT, WebSocket, mail", "checked", "unchecked"
    )  # [h.2, j]
    ski_line: bool = _open("SubjectKeyId line after TLSCERT=ca", True, False)  # [h.1]
    slot_lookup: bool = _open("whether the flash slot is looked at", True, False)  # [decision 4]
    slot_encoding: str = _open("what the flash slot takes", "both", "der")  # [h.1, T25]
    file_lookup: bool = _open("whether .ca files are looked at", True, False)  # [decision 4]
    ca_file_encoding: str = _open("what is inside .ca files", "both", "der", "pem")  # [decision 4]
    ca_file_name: str = _open("how .ca files are named", "plain", "colons")  # [decision 4]
    ca_lookup: str = _open("whose issuer it looks for", "top", "each", "leaf")  # [h.8, T25]
    no_identifier: str = _open(
        "a chain without authority key identifier", "refused", "slot", "auth"
    )  # [h.8, T1]
    content_text: str = _open("what TLSCERT=content,1 says", "count", "ski", "keywords")  # [l.8]
    certificate_error_parse: int = _open("number for what it cannot read", 11, 23)  # [T5]

    # Servers
    udp_client_line: bool = _open("WIND 61 for who sends to a UDP server", True, False)  # [g.6]
    gone_client: str = _open("place of a client that has gone", "taken", "free")  # [g.6]
    list_fields: str = _open("what SOCKDL shows", "all", "ids", "nothing")  # [g.6]

    # Files
    default_volume: str = _open("where a name without a volume goes", "ram", "flash")  # [T10]
    hash_format: str = _open("reply of HASH", "HASH:lower", "Hash:UPPER", "Digest:a:b")  # [l.16]
    fsl_first_line: str = _open("first line of FSL", "Free", "none", "letter")  # [l.17]
    fsp_keyword: str = _open("keyword of FSP", "Read Cap", "Reading", "Printing")  # [i, l.17]
    user_flash: str = _open(
        "what a file on volume 1 meets",
        "written",
        "refused",
        "unmounted",
        "ram",
    )  # [i, i.1]

    # Limits of its TLS
    peer_certificate_limit: bool = _open("2.5 KB at most for a certificate", True, False)  # [T6]
    mixed_chains: bool = _open("chains that mix RSA and ECDSA are taken", False, True)  # [T5]
    rsa4096: str = _open("where RSA-4096 is taken", "nowhere", "root", "everywhere")  # [T3]
    old_hashes: str = _open(
        "certificates signed with SHA-1 or MD5",
        "refused",
        "taken",
        "sha1",
    )  # [T5]

    # Ping, firmware update
    ping_result: str = _open("what PING says of an answer", "words", "time", "OK")  # [c.3, l.16]
    ping_failure: str = _open("what PING says of none", "words", "error")  # [c.3, l.16]
    update_lines: str = _open(
        "what FWUPDATE says meanwhile", "none", "lines", "wind17", "percent"
    )  # [c.4]
    update_ok: str = _open("FWUPDATE's OK comes after the download", "after", "before")  # [c.4]
    update_boots: str = _open("how many boots until the new firmware runs", "one", "two")  # [T12]
    update_settings: str = _open("settings after an update", "kept", "factory")  # [T8, T9]

    # The air: networks, stations, addresses
    wrong_key: str = _open("what tells of a wrong key: WIND 41, 40, or", "41", "40", "both")  # [d]
    mismatch: str = _open(
        "a network of the name whose security is another", "rejected", "refused", "unseen"
    )  # [d, k.14]
    scan_hidden: str = _open(
        "a network that hides its name, in SCAN", "absent", "empty", "zeros"
    )  # [c.3.1]
    scan_busy: str = _open("SCAN while the module itself looks", "error", "waits")  # [c.3.1]
    scan_starting: int = _open("error of SCAN before WIND 32", 43, 18)  # [c.3.1]
    wifi0_starting: str = _open("WIFI=0 before WIND 32", "error", "stalls")  # [k.14]
    no_lease: str = _open(
        "after DHCP gave no address",
        "stays",
        "asks again",
        "auto ip",
        "auto ip, no WIND 85",
    )  # [d, f.1]
    renew_wind24: bool = _open("WIND 24 when RENEW gets the same address", False, True)  # [c.3]
    beacon_loss: str = _open("indications of a vanished network", "33", "30,33")  # [d, k.13]
    roaming: str = _open("when it takes another access point of the name", "lost", "weak")  # [d]
    peers_beyond: int = _open("error of PEERS for a number that is none", 7, 4, 0)  # [c.3]
    miniap_cold: str = _open(
        "a MiniAP with WPA that was configured before WIND 32", "open", "closed"
    )  # [k.15, T8]
    miniap_wrong_key: str = _open("a station with a wrong key", "nothing", "28,72")  # [d]
    macfilter: str = _open("the address in ip_macfilter is", "admits", "refuses")  # [f.3]
    eap_without_ca: str = _open("WPA-Enterprise without a CA", "refused", "taken")  # [c.3, h.1]
    eap_dates: bool = _open("WPA-Enterprise looks at dates", True, False)  # [c.3, T1]

    # The line: segments, indications, ends of connections
    segment: int = _open("most bytes of a TCP segment", 730, 1460)  # [b.5, k.1]
    udp_received: str = _open(
        "a datagram above 730 bytes that comes", "cut", "pieces", "whole"
    )  # [g.8]
    udp_sent: str = _open("SOCKW above 730 bytes on UDP", "pieces", "whole")  # [g.8]
    wind55_coalesced: bool = _open("segments of one moment have one WIND 55", False, True)  # [g.7]
    masked_winds: str = _open(
        "what becomes of masked indications", "asked", "lifted", "lost"
    )  # [g.7, k.2]
    closed_reason: str = _open("reason in WIND 58 and 62", "zero", "told", "one")  # [l.15]
    reset_unread: str = _open("unread data after a reset by the peer", "kept", "lost")  # [k.5]
    reset_write: int = _open("number of SOCKW after a reset by the peer", 78, 79)  # [e, g.4]
    half_closed: str = _open("SOCKW after the peer's FIN", "refused", "works")  # [g.5, k.5]
    ended_question: str = _open("SOCKQ, SOCKR after the end, all read", "zero", "closed")  # [e]
    dead_peer: str = _open("a peer that acknowledges nothing", "told", "silent")  # [g.4]
    open_limit: int = _open("s until SOCKON to a silent host fails", 30, 20, 75)  # [g.1, k.20]
    silent_dns: int = _open("number for a DNS server that is silent", 65, 64, 63)  # [e, g.1]
    server_close: str = _open(
        "SOCKDC of a server whose clients have unread data", "closes", "refused"
    )  # [g.5, g.6]
    winds_spliced: bool = _open(
        "indications inside a line of a reply (firmware 1.0.0)", False, True, alone=False
    )  # [l.18]

    # How strict its TLS is
    tls_versions: str = _open("the oldest TLS that it takes", "1.0", "1.2")  # [h.4]
    suites: str = _open(
        "which cipher suites it offers",
        "ecdhe_rsa",
        "no_gcm",
        "with_dhe",
    )  # [h.9]
    renegotiation: str = _open("a server that renegotiates", "refused", "done")  # [h.9]
    tls_clients_error: int = _open("error for one TLS client too many", 74, 75, 91)  # [h.4]
    certificate_error_rule: int = _open("number for a rule of X.509 broken", 23, 24)  # [h.5]
    x509_rules: str = _open(
        "which rules of X.509 it enforces",
        "all",
        "no_ca_purpose",
        "ca_flag",
        "none",
    )  # [h.9]
    name_constraints: str = _open(
        "name constraints of a CA",
        "all",
        "dns",
        "unknown",
        "ignored",
    )  # [h.9]
    name_rules: str = _open(
        "how names are compared",
        "strict",
        "cn_beside_san",
        "ip_as_text",
        "no_ip",
        "partial",
        "deep",
    )  # [h.2]
    self_issued: str = _open(
        "a CA's certificate for its own new key",
        "rfc5280",
        "counted",
        "by_name",
    )  # [h.8]
    issuer_names: str = _open("how names of issuers are compared", "rfc5280", "bytes")  # [h.8]
    chain_order: str = _open("the order of a server's certificates", "any", "given")  # [h.8]
    algorithms: str = _open(
        "keys and signatures that it knows",
        "nist",
        "p256",
        "more",
    )  # [h.9]
    least_rsa: int = _open("bits of the smallest RSA key that it takes", 2048, 1024, 0)  # [h.9]
    own_key: str = _open("which private keys it takes", "older", "pkcs8")  # [h.7]

    # Console, pins, power
    verbose_0: str = _open(
        "what console_verbose 0 strips of information lines", "keyword", "prefix", "line"
    )  # [a.3, a.7]
    errs_1: str = _open("what console_errs 1 shows of an error", "number", "text")  # [a.3]
    winds_levels: str = _open(
        "what console_winds 1 and 0 leave of a WIND", "number/none", "text/number"
    )  # [a.4]
    repeater: str = _open(
        "when console_repeater repeats the last command", "line", "at once", "never"
    )  # [f.1]
    scfg_no_number: int = _open("error of SCFG for a text that is no number", 7, 33)  # [e]
    pms_ok: str = _open("OK of PMS, before or after its WIND", "none", "before", "after")  # [c.7]
    pms_disabled: str = _open(
        "PMS=2 and 3 without sleep_enabled, standby_enabled", "refused", "obeyed", "ignored"
    )  # [c.7]
    wake_wind: int = _open("the WIND before 70 at a wake-up", 53, 66)  # [d.1]
    wake_nuls: str = _open("NULs when it goes to sleep", "standby", "always", "never")  # [a.6]
    pwm_ids: str = _open("ids of PWM from 1.1.0 on", "2,4", "1,2", "0,1")  # [c.2]

    # Applications: HTTP, MQTT, WebSocket, SMTP, TFTP
    http_version: str = _open("the version that a request says", "1.1", "1.0")  # [j]
    http_end: str = _open("where the body of a page ends", "length", "close")  # [j]
    http_timeout: int = _open("seconds of silence that end a page", 10, 3)  # [j]
    http_cut: str = _open("what follows a body that is too short", "error", "ok")  # [j]
    http_refused: str = _open("what follows a status of 400 and above", "ok", "error")  # [T6]
    http_content_type: str = _open("type of a posted file", "form", "name", "none")  # [j.1]
    http_answer_file: str = _open(
        "a file for an answer that exists", "replaced", "appended"
    )  # [j]
    http_file_holds: str = _open("what is in the file of an answer", "body", "answer")  # [j.1]
    client_file_full: int = _open("error if what is fetched does not fit", 50, 111)  # [j]
    websocket_error: int = _open("error if a server refuses a WebSocket", 74, 111)  # [j]
    websocket_last: str = _open("what a last piece has in WSOCKW", "0", "1")  # [j]
    websocket_pending: str = _open("WSOCKC with unread data", "refused", "closed")  # [j]
    websocket_gone: str = _open("id of a WebSocket that has ended", "kept", "freed")  # [j]
    websocket_reason: bool = _open("a reason in WIND 87 and 89", False, True)  # [d]
    mqtt_path: str = _open("path of MQTTCONN without one", "/mqtt", "/")  # [j.2]
    mqtt_id: str = _open("whose ids MQTT has", "pool", "own")  # [j]
    mqtt_fields: str = _open(
        "flags in WIND 86", "dup,qos,retained", "qos,retained,dup", "retained,qos,dup"
    )  # [d]
    mqtt_piece: int = _open("most bytes of a message in a WIND 86", 512, 128)  # [d]
    mqtt_keepalive: str = _open("unit of MQTTCONN's keep-alive", "s", "ms")  # [l.20]
    mqtt_retry: str = _open("what MQTTCONN's ninth field does", "nothing", "attempts")  # [l.20]
    mqtt_ok: str = _open("when MQTTPUB has its OK", "acknowledged", "at once")  # [j]
    tftp_get: str = _open("where TFTPGET's file goes", "file", "printed")  # [j]
    smtp_auth: str = _open("how a mail server is logged in to", "LOGIN", "PLAIN")  # [j]
    smtp_dots: str = _open("dots at the beginning of lines", "doubled", "as they are")  # [j]
    python_output: str = _open(
        "when PYTHON's output comes", "before OK", "after OK", "nowhere"
    )  # [c.1]

    # Its own servers
    web_port: str = _open("SOCKDON on a port of its own servers", "refused", "taken")  # [g.6, j.1]
    served_file: str = _open("deleting a file that it serves", "stuck", "busy")  # [T10]
    key_lasts: str = _open("how long a web page's Key is valid", "boot", "request")  # [j.1]
    upload_key: str = _open("an upload to the web server needs the Key", "no", "yes")  # [j.1]
    ssi_limit: str = _open("INPUTSSI above 127 bytes", "taken", "refused")  # [j]
    ssi_unasked: str = _open("INPUTSSI that no page has asked for", "error", "kept")  # [j]
    fs_update: str = _open("when FSUPDATE's image applies", "at once", "restart")  # [c.4, i.1]
    update_disk: str = _open("FWUPDATE and FSUPDATE take i", "yes", "no")  # [c.4]

    @classmethod
    def from_probe(cls, file):
        """Return the readings that `spwf04 probe` has found on a module; all else is default.

        file: the path of its report. OSError if it cannot be read. ValueError: it is no report, or
        names a point or a reading that is not known here; the text says which.
        """
        try:
            report = json.loads(pathlib.Path(file).read_text(encoding="utf-8"))
        except (ValueError, RecursionError) as e:
            raise ValueError(f"{file}: no report of spwf04 probe: {e}") from None
        try:
            return cls(**_found(report))
        except ValueError as e:
            raise ValueError(f"{file}: {e}") from None

    @classmethod
    def choices(cls):
        """Return {field: tuple of its choices, the default first}."""
        return {f.name: f.metadata["choices"] for f in fields(cls)}

    @classmethod
    def points(cls):
        """Return {field: what is left open, in words}."""
        return {f.name: f.metadata["point"] for f in fields(cls)}

    @classmethod
    def beyond(cls):
        """Return the fields whose other readings no driver can live with: each_alone() and
        random_quirks() leave them out."""
        return [f.name for f in fields(cls) if not f.metadata["alone"]]


def _found(report):
    """{field: choice} of a report of `spwf04 probe`."""
    if not isinstance(report, dict) or report.get("kind") != "spwf04 probe":
        raise ValueError('no report of spwf04 probe: it has no "kind": "spwf04 probe"')
    if report.get("format") != 1:
        what = f"its format is {report.get('format')!r}, and this version knows 1"
        raise ValueError(f"{what}: update spwf04")
    points = report.get("points")
    if not isinstance(points, dict):
        raise ValueError('"points" must be an object')
    return {name: _reading(name, entry) for name, entry in points.items()}


def _reading(name, entry):
    choices = Quirks.choices().get(name)
    if choices is None:
        near = difflib.get_close_matches(name, Quirks.choices(), 1)
        advice = f"; do you mean {near[0]}?" if near else ": another version may know it"
        raise ValueError(f"points: no open point {name}{advice}")
    if not isinstance(entry, dict) or "reading" not in entry:
        raise ValueError(f'points, {name}: must be an object with "reading"')
    value = entry["reading"]
    for choice in choices:
        if type(choice) is type(value) and choice == value:
            return choice
    allowed = ", ".join(map(json.dumps, choices))
    raise ValueError(f"points, {name}: {json.dumps(value)} is none of its readings: {allowed}")


def each_alone():
    """Yield (field, choice, Quirks) for each choice that is not a default; all else is default."""
    for name, choices in Quirks.choices().items():
        for value in choices[1:] if name not in Quirks.beyond() else ():
            yield name, value, replace(Quirks(), **{name: value})


def random_quirks(seed):
    """Return a random combination, the same for the same seed.

    The slot and the files are never both out of use: such a module could trust no server. The
    files are in use where the driver cannot note on the user flash what is in the slot.
    """
    picked = {}
    for name, choices in Quirks.choices().items():  # each by itself: a new field changes no other
        picked[name] = random.Random(f"{seed} {name}").choice(choices)
    for name in Quirks.beyond():
        picked[name] = getattr(Quirks(), name)
    if not picked["slot_lookup"] and not picked["file_lookup"]:
        picked["slot_lookup"] = True
    if picked["user_flash"] != "written":
        picked["file_lookup"] = True
        picked["default_volume"] = "ram"
    return Quirks(**picked)
