"""Board files: how a module is wired to an MCU. Each has a function radio(), which returns the
driver."""

import ast
import pathlib

import typer

_HERE = pathlib.Path(__file__).resolve().parents[1]
_LARGEST = 8192
_ON_A_PC = ("desktop", "raspberry_pi", "simulated")


def shipped():
    """{name: path} of the board files that come with this command line."""
    for folder in (_HERE / "boards", _HERE.parent / "boards"):
        if folder.is_dir():
            there = {p.stem: p for p in sorted(folder.glob("*.py")) if p.stem != "__init__"}
            return {n: p for n, p in there.items() if n not in _ON_A_PC}
    return {}


def described():
    """[(name, its boards)] of the board files that come with this command line."""
    return [(name, _heading(path)) for name, path in shipped().items()]


def _heading(path):
    """The first line of a file's docstring, without its full stop."""
    words = ast.get_docstring(ast.parse(path.read_bytes())) or ""
    return words.partition("\n")[0].rstrip(".")


def board_file(text):
    """The content of a board file, bytes. text: name of one that comes with this command line, or
    a path. A usage error if it is no board file."""
    there = shipped()
    path = there.get(text) or pathlib.Path(text)
    try:
        data = path.read_bytes()
    except OSError as e:
        names = ", ".join(there)
        raise _unfit(f"{text}: {e.strerror}. Name a file, or one of: {names}") from None
    if len(data) > _LARGEST:
        raise _unfit(f"{text} is {len(data)} bytes long, the limit is {_LARGEST}")
    try:
        tree = ast.parse(data)
    except (SyntaxError, ValueError) as e:
        raise _unfit(f"{text} is not Python: {e}") from None
    if not any(isinstance(n, ast.FunctionDef) and n.name == "radio" for n in tree.body):
        raise _unfit(f"{text} has no function radio(), which returns the driver")
    return data


def _unfit(words):
    return typer.BadParameter(words, param_hint="--board")
