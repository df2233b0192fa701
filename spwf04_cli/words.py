"""The driver's advice in the words of the command line: it speaks of Python, for programs."""

import re

# what stands in the driver's texts: what a person at the desk does instead
_INSTEAD = (
    (r"(call )?radio\.connect\([^)]*\) (first|again)", r"spwf04 join SSID"),
    (r"join again with radio\.connect\(\)", "join again: spwf04 join SSID"),
    (r"by radio\.connect\(\) perhaps", "by joining perhaps"),
    (r"Call connect\(\) again", "Try again"),
    (r"radio\.connect\([^)]*\)", "spwf04 join SSID"),
    (r"wait for radio\.isconnected\(\)", "try again"),
    (r"(; see|see) scan\(\)", r"\1 spwf04 scan"),
    (r", or set an address with ifconfig\(\)", ""),
    (r"(,|:) radio\.ifconfig\(\)", ""),
    (r"update it, see radio\.fetch_update\(\)", "spwf04 update"),
    (r"Try again once radio\.isconnected\(\) is True", "Try again in a moment"),
    (r"radio\.set_time\([^)]*\)", "spwf04 time --set"),
    (r"radio\.ntp\(\)", "spwf04 time --ntp"),
    (r"radio\.time\(\)", "the module's clock"),
    (r"radio\.reset\(\) and wait", "try again; spwf04 doctor --restart if it stays so"),
    (r"radio\.reset\(\)", "spwf04 doctor --restart, or switch it off and on"),
    (r"radio\.certs\.install_for\([^)]*\) find it", "spwf04 trust HOST find it"),
    (r"radio\.certs\.install_for\([^)]*\)", "spwf04 trust HOST"),
    (r"radio\.certs\.install\(pem\)", "spwf04 trust --pem FILE"),
    (r"radio\.certs\.diagnose\([^)]*\)", "spwf04 check HOST"),
    (r"radio\.certs\.list\(\)", "spwf04 ca list"),
    (r"radio\.certs\.remove\(ski\)", "spwf04 ca remove, spwf04 rm"),
    (r"radio\.certs\.clear\(\)", "spwf04 ca remove --all"),
    (r"radio\.certs\.pin\([^)]*\)", "a program with radio.certs.pin"),
    (r"radio\.files\.list\(\)", "spwf04 ls"),
    (r"SocketPool\.fit\(\)", "a program with SocketPool.fit"),
    (r"SSLContext\.load_cert_chain\(\)", "a program with SSLContext.load_cert_chain"),
    (
        r"SSLContext uses this board's own TLS for it, where there is one",
        "A program on a board with TLS of its own can: SSLContext uses that",
    ),
    (r"This board's own TLS may: SSLContext\([^)]*\)", "A program on a board with own TLS may"),
    (r"this board's own TLS(: SSLContext\([^)]*\))?( may)?", "a program on a board with own TLS"),
    (r"; this driver does not use it", ""),
)


def told_by_driver(error):
    """(what failed, what to do about it) of an exception of the driver."""
    hint = error.hint or ""
    message = error.args[1]
    return (message[: -len(hint) - 2] if hint else message), for_the_desk(hint)


def for_the_desk(text):
    """The driver's advice, for a person with this command."""
    for pattern, instead in _INSTEAD:
        text = re.sub(pattern, instead, text, flags=re.I)
    return text if text.startswith("spwf04 ") else text[:1].upper() + text[1:]
