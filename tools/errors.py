"""Writes docs/errors.md: every error that the driver raises, as its source has it.

    python -m tools.errors

This reads the source and does not run it. It finds each exception where the source makes it, and
puts its texts together from their parts. "…" stands for what is known only when it happens.
"""

import ast
import collections
import functools
import inspect
import itertools
import pathlib
import re

from spwf04 import errors
from spwf04.at import hints
from spwf04.tls import refusal
from spwf04_cli.advice import sentence

ROOT = pathlib.Path(__file__).resolve().parents[1]
DRIVER = ROOT / "spwf04"
PAGE = ROOT / "docs" / "errors.md"

OPEN = "…"
_MOST = 12  # texts of one exception, at most
_CALLERS = 2  # steps up to callers that a text is followed
_MARK = re.compile(r"%[sdgrc]")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
# The parameters of classes that have others than SPWF04Error
_PARAMETERS = {
    "JoinError": ("reason", "message", "hint", "remedy"),
    "HelloError": ("message", "remedy"),
}
_USUAL = ("number", "message", "code", "text", "hint", "remedy")

# kind: class, or "OSError". number: "ETIMEDOUT" or so, OPEN if it varies. message: a text. hints,
# remedies: those that it may have. file: "net/socket". function: the one that makes it
Error = collections.namedtuple("Error", "kind number message hints remedies file function")

# pki/handshake.py raises it; tls/discover.py makes a DiscoveryError of it
HELLO = "HelloError"
_HELLO_REMEDY = "ask_owner"  # the default of its parameter
# Python's own exceptions for wrong arguments
ARGUMENTS = ("ValueError", "TypeError", "KeyError")


def kinds():
    """The driver's exceptions by name, the general ones first."""
    found = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.SPWF04Error)
    ]
    return {kind.__name__: kind for kind in found}


@functools.cache
def made():
    """Every Error that the driver's source makes, in the order of files and lines."""
    trees = {
        path.relative_to(DRIVER).with_suffix("").as_posix(): ast.parse(path.read_text())
        for path in sorted(DRIVER.rglob("*.py"))
    }
    return _made(trees)


def made_in(tree, file):
    """The Errors that one file makes."""
    return _made({file: tree})


def _made(trees):
    every = [(file, tree, *each) for file, tree in trees.items() for each in _calls(tree)]
    calls = collections.defaultdict(list)
    for _, tree, function, node in every:
        calls[_called(node)].append((tree, function, node))
    found = []
    for file, tree, function, node in every:
        name = _called(node)
        if name in kinds() or name in ("OSError", "gaierror", HELLO, *ARGUMENTS):
            found += _errors(node, name, _Texts(function, tree, calls), file)
    return found


def _calls(tree):
    """(innermost function or None, call) for each call of a file, in order."""
    for node, above in _walk(tree, ()):
        if isinstance(node, ast.Call):
            functions = [each for each in above if isinstance(each, _FUNCTIONS)]
            yield (functions[-1] if functions else None), node


def _walk(node, above):
    for child in ast.iter_child_nodes(node):
        yield child, (*above, node)
        yield from _walk(child, (*above, node))


def _errors(call, kind, read, file):
    """The Errors of a call that makes an exception: one for each text that it may have."""
    names = _PARAMETERS.get(kind, ("message",) if kind in ARGUMENTS else _USUAL)
    given: dict[str | None, ast.expr] = dict(zip(names, call.args))
    if kind == HELLO:
        given.setdefault("remedy", ast.Constant(_HELLO_REMEDY))
    given.update({keyword.arg: keyword.value for keyword in call.keywords})
    if not given:
        return []
    number = "ETIMEDOUT" if kind == "JoinError" else _number(given.get("number"))
    if kind in ARGUMENTS:
        number = None
    hints_, remedies = (
        tuple(text for text in map(_open, read.of(given.get(part))) if text not in (None, OPEN))
        for part in ("hint", "remedy")
    )
    return [
        Error(kind, number, message, hints_, remedies, file, read.function)
        for message in map(_open, read.of(given.get("message"))[:_MOST])
    ]


def _open(text):
    """A text with "…" in place of the marks that are left in it."""
    return None if text is None else _MARK.sub(OPEN, text)


def _number(node):
    """ "ETIMEDOUT" of errno.ETIMEDOUT, getattr(errno, "EBADF", 9) or a constant of that name."""
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "getattr":
        return getattr(node.args[1], "value", OPEN)
    if isinstance(node, ast.Name) and node.id.lstrip("_").isupper():
        return node.id.lstrip("_")
    return OPEN


