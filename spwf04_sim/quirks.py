"""What public sources leave open about the module, one named field each.

The first choice of a field is the likeliest reading and the default. The sources are those of
docs/protocol.md: section letters, (l) open questions, T numbers of threads.
"""

import random
from dataclasses import dataclass, field, fields, replace


def _open(source, *choices):
    return field(default=choices[0], metadata={"choices": choices, "source": source})


@dataclass(frozen=True)
class Quirks:
    """One reading of the open points. Quirks(ok_suffix=":heap") changes one of them."""

    # Lines and replies
    reset_ok: bool = _open("b.3, l.1: an OK before the boot text of AT+S.RESET", False, True)
    reset_wind2: bool = _open("b.2, l.19: WIND 2 on a software reset", False, True)
    ok_suffix: str = _open("a.3, l.3: what follows AT-S.OK", "", ":", ":heap", ":heap:state")
    error_text: str = _open("a.3, T1: how much AT-S.ERROR shows", "full", "empty", "number")
    speed_applies: str = _open("b.4: when console_speed takes effect", "restart", "at once")
    empty_line: str = _open("g.4: answer to a lone CR", "silent", "ok", "error")
    winds: str = _open("a.4, l.18: indications during a command", "free", "held", "everywhere")
    nul_bytes: bool = _open("a.6: NULs at line starts", False, True)
    boot_order: str = _open("b.2: WIND 0 before WIND 3, or after", "0,3", "3,0")
    factory_wind73: bool = _open("b.2: WIND 73 after WIND 65", False, True)
    wifi_state_saved: bool = _open("b.2, l.23: WCFG saves WIFI=0 too", True, False)
    wind24_v6: bool = _open("d: a second WIND 24 with the IPv6 address", True, False)
    wind46_colon: bool = _open("l.19: a trailing colon in WIND 46", False, True)
    refused_payload: str = _open("g.4, l.6: a refused SOCKW's data", "console", "swallowed")

    # Variables, time
    delimiter_format: str = _open("f.1: how console_delimiter is shown", "0x2C", ",")
    gcfg_psk: str = _open("3.3: whether GCFG shows the passphrase", "masked", "shown")
    sts_down_ip: str = _open("f.2: STS=ip_ipaddr while not joined", "0.0.0.0", "")
    date_separator: str = _open("l.12: between the numbers of TIME", ".", "-", "/")
    date_weekday: bool = _open("c.1: a weekday after the date", True, False)
    ntp_command: bool = _open("c.3: AT+S.NTP exists", True, False)
    boot_clock: int = _open("2.8: the clock at power-on", 946684800, 0, 1510876800)
    scan_first_index: int = _open("c.3.1: index of the first network", 1, 0)

    # Sockets
    reading_second: str = _open("g.3, l.4: m of Reading:n:m", "pending", "left", "same")
    sockr_beyond: str = _open("g.3, l.5: SOCKR for more than there is", "clamp", "error")
    sockr_empty: str = _open("g.3, l.5: SOCKR when nothing is there", "zero", "error")
    sockr_surplus: bool = _open("g.3: more data than requested can occur", False, True)
    wind55_cumulated: str = _open("g.7: last number of WIND 55", "waiting", "total", "arrival")
    wind55_missing: bool = _open("g.7: every second WIND 55 is missing", False, True)
    ninth_socket: str = _open("g.1, T20: what a ninth SOCKON gets", "error", "hang")
    sockl_fields: str = _open("g.5, l.13: fields of SOCKL after the id", "all", "id")

    # TLS and certificates
    tls_info_lines: str = _open("h.2, l.9: Loading lines", "first", "always", "never")
    skip_ca: bool = _open("h.2, l.9: a Skip CA line before them", True, False)
    tls_error: int = _open("h.2: error after Certificate Error", 74, 111)
    certificate_error_date: int = _open("8: number for a date that does not fit", 23, 9, 24)
    certificate_error_name: int = _open("T4: number for a name that does not fit", 5, 23)
    certificate_error_size: int = _open("T6: number for a certificate above 2.5 KB", 22, 11)
    name_check: str = _open("h.2: what the name is compared with", "san_and_cn", "cn", "literal")
    ski_line: bool = _open("h.1: SubjectKeyId line after TLSCERT=ca", True, False)
    slot_lookup: bool = _open("decision 4: whether the flash slot is looked at", True, False)
    slot_encoding: str = _open("h.1, T25: what the slot takes", "both", "der")
    file_lookup: bool = _open("decision 4: whether .ca files are looked at", True, False)
    ca_file_encoding: str = _open("decision 4: what is inside .ca files", "both", "der", "pem")
    ca_file_name: str = _open("decision 4: separators in their names", "plain", "colons")
    ca_lookup: str = _open("2.5, T25: whose issuer it looks for", "top", "each", "leaf")
    no_identifier: str = _open(
        "2.5: a chain without authority key identifier", "refused", "slot", "auth"
    )
    content_text: str = _open("l.8: what TLSCERT=content,1 says", "count", "ski", "keywords")

    # Servers
    udp_client_line: bool = _open("g.6: WIND 61 for who sends to a UDP server", True, False)
    gone_client: str = _open("g.6: the place of a client that has gone", "taken", "free")
    list_fields: str = _open("g.6: what SOCKDL shows", "all", "ids", "nothing")

    # Files
    default_volume: str = _open("T10: where a name without a volume goes", "ram", "flash")
    hash_format: str = _open("l.16: reply of HASH", "HASH:lower", "Hash:UPPER", "Digest:a:b")
    fsl_first_line: str = _open("l.17: first line of FSL", "Free", "none", "letter")
    fsp_keyword: str = _open("l.17: keyword of FSP", "Reading", "Printing")

    # Limits of its TLS
    peer_certificate_limit: bool = _open("T6: 2.5 KB at most for each", True, False)
    mixed_chains: bool = _open("T5: chains of RSA and ECDSA are taken (not on 1.1.0)", False, True)
    rsa4096: str = _open("T3: where RSA-4096 is taken", "nowhere", "root", "everywhere")

    # Ping, firmware update (new ones come last: a seed keeps its other choices)
    ping_result: str = _open("c.3 39, l.16: what PING says of an answer", "OK", "time", "words")
    ping_failure: str = _open("c.3 39, l.16: what PING says of none", "words", "error")
    update_lines: str = _open("c.4: what FWUPDATE says meanwhile", "none", "lines", "wind17")
    update_ok: str = _open("c.4: FWUPDATE's OK comes after the download", "after", "before")
    update_boots: str = _open("T12: boots from the reset to the new firmware", "one", "two")
    update_settings: str = _open("T8, T9: settings after an update", "kept", "factory")

    # Sockets again
    local_port: str = _open("g.1: a local port of SOCKON that is none", "refused", "ignored")
    large_chunks: str = _open("k.1: SOCKR and SOCKW above 740 bytes", "work", "refused")

    # Certificates again
    certificate_error_parse: int = _open("T5: number for a certificate it cannot read", 11, 23)
    # Files again
    user_flash: str = _open(
        "i, i.1: what a file on volume 1 meets",
        "written",
        "refused",
        "unmounted",
        "ram",
    )
    # Limits of its TLS again
    old_hashes: str = _open("T5: certificates signed with SHA-1 or MD5", "refused", "taken")

    @classmethod
    def choices(cls):
        """{field name: tuple of its choices, the default first}"""
        return {f.name: f.metadata["choices"] for f in fields(cls)}

    @classmethod
    def sources(cls):
        """{field name: where the point is left open}"""
        return {f.name: f.metadata["source"] for f in fields(cls)}


def each_alone():
    """Yield (name, value, Quirks) for every choice that is not a default, by itself."""
    for name, choices in Quirks.choices().items():
        for value in choices[1:]:
            yield name, value, replace(Quirks(), **{name: value})


def random_quirks(seed):
    """A random combination; the same for the same seed.

    The slot and the files are never both out of use: such a module could trust nobody; nor are
    the files of one where the driver cannot note what is in the slot.
    """
    chance = random.Random(seed)
    picked = {name: chance.choice(choices) for name, choices in Quirks.choices().items()}
    if not picked["slot_lookup"] and not picked["file_lookup"]:
        picked["slot_lookup"] = True
    if picked["user_flash"] != "written":
        picked["file_lookup"] = True
        picked["default_volume"] = "ram"
    return Quirks(**picked)
