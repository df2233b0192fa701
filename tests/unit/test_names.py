"""Names in certificates: as they are shown, as they are compared, whether they are a host's."""

import unicodedata

import pytest
from cryptography import x509
from cryptography.x509.name import _ASN1Type as Type
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from spwf04.pki.certificate import Bytes, read
from spwf04.pki.names import decoded, matches, printable, read_name, same
from spwf04.strings import is_hidden
from spwf04_cli.output import clean
from tests.shims.shapes import Node, der

UTF8, NUMERIC, PRINTABLE, T61, IA5, VISIBLE, UNIVERSAL, BMP = (
    (0x0C, "utf-8"),
    (0x12, "ascii"),
    (0x13, "ascii"),
    (0x14, "latin-1"),
    (0x16, "ascii"),
    (0x1A, "ascii"),
    (0x1C, "utf-32-be"),
    (0x1E, "utf-16-be"),
)
TYPES = (UTF8, NUMERIC, PRINTABLE, T61, IA5, VISIBLE, UNIVERSAL, BMP)

# What would move a cursor, turn the text around, or be invisible
HOSTILE = {
    "escape": "\x1b[2J",
    "NUL": "\0",
    "line feed": "\n",
    "carriage return": "\r",
    "delete": "\x7f",
    "C1": "\x9b31m",
    "next line": "\x85",
    "Arabic letter mark": "\u061c",
    "left-to-right mark": "\u200e",
    "right-to-left mark": "\u200f",
    "embeddings and overrides": "\u202a\u202b\u202c\u202d\u202e",
    "isolates": "\u2066\u2067\u2068\u2069",
    "separators": "\u2028\u2029",
    "no width": "\u200b\u200c\u200d\u2060\ufeff",
    "soft hyphen": "\xad",
    "tags": "\U000e0041",
    "no character": "\ufffe\uffff",
}


def tlv(tag, *parts):
    body = b"".join(parts)
    assert len(body) < 128
    return bytes((tag, len(body))) + body


def name(*attributes):
    """The content of a Name in DER. attributes: (last byte of 2.5.4, tag, bytes) each."""
    return b"".join(
        tlv(0x31, tlv(0x30, tlv(6, b"\x55\x04" + bytes((kind,))), tlv(tag, raw)))
        for kind, tag, raw in attributes
    )


def common(tag, raw):
    return name((3, tag, raw))


# Shown -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("text", ["Root 1", "Zürich", "Εθνικό", "中文 CA", "\U0001f512 lock"])
@pytest.mark.parametrize("type_", TYPES)
def test_a_name_is_decoded_by_its_type(type_, text):
    tag, codec = type_
    try:
        raw = text.encode(codec)
    except UnicodeEncodeError:
        return
    assert decoded(tag, raw) == text
    assert read_name(common(tag, raw))[:2] == (text, text)


@pytest.mark.parametrize("how", HOSTILE)
@pytest.mark.parametrize("type_", TYPES)
def test_what_could_deceive_a_reader_is_never_shown(type_, how):
    tag, codec = type_
    text = f"good{HOSTILE[how]}bad"
    try:
        raw = text.encode(codec)
    except UnicodeEncodeError:
        return
    shown = decoded(tag, raw)
    assert shown.startswith("good?") and shown.endswith("bad") and len(shown) == len(text)
    assert shown == printable(text)
    assert shown.isprintable()


@pytest.mark.parametrize(
    "tag, raw, shown",
    [
        (0x0C, b"a\xff\xfeb", "a??b"),
        (0x0C, b"a\xc3", "a?"),
        (0x0C, b"\xc0\xaf", "??"),  # overlong
        (0x0C, b"\xed\xa0\x80", "???"),  # a surrogate
        (0x0C, b"\xf4\x90\x80\x80", "????"),  # above U+10FFFF
        (0x13, b"Z\xfcrich", "Z?rich"),
        (0x1E, b"\0a\xd8\x00\0b", "a?b"),
        (0x1E, b"\xdc\x00\xd8\x3d\xdd\x12\xd8\x3d", "?\U0001f512?"),
        (0x1E, b"\0a\0", "a?"),
        (0x1C, b"\0\0\0a\0\0\xd8\0\0\x11\0\0\xff\xff\xff\xff\0\0", "a????"),
        (0x03, b"\0ab", "?ab"),
    ],
)
def test_what_is_damaged_is_shown_as_question_marks(tag, raw, shown):
    assert decoded(tag, raw) == shown


def test_nothing_that_moves_a_cursor_or_turns_text_around_is_shown():
    hidden = ("Cc", "Cf", "Cs", "Zl", "Zp")
    codes = [c for c in range(128, 0x110000) if unicodedata.category(chr(c)) in hidden]
    assert len(codes) > 2200
    assert [hex(c) for c in codes if not is_hidden(c)] == []


