"""Templates of the module's web server: their marks, and the tokens that take their place. [j.1]

page = "<p>The door is %s." % mark("input", 0)     # for WebPages.upload("door.fhtml", page)
"""

from ..arguments import argument, exact
from ..checks import integer
from ..const import const

_MOST = const(127)  # bytes of an answer: ST's own limit [j]
# What separates the tokens: the first byte that is in none of them. Not CR, LF or NUL: a refused
# answer is taken for commands
_SPLITTERS = b"|;~^!#$%&*+=?@_/\\:\"'`()[]{}<>,.-\t\1\2\3\4\5\6\7"

# kind: (code, name, whether it takes the index of a token) [j.1]
_MARKS = {
    "input": ("06", "Input", True),
    "setting": ("06", "DevConf", False),
    "status": ("06", "DevSts", False),
    "peer": ("06", "Peers", False),
    "adc": ("06", "ADC", True),
    "pin": ("06", "GpioR", True),
    "select": ("00", "SelStart", True),
    "option": ("01", "Select", True),
    "end_select": ("02", "SelEnd", None),
    "checkbox": ("03", "CheckBox", True),
    "radio": ("04", "RadioButton", True),
    "textarea": ("05", "TextArea", True),
    "end_textarea": ("07", "TextEnd", None),
    "field": ("08", "TextField", True),
    "button": ("09", "Button", True),
    "reset": ("10", "Reset", True),
    "password": ("11", "Password", True),
}


def mark(kind, what=None, station=0) -> str:
    """Return a mark for a template: the module puts something in its place. [j.1]

    kind: "input", the token `what` (0: the first) of what the program gives, see inputs().
    "setting" or "status": the variable `what`. "peer": a variable of station number `station`.
    "adc", "pin": channel or number `what`. Parts of a form, which take tokens from number `what`
    on: "select" (name, multiple), "option" (value, label, selected), "checkbox" and "radio" (name,
    value, label, checked), "textarea" (name, columns, rows), "field" and "password" (name, value,
    size), "button" and "reset" (name, text). "end_select", "end_textarea": without `what`.

    ValueError, TypeError; among them a variable whose value everybody would see and nobody may.
    """
    if not isinstance(kind, str) or kind not in _MARKS:
        raise ValueError("kind must be one of " + ", ".join(sorted(_MARKS)))
    code, name, numbered = _MARKS[kind]
    last = ""
    if numbered:
        what = str(integer(what, "what", 0, 126))
    elif numbered is None:
        if what is not None:
            raise ValueError(kind + " takes nothing more")
        what = ""
    else:
        from ..at.secret import secret_variable
        from ..commands.config import variable

        variable = variable(what, "what")
        if b"|" in variable or b"-->" in variable:
            raise ValueError("what is not the name of a variable")
        if secret_variable(variable):
            raise ValueError("everybody in the network would see this secret")
        what = variable.decode()
        if kind == "peer":
            last = str(integer(station, "station", 0, 99))
    return "<!--|%s|%s|%s|%s||-->" % (code, name, what, last)


def escaped(text) -> str:
    """Return text (str) so that it shows as it is, and is no HTML: for tokens with what others
    have written."""
    if not isinstance(text, str):
        raise TypeError("text must be str, not " + type(text).__name__)
    for sign, name in (("&", "amp"), ("<", "lt"), (">", "gt"), ('"', "quot"), ("'", "#39")):
        text = text.replace(sign, "&%s;" % name)
    return text


def packed(values):
    """Return tokens as bytes: each behind the splitter, and one more behind the last."""
    if isinstance(values, dict):
        most = -1
        for n in values:
            most = max(most, integer(n, "an index", 0, _MOST))
        values = [values.get(n) for n in range(most + 1)]
    if not isinstance(values, (list, tuple)):
        raise TypeError("values must be a list or a dict, not " + type(values).__name__)
    tokens = [_token(value) for value in values] or [b" "]
    size = 1 + len(tokens) + sum([len(token) for token in tokens])
    if size > _MOST:
        raise ValueError(
            "the tokens have %d bytes, with one for each and one more; the limit is %d"
            % (size, _MOST)
        )
    whole = b"".join(tokens)
    for c in _SPLITTERS:
        if c not in whole:
            splitter = bytes((c,))
            return splitter + splitter.join(tokens) + splitter
    raise ValueError("the tokens have every character that could separate them")


def _token(value):
    if value is None:
        return b" "
    number = exact(value)
    if number is not None:
        return b"%d" % number if isinstance(number, bool) else str(number).encode()
    return argument(value, "a token") or b" "