class _Texts:
    """The texts that an expression may give in a function. function: its name, "" outside one."""

    def __init__(self, function, tree, calls, depth=0):
        self.function = function.name if function is not None else ""
        self._node = function
        self._tree = tree
        self._calls = calls
        self._depth = depth  # callers between this and the exception
        self._known = {}  # {name: its texts}, of names that are being looked up

    def of(self, node):
        """A list of str, or [None] for None."""
        if node is None or (isinstance(node, ast.Constant) and node.value is None):
            return [None]
        if isinstance(node, ast.Constant):
            return [str(node.value)]
        if isinstance(node, ast.IfExp):
            return self.of(node.body) + self.of(node.orelse)
        if isinstance(node, ast.BoolOp):
            return [text for value in node.values for text in self.of(value)]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
            parts = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
            return self._filled(node.left, parts)
        if isinstance(node, ast.BinOp):
            pairs = itertools.product(self.of(node.left), self.of(node.right))
            return [(a or "") + (b or "") for a, b in pairs]
        if isinstance(node, ast.Name):
            return self._named(node.id)
        return [OPEN]

    def _filled(self, format, parts):
        """A format with its values put in; "…" stands for a value that is not known."""
        found = []
        known = [list(dict.fromkeys(map(_words, self.of(part)))) for part in parts]
        for text, *values in itertools.product(self.of(format), *known):
            pieces = _MARK.split(text or "")
            put = [str(value) for value in values] + [OPEN] * len(pieces)
            found.append("".join(itertools.chain(*zip(pieces, put)))[: -len(put[len(pieces) - 1])])
        return [text.replace("%%", "%") for text in found[:_MOST]]

    def _named(self, name):
        """The texts that a variable gets: in the function, from its callers, in the file."""
        if name in self._known:
            return self._known[name]
        self._known[name] = [OPEN]
        scopes = [self._tree] if self._node is None else [self._node, self._tree]
        for scope in scopes:
            values = list(_assigned(scope, name))
            # last, what adds to the variable's own text: `text = "%s: %s" % (where, text)`
            values.sort(key=lambda value: name in _names(value))
            for value in values:
                found = self.of(value)
                if name in _names(value) or self._known[name] == [OPEN]:
                    self._known[name] = _distinct(found)
                else:
                    self._known[name] = _distinct(self._known[name] + found)
            if scope is self._node:
                self._known[name] = _distinct(self._known[name] + list(self._passed(name)))
            if self._known[name] != [OPEN]:
                break
        return self._known.pop(name)

    def _passed(self, name):
        """The texts that callers pass for a parameter of the function."""
        names = [argument.arg for argument in self._node.args.args]
        if name not in names or self._depth == _CALLERS:
            return
        at = names.index(name) - (names[0] in ("self", "cls"))
        for tree, function, call in self._calls[self.function]:
            if tree is not self._tree and _defines(tree, self.function):
                continue  # another function of that name
            given = call.args[at : at + 1]
            given += [each.value for each in call.keywords if each.arg == name]
            if given and function is not self._node:
                yield from _Texts(function, tree, self._calls, self._depth + 1).of(given[0])


def _words(text):
    """The text itself if it has words, OPEN if it is a name or a number."""
    return text if text and " " in text.strip() else OPEN


@functools.cache
def _defines(tree, name):
    return any(isinstance(node, _FUNCTIONS) and node.name == name for node in ast.walk(tree))


def _called(call):
    """The last part of the name that is called."""
    return getattr(call.func, "attr", None) or getattr(call.func, "id", "")


def _assigned(scope, name):
    """The expressions that a scope assigns to a name."""
    for node in ast.walk(scope):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name) and target.id == name:
                    yield node.value


def _names(node):
    """The names in an expression."""
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def _distinct(texts):
    """Each text once, without those that say nothing; [OPEN] if none is left."""
    return list(dict.fromkeys(t for t in texts if t not in (None, "", OPEN)))[:_MOST] or [OPEN]


# the page ----------------------------------------------------------------------------------------
_HEAD = """\
# Errors

*Made by `python -m tools.errors` from the driver's source; do not edit.*

Everything that goes wrong with the module, its line or its network is an `OSError`. The driver's
own classes are `ConnectionError`s too, with these attributes:

| attribute | what |
|---|---|
| `errno` | a number of the interpreter's own `errno` |
| `code` | the module's number, or `None` |
| `text` | the module's own words, or `None` |
| `hint` | what to do, or `None`; the message ends with it, as some interpreters show only that |
| `remedy` | a short name of the hint, for programs that have their own words for it, or `None` |

```python
try:
    radio.connect(ssid, password)
except spwf04.JoinError as error:
    if error.remedy == "check_password":
        ask_again()
```

In the texts below "…" stands for what is known only when the error happens.
"""

