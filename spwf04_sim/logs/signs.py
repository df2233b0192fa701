"""How the pieces of a stream begin and end."""

import re

# How a piece begins, at the start of a line or behind a payload
START = re.compile(rb"AT-S\.|\+WIND:\d|AT\+S\.|AT&[VWF]", re.I)
NEXT = re.compile(rb"AT-S\.(?:[A-Z])|\+WIND:\d+:|AT\+S\.[A-Z]{2}", re.I)
LINE = re.compile(rb"^(?:AT\+S\.|AT-S\.|\+WIND:\d)", re.M)
FINAL = re.compile(rb"AT-S\.(?:OK|ERROR(?::\d+)?)(?=[:\r\n]|$)")
END = re.compile(rb"\r?\r\n|\r|\n")
SCAN = re.compile(rb"\d+:\s+BSS ")
COUNTED = re.compile(rb"AT-S\.(?:Reading|Printing|Read Cap):(\d+)")
# The first line may lack its beginning
CUT_WIND = re.compile(rb"\+?(?:W?I?N?D)?:(\d{1,2}):([A-Z][A-Za-z]+ .*)")
CUT_REPLY = re.compile(rb"(?:T?-)?S\.((?:OK|ERROR:\d|On:|Var:|Query:|Reading:).*)")
WIFISTATE = re.compile(rb"<wifistate=[^>]*>:?")


def delimiter(value):
    """The character that a value of console_delimiter means, or None."""
    try:
        code = int(value, 16) if len(value) > 1 else ord(value)
    except (ValueError, TypeError):
        return None
    return chr(code) if 0 < code < 128 else None


def rubbish(data):
    """True if these bytes are no text."""
    text = data.decode("utf-8", "replace")
    odd = sum(c == "\ufffd" or not (c.isprintable() or c == "\t") for c in text)
    return odd * 3 > len(text)