def test_the_command_line_hides_at_least_as_much():
    """output.clean() shows escapes in their place."""
    codes = [*range(0x3100), *range(0xD800, 0xE000), *range(0xFE00, 0x1E000)]
    hidden = [c for c in (*codes, *range(0xE0000, 0xE0200)) if printable(chr(c)) == "?" != chr(c)]
    assert len(hidden) > 2048 + 65
    for code in hidden:
        assert clean(chr(code)) == ascii(chr(code))[1:-1]


@pytest.mark.parametrize("how", HOSTILE)
def test_a_certificate_cannot_write_on_a_terminal(how):
    hostile = HOSTILE[how]
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"a{hostile}b", Type.UTF8String)])
    node = Node("x", issuer_name=subject, hosts=["h.example"])
    raw = der(node.cert).replace(b"h.example", b"h\x1b[2Jmple")
    known = read(Bytes(raw), len(raw), "h.example")
    assert known.issuer == printable(f"a{hostile}b") != f"a{hostile}b"
    assert known.issuer.isprintable() and known.names == ["h?[2Jmple"]
    assert known.fits is False


# Compared ----------------------------------------------------------------------------------------
SAME = [
    common(0x13, b"Example Root"),
    common(0x0C, b"Example Root"),
    common(0x13, b"EXAMPLE ROOT"),
    common(0x13, b"  Example   Root "),
    common(0x0C, b"example\t root"),
    common(0x16, b"Example Root"),
    common(0x14, b"Example Root"),
    common(0x1A, b"Example Root"),
    common(0x1E, "Example Root".encode("utf-16-be")),
    common(0x1C, "eXAMPLE root".encode("utf-32-be")),
]
OTHERS = [
    b"",
    common(0x13, b""),
    common(0x13, b"ExampleRoot"),
    common(0x13, b"Example Root 2"),
    common(0x04, b"Example Root"),  # no string
    common(0x03, b"Example Root"),
    name((10, 0x13, b"Example Root")),
    name((3, 0x13, b"Example"), (3, 0x13, b"Root")),
    common(0x13, b"Example Root") * 2,
    common(0x0C, "Exämple Root".encode()),
    common(0x0C, "ExÄmple Root".encode()),  # letters that are not ASCII keep their case
    common(0x0C, b"Example Root\xff"),
    common(0x0C, b"Example Root?"),
    tlv(
        0x31,
        tlv(0x30, tlv(6, b"\x55\x04\x03"), tlv(0x13, b"Example")),
        tlv(0x30, tlv(6, b"\x55\x04\x03"), tlv(0x13, b"Root")),
    ),
]


def test_names_that_rfc_5280_calls_the_same_are():
    assert len({read_name(raw)[2] for raw in SAME}) == 1
    assert all(same(SAME[0], raw) for raw in SAME)


def test_others_are_not():
    digests = [read_name(raw)[2] for raw in [SAME[0], *OTHERS]]
    assert len(set(digests)) == len(digests)
    assert not any(same(SAME[0], raw) for raw in OTHERS)


def test_the_same_letters_by_another_type_are_the_same():
    texts = (("Zürich", UTF8), ("Zürich", T61), ("zürich", BMP), ("ZüRICH", UNIVERSAL))
    digests = {read_name(common(tag, text.encode(codec)))[2] for text, (tag, codec) in texts}
    assert len(digests) == 1


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([3, 10, 11, 65]), st.text(max_size=9)), max_size=3))
def test_no_other_name_is_taken_for_the_same(attributes):
    def loose(text):
        folded = "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in text)
        return [word.decode() for word in folded.encode("utf-8", "replace").split()]

    def content(attributes):
        return name(*[(n, 0x0C, t.encode("utf-8", "replace")) for n, t in attributes])

    changed = [(n, t.swapcase() if t.isascii() else t[::-1]) for n, t in attributes]
    expected = [(n, loose(t)) for n, t in attributes] == [(n, loose(t)) for n, t in changed]
    assert same(content(attributes), content(changed)) is expected


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80), st.binary(max_size=80))
def test_rubbish_is_a_value_error_and_the_same_as_itself_alone(one, other):
    for raw in (one, tlv(0x31, tlv(0x30, one))):
        try:
            read_name(raw)
        except ValueError:
            pass
    assert same(one, one)
    same(one, other)


# Hosts -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "host, of, fits",
    [
        ("kelvin.example", "\u212aelvin.example", False),  # its lower case is k, in Unicode
        ("www.example", "www?example", False),
        ("www?example", "www?example", False),  # what stands there is something else
        ("a.b.example", "*.b.example?", False),
        ("straße.example", "STRASSE.example", False),
        ("www.example", "WWW.EXAMPLE", True),
        ("a.b.example", "*.B.example", True),
    ],
)
def test_only_letters_of_ascii_have_a_case_in_hosts(host, of, fits):
    assert matches(host, of) is fits
