"""Which file of the driver imports which, and when.

An import is of one of three kinds:

- a door: a method or a public name that consists of this import and its use (radio.scan(),
  spwf04.SSLContext). Only programs that use the name run the import.
- guarded: `except ImportError` beside it says what happens without the file.
- plain: any other. It may run in any program, so the file that it names belongs to the file that
  has it.
"""

import ast
import collections

PLAIN, DOOR, GUARDED = "plain", "door", "guarded"
PACKAGE = "spwf04"
_NAMELESS = "%s.py:%d imports what it does not name"
_ONCE = "once"  # at/task.py: loads a file for one call; its first argument names it
_ONCE_OF_OWN = "self._once"  # a method that hands its arguments on to once()

# source, target: files, as "net/socket". name: of a door, "SPWF04.scan" or "spwf04.SSLContext"
Import = collections.namedtuple("Import", "source target way name line")


class Tree:
    """The files below a folder, by name, and their imports."""

    def __init__(self, folder):
        self.folder = folder
        self.parsed = {
            path.relative_to(folder).with_suffix("").as_posix(): ast.parse(path.read_text())
            for path in sorted(folder.rglob("*.py"))
        }
        self.imports = {name: list(self._imports(name)) for name in self.parsed}

    def _imports(self, source):
        loads = _loads(self.parsed[source])
        table = _table(self.parsed[source]) if source == "__init__" else {}
        for name, module in table.items():
            for target in self._files(source, 1, module, [name]):
                yield Import(source, target, DOOR, f"{PACKAGE}.{name}", 0)
        for node, above in _walk(self.parsed[source], ()):
            found = []
            if isinstance(node, ast.ImportFrom):
                names = [alias.name for alias in node.names]
                found = self._files(source, node.level, node.module or "", names)
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    found += self._files(source, 0, alias.name, [])
            elif isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                if called in (loads, _ONCE_OF_OWN) and not _hands_on(above):
                    found = self._files("__init__", 0, self._named(source, node), [])
                elif called == "__import__" and len(node.args) > 1:
                    # With a level it imports a file of the driver's, which the table names, or
                    # the calls of once()
                    if not table and not _has_once(self.parsed[source]):
                        raise ValueError(_NAMELESS % (source, node.lineno))
            way, name = _way((*above, node))
            for target in found:
                yield Import(source, target, way, name, getattr(node, "lineno", 0))

    def _named(self, source, call):
        """Return the module that a call of once() names."""
        if not (call.args and isinstance(call.args[0], ast.Constant)):
            raise ValueError(_NAMELESS % (source, call.lineno))
        return f"{PACKAGE}.{call.args[0].value}"

    def _files(self, source, level, module, names):
        """Return the files that an import loads, with the __init__ of the folders above."""
        parts = module.split(".") if module else []
        if level:
            folder = source.split("/")[:-1]
            parts = folder[: len(folder) + 1 - level] + parts
        elif parts[0] != PACKAGE:
            return []  # a module of the interpreter's
        else:
            del parts[0]
        found = ["/".join([*parts[:n], "__init__"]) for n in range(len(parts) + 1)]
        if "/".join(parts) in self.parsed:
            found[-1] = "/".join(parts)
        elif found[-1] not in self.parsed:
            raise ValueError(f"{source}.py imports {module}, which is not there")
        found += ["/".join([*parts, name]) for name in names]
        return [name for name in found if name in self.parsed]

    def has_code(self, file):
        """False for a file that has only a docstring."""
        docstring = ast.get_docstring(self.parsed[file]) is not None
        return len(self.parsed[file].body) > docstring

    def mentions(self, names, files):
        """Yield (file, line, owner, name) of each attribute of these names that the files read."""
        for file in sorted(files):
            for node in ast.walk(self.parsed[file]):
                if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                    if node.attr in names:
                        yield file, node.lineno, ast.unparse(node.value), node.attr


def _loads(tree):
    """Return the name that once() has in a file, or None."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith("task"):
            for alias in node.names:
                if alias.name == _ONCE:
                    return alias.asname or alias.name
    return None


def _hands_on(above):
    """True in the method that hands on to once()."""
    return any(isinstance(n, ast.FunctionDef) and f"self.{n.name}" == _ONCE_OF_OWN for n in above)


def _has_once(tree):
    return any(isinstance(node, ast.FunctionDef) and node.name == _ONCE for node in tree.body)


def _table(tree):
    """Return {public name: module} of the package: its only dictionary of strings."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values):
                if isinstance(key, ast.Constant) and isinstance(value, ast.Constant):
                    found[str(key.value)] = str(value.value).lstrip(".")
    return found


def _walk(node, above):
    """Yield (node, the nodes above it) of all nodes below a node.

    It leaves out what only type checkers read, and what only other interpreters run.
    """
    below = list(ast.iter_child_nodes(node))
    while below:
        child = below.pop(0)
        if isinstance(child, ast.If) and _never(ast.unparse(child.test)):
            below[:0] = child.orelse
            continue
        yield child, (*above, node)
        yield from _walk(child, (*above, node))


def _never(test):
    """True for a condition that does not hold where the .mpy files run."""
    return test == "TYPE_CHECKING" or test.endswith(("== 'cpython'", "== 'circuitpython'"))


def _way(above):
    """Return (the kind of an import, the door's name or None).

    above: the nodes above the import, and the import itself.
    """
    for n, node in enumerate(above[:-1]):
        if isinstance(node, ast.Try) and _catches(node) and above[n + 1] in node.body:
            return GUARDED, None
    for n, node in enumerate(above):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            owner = above[n - 1]
            if isinstance(owner, ast.ClassDef) and not owner.name.startswith("_"):
                if all(_passes(inner, node) for inner in above[n + 1 : -1]):
                    return DOOR, f"{owner.name}.{node.name}"
            break
    return PLAIN, None


def _catches(node):
    return any(
        handler.type is not None and "ImportError" in ast.unparse(handler.type)
        for handler in node.handlers
    )


def _passes(node, method):
    """True if only the arguments decide whether a method runs what stands in this node."""
    if isinstance(node, ast.If):
        made = {ast.unparse(t) for n in node.body if isinstance(n, ast.Assign) for t in n.targets}
        if ast.unparse(node.test) in {f"{target} is None" for target in made}:
            return True  # the method makes what it returns once, and keeps it
        arguments = method.args.posonlyargs + method.args.args + method.args.kwonlyargs
        known = {argument.arg for argument in arguments[1:]}
        names = {n.id for n in ast.walk(node.test) if isinstance(n, ast.Name)}
        return bool(names) and all(name in known or name.isupper() for name in names)
    plain = (ast.Try, ast.With, ast.Return, ast.Expr, ast.Assign, ast.Call, ast.YieldFrom)
    return isinstance(node, plain)