_SOCKETS = """\
## What sockets raise

These are plain `OSError`s, like those of the interpreter's own sockets: CPython turns them into
`BlockingIOError`, `TimeoutError` and the like. A socket may also raise the errors of the module's
own numbers.
"""

_ARGUMENTS = """\
## Wrong arguments

The driver checks arguments before it sends a byte. `install()`, `load_verify_locations()` and the
like also raise a `ValueError` for a file with content that cannot be used.
"""


def page():
    """The text of docs/errors.md."""
    every = made()
    parts = [_HEAD, _remedies(every), "## The driver's own classes\n"]
    for name, kind in kinds().items():
        parts.append(_class(name, kind, [error for error in every if _is(error, name)]))
    parts += [_module(), _certificate()]
    sockets = sorted({e for e in every if e.kind in ("OSError", "gaierror")}, key=_by_number)
    rows = dict.fromkeys(
        (f"`{e.number}`" if e.number != OPEN else OPEN, e.message) for e in sockets
    )
    parts.append(_SOCKETS + "\n" + _table(("errno", "message"), rows))
    wrong = [error for error in every if error.kind in ARGUMENTS]
    rows = dict.fromkeys((f"`{e.kind}`", e.message or OPEN, f"{e.file}.py") for e in wrong)
    parts.append(_ARGUMENTS + "\n" + _table(("class", "message", "made in spwf04/"), rows))
    return "\n".join(parts)


def _is(error, name):
    return error.kind == name or (name == "DiscoveryError" and error.kind == HELLO)


def _by_number(error):
    return error.number, error.message


def advice(every):
    """{remedy: its hints} for these Errors and for the module's numbers."""
    found = collections.defaultdict(dict)
    for error in every:
        same = len(error.hints) == len(error.remedies)
        for n, remedy in enumerate(error.remedies):
            found[remedy].update({error.hints[n]: None} if same else {})
    for code in range(1, 256):
        _, hint, remedy = hints.explain(code)
        if hint is not None:
            found[remedy][hint] = None
        _, hint, remedy = refusal.explain(code)
        found[remedy][hint] = None
    return {remedy: list(found[remedy]) for remedy in sorted(found)}


def _remedies(every):
    rows = [
        (f"`{remedy}`", "<br>".join(found), sentence(remedy))
        for remedy, found in advice(every).items()
    ]
    head = ("remedy", "hints, for a program's author", "what the command line says")
    return "## Remedies\n\n" + _table(head, rows)


def _class(name, kind, found):
    text = re.sub(r" \[[^\]]*\]", "", inspect.getdoc(kind) or "")  # without its sources
    text = text.replace("<", "&lt;")
    rows = dict.fromkeys(
        (
            f"`{e.number}`" if e.number != OPEN else OPEN,
            e.message,
            ", ".join(f"`{remedy}`" for remedy in dict.fromkeys(e.remedies)),
            f"{e.file}.py",
        )
        for e in found
    )
    body = _table(("errno", "message", "remedy", "made in spwf04/"), rows) if rows else ""
    return f"### {name}\n\n{text}\n\n{body}"


def _module():
    rows = []
    for code in range(1, 256):
        meaning, hint, remedy = hints.explain(code)
        if meaning is not None:
            rows.append((code, meaning, hint or "", f"`{remedy}`" if remedy else ""))
    head = "## The module's numbers\n\nThe `code` of a ModuleError.\n\n"
    return head + _table(("code", "meaning", "hint", "remedy"), rows)


def _certificate():
    every = {refusal.explain(code): code for code in range(255, 0, -1)}
    usual = refusal.explain(255)
    rows = [
        ("any other" if found == usual else code, found[0], found[1], f"`{found[2]}`")
        for found, code in sorted(every.items(), key=lambda each: (each[0] == usual, each[1]))
    ]
    head = "## Numbers of Certificate Error\n\nThe `code` of a CertificateError.\n\n"
    return head + _table(("code", "meaning", "hint", "remedy"), rows)


def _table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in rows:
        cells = [str(cell).replace("|", "\\|").replace("\n", " ") for cell in row]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main():
    """Write the page."""
    PAGE.write_text(page())


if __name__ == "__main__":
    main()
