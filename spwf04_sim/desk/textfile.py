"""Text as any editor saves it."""

_UTF16 = (b"\xff\xfe", b"\xfe\xff")  # as Notepad's "Unicode" and older PowerShells begin a file


def decoded(data):
    """The text of a file: UTF-8, with or without a byte order mark, and line ends of any kind,
    which become LF. ValueError says what it is instead, and what to do."""
    if data[:2] in _UTF16 or b"\0" in data[:4]:
        raise ValueError("it is UTF-16, or no text: save it as UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise ValueError(f"not UTF-8 at byte {e.start}: save it as UTF-8") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")
