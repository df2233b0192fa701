"""Which tests a mutant meets: those that run its line, as coverage.py recorded it.

Lines of a module or a class run when any test imports them, which tells nothing. For a constant
the lines that name it count instead, for the head of a function those of its body.
"""

import ast
import collections
import re

from coverage import CoverageData

SOON = 10  # seconds of tests in the first round: most mutants die there
NEAR = "tests/unit/"  # these tests check most closely: they are in the first round,
FILES = 3  # with the tests of so many other files: pytest takes a second to read some files
MANY = 200  # the quickest tests decide which files these are
LATER = 400  # seconds of tests in the second round, at most
ELSEWHERE = 40  # scenarios on another interpreter, at most
HEAVY = 6  # seconds that one of them takes, about: it starts an interpreter
PORT = "micropython32"  # the interpreter that runs all scenarios, see tests/scenarios


class Selection:
    """The recorded lines and times, and the tests that follow for a mutation."""

    def __init__(self, data_file, seconds, texts, paths):
        self._seconds = seconds
        self._texts = texts
        self._paths = paths
        data = CoverageData(data_file)
        data.read()
        # {path: {line: names of tests}}
        self._tests = {}
        for name in data.measured_files():
            path = next((path for path in paths if name.endswith("/" + str(path))), None)
            if path:
                lines = self._tests.setdefault(path, collections.defaultdict(set))
                for line, contexts in data.contexts_by_lineno(name).items():
                    lines[line] |= {context.partition("|")[0] for context in contexts if context}

    def rounds(self, mutation):
        """Two dictionaries {name of a test: seconds}, the quickest tests first."""
        names = set()
        for path, line in self._lines(mutation):
            names |= self._tests.get(path, {}).get(line, set())
        quickest = sorted((n for n in names if n in self._seconds), key=self._seconds.__getitem__)
        near = [name for name in quickest if name.startswith(NEAR)]
        others = [name for name in quickest if not name.startswith(NEAR)]
        files = dict(collections.Counter(map(_file, others[:MANY])).most_common(FILES))
        near += [name for name in others if _file(name) in files]
        first = self._within(SOON, near)
        return first, self._within(LATER, _dealt([n for n in quickest if n not in first]))

    def _within(self, limit, names):
        """As many of these tests as fit into `limit` seconds."""
        found, total = {}, 0
        for name in names:
            total += self._seconds[name]
            if total > limit:
                break
            found[name] = self._seconds[name]
        return found

    def elsewhere(self, mutation):
        """The same scenarios on another interpreter. None: all, if no test tells which."""
        names = [name for part in self.rounds(mutation) for name in part]
        mine = [n for n in names if n.startswith("tests/scenarios/") and n.endswith("-inprocess]")]
        if not names or (not mine and mutation.module_path.parent.name == "hosttls"):
            return None
        return {n.replace("-inprocess]", f"-{PORT}]"): HEAVY for n in mine[:ELSEWHERE]}

    def _lines(self, mutation):
        """(path, line) of the lines that count for this mutation."""
        path, line = mutation.module_path, mutation.start_pos[0]
        above = _above(self._texts(path)[1], line)
        function = next((n for n in reversed(above) if _is_function(n)), None)
        statement = above[-1]
        if function is None or function is statement:
            yield from self._lines_at_import(path, statement)
        elif self._tests.get(path, {}).get(line):
            yield path, line
        else:
            yield from ((path, n) for n in _own_lines(statement))

    def _lines_at_import(self, path, statement):
        """The lines that count for a statement that runs when the file is imported."""
        if _is_function(statement):
            yield from (
                (path, n) for n in range(statement.body[0].lineno, statement.end_lineno + 1)
            )
            return
        targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
        words = [n.id for t in targets if t for n in ast.walk(t) if isinstance(n, ast.Name)]
        pattern = re.compile(r"\b(%s)\b" % "|".join(words)) if words else None
        for of in self._paths:
            for n, text in enumerate(self._texts(of)[0].splitlines(), 1):
                if pattern.search(text) if pattern else of == path:
                    yield of, n


def _dealt(names):
    """The first test of each file, then the second of each, and so on."""
    turns = collections.Counter()
    places = []
    for name in names:
        places.append(turns[_file(name)])
        turns[_file(name)] += 1
    return [name for _, name in sorted(zip(places, names), key=lambda pair: pair[0])]


def _file(name):
    return name.partition("::")[0]


def _is_function(node):
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))


def _above(parsed, line):
    """The statements around a line, the innermost last. A decorator belongs to its function."""
    found, inner = [], parsed.body
    while inner:
        nodes, inner = inner, []
        for node in nodes:
            first = min([node.lineno] + [d.lineno for d in getattr(node, "decorator_list", ())])
            if first <= line <= node.end_lineno:
                if isinstance(node, ast.stmt):
                    found.append(node)
                inner = [
                    part
                    for name in ("body", "orelse", "finalbody", "handlers")
                    for part in getattr(node, name, ())
                    if isinstance(part, (ast.stmt, ast.ExceptHandler))
                ]
    return found


def _own_lines(statement):
    """The lines of a statement. With a body: those before the body, and those of each `except`."""
    body = getattr(statement, "body", None)
    last = body[0].lineno - 1 if isinstance(body, list) else statement.end_lineno
    yield from range(statement.lineno, max(statement.lineno, last) + 1)
    for handler in getattr(statement, "handlers", ()):
        yield handler.lineno
