"""The targets, and whether they are met."""

from dataclasses import dataclass

KB = 1000  # of .mpy, as the figures for others were given
KIB = 1024  # of heap
SIZE, HEAP, SMALLEST, COMMANDS, SHARE, CPU = 10 * KB, 0.8, 32, 4, 0.97, 0.2


@dataclass
class Row:
    """what: a text. target, measured, peer: texts. met: whether."""

    what: str
    target: str
    measured: str
    peer: str
    met: bool


def percent(share, digits=1):
    """A share as text."""
    return f"{100 * share:.{digits}f} %"


def size(result):
    """Row of the .mpy files."""
    size = result["size"]
    return Row(
        "core + sockets + TLS + certificate install, .mpy (mpy-cross -O3)",
        f"≤ {SIZE:,} bytes",
        f"{size['core_total']:,} bytes in {len(size['core'])} files, "
        f"{size['kept_total']:,} still loaded at the end",
        f"ESP_ATcontrol control + socket {size['espat']:,}: no certificates, one socket",
        size["core_total"] <= SIZE,
    )


def in_use(result):
    """Row of heap after import and construction."""
    ours, peer = (result["heap"]["in_use"][driver] for driver in ("spwf04", "espat"))
    return Row(
        "heap after import and construction (64-bit)",
        f"≤ {HEAP} of ESP_ATcontrol's",
        f"{ours['made']:,} bytes, {ours['made'] / peer['made']:.2f}; "
        f"with TLS and certificates {ours['with_tls']:,}",
        f"{peer['made']:,} bytes",
        ours["made"] <= HEAP * peer["made"],
    )


def smallest(result):
    """Row of the smallest heap."""
    kb = result["heap"]["smallest_kb"]
    alone = result["heap"]["smallest_to_construct_kb"]
    peer = (
        f"ESP_ATcontrol cannot do one; to be imported and constructed it needs "
        f"{alone['espat']} KB, spwf04 {alone['spwf04']} KB"
    )
    text = "smallest heap for an HTTPS GET from .mpy (64-bit)"
    return Row(text, f"≤ {SMALLEST} KB", f"{kb} KB", peer, kb <= SMALLEST)


def commands(result):
    """Row of AT commands."""
    pages = result["page"]["pages"]
    n = pages["spwf04 https"]["commands"]
    return Row(
        "bare HTTPS GET (500-byte page) once joined: AT commands",
        f"≤ {COMMANDS}",
        f"{n}; by adafruit_requests, HTTP: {pages['spwf04 requests']['commands']}",
        f"HTTP: ESP_ATcontrol {pages['espat http']['commands']}, by adafruit_requests "
        f"{pages['espat requests']['commands']}; mbed {pages['mbed http']['commands']}; TinyCLR "
        f"{pages['tinyclr http']['commands']}",
        n <= COMMANDS,
    )


def bulk_rows(result, driver, way, **where):
    """The bulk transfers of a driver in one direction, of these parameters."""
    return [
        row
        for row in result["line"]
        if row["driver"] == driver
        and row["way"] == way
        and all(row[name] == value for name, value in where.items())
    ]


def bulk(result, way):
    """Row of bulk transfers one way."""
    rows = bulk_rows(result, "spwf04", way)
    shares = [row["share_of_bound"] for row in rows]
    # at the factory's rate and the safe chunk
    usual = {"baud": 115200, "turnaround_ms": 3, "chunk": 730}
    line = {d: bulk_rows(result, d, way, **usual)[0]["share_of_line"] for d in _PEERS}
    return Row(
        f"bulk {way}, at 115200 and 921600, 0, 3 and 10 ms, chunks of 730 to 4096",
        f"≥ {percent(SHARE, 0)} of the protocol's bound",
        f"{percent(min(shares), 2)} to {percent(max(shares), 2)}; "
        f"of the line at 115200, 3 ms, 730: {percent(line['spwf04'])}",
        "of the line, likewise: " + ", ".join(f"{_PEERS[d]} {percent(line[d])}" for d in _OTHERS),
        min(shares) >= SHARE,
    )


_PEERS = {"spwf04": "spwf04", "mbed": "mbed", "tinyclr": "TinyCLR", "espat": "ESP_ATcontrol"}
_OTHERS = ("mbed", "tinyclr", "espat")


def allocated(result):
    """Row of heap that calls allocate."""
    texts = {}
    for call in result["heap"]["allocated"]:
        texts.setdefault((call["driver"], call["face"]), []).append(f"{call['garbage']:,.0f}")
    ours = [
        f"{' / '.join(bytes_)} ({face}.UART)"
        for (driver, face), bytes_ in texts.items()
        if driver == "spwf04"
    ]
    return Row(
        "heap allocated by a recv_into / send of 730 bytes in the steady state",
        "0 bytes",
        ", ".join(ours),
        f"ESP_ATcontrol {' / '.join(texts['espat', 'busio'])}",
        not any(c["garbage"] for c in result["heap"]["allocated"] if c["driver"] == "spwf04"),
    )


def cpu(result):
    """Row of CPU time."""
    row = next(r for r in result["cpu"] if r["way"] == "receive" and r["burst"] == 256)
    return Row(
        "host CPU per received KB on MicroPython",
        f"≤ {CPU} of ESP_ATcontrol's",
        f"{row['ratio']:.2f} ({row['spwf04']['us_per_kb']:.0f} us here); "
        f"without the UART {row['ratio_without_uart']:.2f}",
        f"1 ({row['espat']['us_per_kb']:.0f} us here)",
        row["ratio"] <= CPU,
    )


def waits(result):
    """Row of fixed sleeps."""
    first = result["page"]["first_byte"]
    ours, peer = first["spwf04"], first["espat"]
    by_requests = result["page"]["pages"]["espat requests"]
    return Row(
        "fixed sleeps from join to the first byte of a page",
        "0",
        f"{ours['waited']:.1f} s of {ours['seconds']:.2f} s",
        f"ESP_ATcontrol {peer['waited']:.1f} s of {peer['seconds']:.2f} s; by adafruit_requests "
        f"{by_requests['waited']:.1f} s of {by_requests['seconds']:.1f} s",
        ours["waited"] == 0,
    )


def rows(result):
    """All of them."""
    return [
        size(result),
        in_use(result),
        smallest(result),
        commands(result),
        bulk(result, "receive"),
        bulk(result, "send"),
        allocated(result),
        cpu(result),
        waits(result),
    ]
