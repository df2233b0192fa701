"""Strings of certificates beyond ASCII: their characters, by the type of the string, and which of
them are not shown. Few certificates have any.
"""

# Characters that are not shown, the first and the last of each range: controls, those of format,
# among which are the bidirectional ones and those without a width, separators of lines,
# surrogates, and what is no character
_HIDDEN = (0, 0x1F, 0x7F, 0x9F, 0xAD, 0xAD, 0x600, 0x605, 0x61C, 0x61C, 0x6DD, 0x6DD)
_HIDDEN += (0x70F, 0x70F, 0x890, 0x891, 0x8E2, 0x8E2, 0x180E, 0x180E, 0x200B, 0x200F)
_HIDDEN += (0x2028, 0x202E, 0x2060, 0x206F, 0xD800, 0xDFFF, 0xFEFF, 0xFEFF, 0xFFF0, 0xFFFB)
_HIDDEN += (0xFFFE, 0xFFFF, 0x110BD, 0x110BD, 0x110CD, 0x110CD, 0x13430, 0x1343F)
_HIDDEN += (0x1BCA0, 0x1BCA3, 0x1D173, 0x1D17A, 0xE0000, 0xE007F)


def is_hidden(code):
    """True if a character beyond ASCII, by its number, is not shown."""
    if not 0 <= code < 0x110000:
        return True
    for at in range(0, len(_HIDDEN), 2):
        if _HIDDEN[at] <= code <= _HIDDEN[at + 1]:
            return True
    return False


def codes(tag, raw):
    """The numbers of the characters of a string in DER: a list; -1 for what is damaged."""
    if tag == 0x14:  # Teletex: nearly always Latin-1
        return list(raw)
    if tag not in (0x1C, 0x1E):
        return _utf8(raw)
    size = 4 if tag == 0x1C else 2
    found = []
    high = 0
    for at in range(0, len(raw), size):
        code = 0
        for c in raw[at : at + size]:
            code = code << 8 | c
        if at + size > len(raw) or code > 0x10FFFF:
            code = -1
        if high and 0xDC00 <= code < 0xE000:
            found[-1] = ((high & 0x3FF) << 10 | code & 0x3FF) + 0x10000
            high = 0
            continue
        high = code if size == 2 and 0xD800 <= code < 0xDC00 else 0
        found.append(-1 if 0xD800 <= code < 0xE000 else code)
    return found


def _utf8(raw):
    """codes() of UTF-8. Not every interpreter refuses what is damaged."""
    found = []
    at = 0
    while at < len(raw):
        code = raw[at]
        more = 0 if code < 0x80 else 1 if code < 0xE0 else 2 if code < 0xF0 else 3
        rest = raw[at + 1 : at + 1 + more]
        at += 1
        if more:
            code &= 0x3F >> more
            for c in rest:
                code = code << 6 | c & 0x3F
            least = (0x80, 0x800, 0x10000)[more - 1]
            wrong = [c for c in rest if c & 0xC0 != 0x80] or len(rest) < more or code < least
            if wrong or not 0xC2 <= raw[at - 1] < 0xF5 or not _is_character(code):
                code = -1
            else:
                at += more
        found.append(code)
    return found


def _is_character(code):
    return code < 0x110000 and not 0xD800 <= code < 0xE000
