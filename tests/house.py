"""The order of the driver's source: its floors, and what the rules find in the files.

    python -m tests.house            figures: files, lines, circles, what each rule finds
    python -m tests.house FOLDER     the same for the spwf04/ in another folder

test_house.py states the rules and tests them; this file finds the faults. Each finder takes the
files and yields one line for each fault. The line has no line number, so an edit elsewhere in the
file does not change it.
"""

import ast
import functools
import pathlib
import re
import sys

from tests.shims import package

# Floors from the top, and the files of each from the top. "": files that stand in no folder
FLOORS = """
: __init__
compat: __init__ network ipconfig accesspoint wifi ssl socket
services: http httprequest httpurl httpbody mqtt websocket mail tftp web template pins python
    printed incoming links secure leftovers
: supervise aio radio state
tls: store diagnose trust context refusal host plan judge discover listing placing selection
    upload slot
hosttls: stream cpython micropython circuitpython watch validity named native
net: pool udp datagrams server clients socket makefile endpoint cork connect stream closing half
    failure
commands: accesspoint volumes update ping factory power baudrate files replace status random
    addresses join enterprise wps filesystem scan station reset clock config comma
at: reading channel task resync raw failure exchange hints trace secret uart parser message
roots: bundling search issuers ends bundle damage
pki: identity rules faults causes authority handshake certificate chain words source pem kinds
    forms names x509
: strings digest sha hostfile payload checks arguments hosts errors dates const
"""


def floors(text=FLOORS):
    """[(folder, [files])] from the top. A file's name is its import without "spwf04."."""
    found = []
    for part in re.sub(r"\n +", " ", text).strip().splitlines():
        folder, _, names = part.partition(":")
        files = [folder if n == "__init__" else f"{folder}.{n}".strip(".") for n in names.split()]
        found.append((folder, files))
    return found


# Reading -----------------------------------------------------------------------------------------
class File:
    """A source file of the driver, or of another package: its name, its text and its tree.

    The name is its import without "spwf04.". package: "spwf04", or the other package's name.
    """

    def __init__(self, path, root, package):
        self.package = package
        parts = path.relative_to(root).with_suffix("").parts
        self.is_package = parts[-1] == "__init__"
        self.parts = parts[:-1] if self.is_package else parts
        self.name = ".".join(self.parts)
        self.folder = ".".join(parts[:-1])
        self.text = path.read_text()

    # Made when first asked for: each worker collects the tests that name the files

    @functools.cached_property
    def tree(self):
        return ast.parse(self.text)

    @functools.cached_property
    def nodes(self):
        return list(ast.walk(self.tree))

    @functools.cached_property
    def docstrings(self):
        """The nodes of its docstrings."""
        bodies = (ast.Module, ast.ClassDef, *_FUNCTIONS)
        with_one = [n for n in self.nodes if isinstance(n, bodies) and _docstring(n)]
        return {node.body[0].value for node in with_one}

    @functools.cached_property
    def late(self):
        """The nodes inside functions."""
        functions = [n for n in self.nodes if isinstance(n, (*_FUNCTIONS, ast.Lambda))]
        return {n for node in functions for n in ast.walk(node) if n is not node}

    def strings(self):
        """Its strings, as str, without docstrings."""
        for node in self.nodes:
            if isinstance(node, ast.Constant) and node not in self.docstrings:
                if isinstance(node.value, str):
                    yield node.value
                elif isinstance(node.value, bytes):
                    yield node.value.decode("latin-1")


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _docstring(node):
    first = node.body[0] if node.body else None
    return (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    )


def read(root=package.DRIVER, name="spwf04"):
    """{name: File} for all files of the driver, or of another package, in the folder `root`."""
    found = [File(path, root, name) for path in sorted(root.rglob("*.py"))]
    return {f.name: f for f in found}


@functools.cache
def driver():
    """What read() gives for the driver, read only once."""
    return read()


# Imports -----------------------------------------------------------------------------------------
def imports(file, files):
    """(file imported, node) of each import of ours, wherever it stands: in functions, under
    TYPE_CHECKING, by once(), and by __import__() with every name that this file spells."""
    for node in file.nodes:
        if isinstance(node, ast.ImportFrom):
            for target in _of_import_from(node, file, files):
                yield target, node
        elif isinstance(node, ast.Import):
            for alias in node.names:
                target = _ours(alias.name, file)
                if target in files:
                    yield target, node
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called == "__import__":
                level = getattr(node.args[4], "value", 1) if len(node.args) > 4 else 0
                for word in {word for text in file.strings() for word in text.split()}:
                    target = word if level else _ours(word, file)
                    if target in files and target != file.name:
                        yield target, node
            elif called in _ONCE and _has_once(file):
                target = getattr(node.args[0], "value", None)
                if target in files:
                    yield target, node


def _ours(name, file):
    """ "net.pool" of "spwf04.net.pool", "" of "spwf04"; None of others'."""
    first, _, rest = name.partition(".")
    return rest if first == file.package else None


def _of_import_from(node, file, files):
    if node.level:
        up = node.level - 1 if file.is_package else node.level
        if up > len(file.parts):
            return
        base = file.parts[: len(file.parts) - up]
    else:
        if _ours(node.module, file) is None:
            return
        base = ()
    module = node.module or ""
    module = module if node.level else _ours(module, file)
    where = ".".join((*base, *filter(None, module.split("."))))
    others = False  # whether it takes a name of `where` itself
    for alias in node.names:
        inside = f"{where}.{alias.name}".strip(".")
        if inside in files:
            yield inside
        else:
            others = True
    if others and where in files:
        yield where


def edges(files):
    """{file: set of files that it imports}."""
    return {name: {t for t, _ in imports(f, files)} - {name} for name, f in files.items()}


def circles(graph):
    """The circles of a graph {node: set of nodes}: sorted lists, the largest first."""
    order, low, stack, found = {}, {}, [], []

    def visit(node):
        order[node] = low[node] = len(order)
        stack.append(node)
        for other in graph[node]:
            if other not in order:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], order[other])
        if low[node] == order[node]:
            at = stack.index(node)
            found.append(sorted(stack[at:]))
            del stack[at:]

    for node in graph:
        if node not in order:
            visit(node)
    return sorted((c for c in found if len(c) > 1), key=len, reverse=True)


# 1 and 2 -----------------------------------------------------------------------------------------
def arrows_up(files, text=FLOORS):
    """1. Imports of a higher floor, or of a file higher up in the same folder."""
    place = {}
    for _, names in floors(text):
        for name in names:
            place[name] = len(place)
    for name, targets in edges(files).items():
        for target in targets:
            if place.get(target, -1) <= place.get(name, -1):
                yield f"{name or 'spwf04'} -> {target or 'spwf04'}"


def not_on_a_floor(files, text=FLOORS):
    """1. Files that FLOORS does not name, and what it names that is not there."""
    named = [name for _, names in floors(text) for name in names]
    for folder in {f.folder for f in files.values()} - {""}:
        if folder in files and folder not in named:
            named.append(folder)  # its __init__ is empty, see folders_that_do_more()
    yield from set(named) ^ set(files) | {n for n in named if named.count(n) > 1}


def folders_that_do_more(files, text=FLOORS):
    """1. An __init__ that holds more than its docstring and has no place in FLOORS."""
    named = {name for _, names in floors(text) for name in names}
    for file in files.values():
        if file.is_package and file.name not in named:
            if not (len(file.tree.body) == 1 and ast.get_docstring(file.tree)):
                yield file.name


def in_circles(files):
    """2. Files that import each other, directly or by way of others."""
    for circle in circles(edges(files)):
        for name in circle:
            yield f"file {name or 'spwf04'}"


def folders_in_circles(files, text=FLOORS):
    """2. Folders that do. Files in no folder count as one folder for each floor they are on."""
    floor = {}
    for at, (folder, names) in enumerate(floors(text)):
        for name in names:
            floor[name] = folder or f"floor {at}"
    graph = {floor.get(name, file.folder): set() for name, file in files.items()}
    for name, targets in edges(files).items():
        here = floor.get(name, files[name].folder)
        graph[here] |= {floor.get(t, files[t].folder) for t in targets} - {here}
    for circle in circles(graph):
        for name in circle:
            yield f"folder {name}"


# 3 and 4 -----------------------------------------------------------------------------------------
def dynamic_names(files):
    """3. Classes and modules that find names by code: they define or assign __getattr__ or so."""
    wanted = {"__getattr__", "__getattribute__", "__setattr__", "__delattr__"}
    for name, file in files.items():
        for owner in file.nodes:
            if isinstance(owner, (ast.ClassDef, ast.Module)):
                for node in _statements(owner):
                    for word in _bound(node) & wanted:
                        yield f"{name or 'spwf04'}: {getattr(owner, 'name', 'module')}.{word}"


# What programs call. Each name stands in the class statement, or in that of a base
PUBLIC = """
SPWF04: apply_update baudrate certs config connect disconnect fetch_update files find_baudrate
    firmware get hostname ifconfig ipv4_address isconnected mac_address ntp ping reset rssi save
    scan set set_baudrate set_flow_control set_time status time time_is_set TLS_MODE
SocketPool: fit getaddrinfo gaierror socket AF_INET AF_INET6 EAI_NONAME IPPROTO_IP IPPROTO_TCP
    IPPROTO_UDP SOCK_DGRAM SOCK_RAW SOCK_STREAM SOL_SOCKET SO_REUSEADDR TCP_NODELAY
Socket: accept bind cipher close connect engine ioctl is_new is_open listen makefile read readinto
    readline recv recv_into send sendall setblocking setsockopt settimeout version write
SSLContext: check_hostname load_cert_chain load_verify_locations verify_mode wrap_socket
CertificateStore: clear diagnose discover entries forget_identity identity install install_for
    keep_for_host list pin remove
Entry: not_after owner roots subject volatile volume written
Files: append begin commit find get give_up list put ram_left read remove same space split
"""


def missing(files, text=PUBLIC):
    """3. Names of PUBLIC that do not stand in their class, nor in a base."""
    classes = {
        node.name: node
        for file in files.values()
        for node in file.nodes
        if isinstance(node, ast.ClassDef)
    }
    for line in re.sub(r"\n +", " ", text).strip().splitlines():
        owner, names = line.split(": ")
        for name in sorted(set(names.split()) - _names(owner, classes)):
            yield f"{owner}.{name}"


def _names(owner, classes):
    """What a class and its bases have, by name."""
    if owner not in classes:
        return set()
    found = set()
    for node in _statements(classes[owner]):
        found |= _bound(node)
    for base in classes[owner].bases:
        found |= _names(ast.unparse(base), classes)
    return found


def _statements(owner):
    """The statements of a file or class, also those behind an if, try or with."""
    for node in owner.body:
        yield node
        if isinstance(node, (ast.If, ast.Try, ast.With)):
            for inside in ast.walk(node):
                if isinstance(inside, ast.stmt) and inside is not node:
                    yield inside


def _bound(node):
    """Names that a statement binds."""
    if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return {n.id for t in targets if t for n in ast.walk(t) if isinstance(n, ast.Name)}


def put_on_others(files):
    """4. Attributes that a file puts on another file's class or module.

    Methods that are put on objects (self too), and calls of setattr() and delattr() count too.
    """
    methods, data = set(), set()
    for file in files.values():
        for owner in file.nodes:
            if isinstance(owner, ast.ClassDef):
                methods |= _methods(owner)
                data |= _data(owner) - _methods(owner)
    for name, file in files.items():
        imported = {
            alias.asname or alias.name
            for node in file.nodes
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for alias in node.names
        }
        classes = [n for n in file.nodes if isinstance(n, ast.ClassDef)]
        own = {word for owner in classes for word in _methods(owner)}
        kept = {word for owner in classes for word in _data(owner)} - own
        for node in file.nodes:
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                if node.func.id in ("setattr", "delattr") and name != ONCE:
                    yield f"{name}: {ast.unparse(node)}"
            elif isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Delete)):
                targets = getattr(node, "targets", None) or [node.target]  # pyright: ignore
                value = getattr(node, "value", None)
                bound = isinstance(value, ast.Attribute) and value.attr in own
                for target in [t for whole in targets for t in _attributes(whole)]:
                    base = ast.unparse(target.value)
                    word = target.attr
                    if base in imported or base.startswith("type("):
                        yield f"{name}: {ast.unparse(node)}"
                    elif base == "self" and word in kept:
                        pass  # its own variable; a method of another class may have the name
                    elif isinstance(value, (ast.Constant, ast.BinOp)):
                        pass  # the value is no function
                    elif word in methods and (bound or word not in data):
                        yield f"{name}: {ast.unparse(node)}"


def _methods(owner):
    """Names of the methods of a class, without its properties."""
    return {
        n.name
        for n in owner.body
        if isinstance(n, _FUNCTIONS)
        and not any(re.search(r"property|setter", ast.unparse(d)) for d in n.decorator_list)
    }


def _data(owner):
    """Attributes of a class that are no functions: its variables, and what it sets on self."""
    found = set()
    for node in owner.body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            found |= _bound(node)
    for node in ast.walk(owner):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            if ast.unparse(node.value) == "self":
                found.add(node.attr)
    return found


def _attributes(target):
    if isinstance(target, ast.Attribute):
        yield target
    elif isinstance(target, (ast.Tuple, ast.List)):
        for part in target.elts:
            yield from _attributes(part)


# 5 -----------------------------------------------------------------------------------------------
# Parts of the channel that are seldom loaded, and what is in flight
FRIENDS = dict.fromkeys(("at.resync", "at.raw", "at.exchange"), "at.channel")
FOREIGN = {"_machine"}  # an attribute of sys.implementation


def others_privates(files):
    """5. Names with an underscore that are used here and defined in another file."""
    defined = {name: defines(file) for name, file in files.items()}
    for name, file in files.items():
        known = defined[name] | FOREIGN | defined.get(FRIENDS.get(name), set())
        used = {n.attr for n in file.nodes if isinstance(n, ast.Attribute)}
        used |= {a.name for n in file.nodes if isinstance(n, ast.ImportFrom) for a in n.names}
        for word in used:
            if re.match(r"_(?!_)", word) and word not in known:
                yield f"{name}: {word}"


def defines(file):
    """Private names that a file defines: functions, classes, variables, attributes of self."""
    found = set()
    for node in file.nodes:
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            if isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"):
                found.add(node.attr)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "namedtuple":
            found.update(ast.unparse(node).split("'"))
    return found


# 6 -----------------------------------------------------------------------------------------------
LINES_OF_A_FILE = 500
LINES_OF_A_FUNCTION = 40
FILES_OF_A_FOLDER = 15


def too_long(files):
    """6. Files, functions without their docstring, and folders that are too large."""
    folders = {}
    for name, file in files.items():
        folders.setdefault(file.folder, []).append(name)
        if len(file.text.splitlines()) > LINES_OF_A_FILE:
            yield f"file {name}"
        for owner, node in _functions(file.tree, name):
            length = node.end_lineno - node.lineno + 1
            if _docstring(node):
                length -= node.body[0].end_lineno - node.body[0].lineno + 1
            if length > LINES_OF_A_FUNCTION:
                yield f"function {owner}.{node.name}"
    for folder, names in folders.items():
        if len(names) > FILES_OF_A_FOLDER:
            yield f"folder {folder or 'spwf04'}"


def _functions(tree, owner):
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, _FUNCTIONS):
            yield owner, node
        inside = getattr(node, "name", None)
        yield from _functions(node, f"{owner}.{inside}" if inside else owner)


# 7 -----------------------------------------------------------------------------------------------
ONCE = "at.task"  # the file that defines once()


def modules_taken_away(files):
    """7. sys.modules outside compat, hosttls and once()."""
    for name, file in files.items():
        if name == ONCE or file.folder in ("compat", "hosttls"):
            continue
        names = {a.name for n in file.nodes if isinstance(n, ast.ImportFrom) for a in n.names}
        used = any(isinstance(n, ast.Attribute) and n.attr == "modules" for n in file.nodes)
        if used or "modules" in names:
            yield name


# once(), and a method that calls it: one call site for several files
_ONCE = ("once", "self._once")


def calls_of_once(files):
    """7. Where once() is called, and for which file: "radio: commands.join"."""
    for name, file in files.items():
        if _has_once(file):
            named = {"once": [], "self._once": []}
            for node in file.nodes:
                if isinstance(node, ast.Call) and ast.unparse(node.func) in _ONCE:
                    value = getattr(node.args[0], "value", None)
                    named[ast.unparse(node.func)].append(value)
            for value in named["once"]:
                yield f"{name}: {value or ' '.join(named['self._once'])}"


def _has_once(file):
    """Whether a file defines once() or imports it."""
    return file.name == ONCE or any(
        isinstance(node, ast.ImportFrom)
        and (node.module or "").split(".")[-1] == ONCE.split(".")[-1]
        and "once" in [alias.name for alias in node.names]
        for node in file.nodes
    )


def kept_by_others(files):
    """7. Files that once() drops, but that stay: another file, which stays, imports them at its
    top."""
    dropped = {n for call in calls_of_once(files) for n in call.split(": ")[1].split()}
    targets = set(dropped)
    graph = edges(files)
    while True:  # what only dropped files import is dropped with them
        more = {
            name
            for name in files
            if (users := {n for n, found in graph.items() if name in found}) and users <= dropped
        } - dropped
        if not more:
            break
        dropped |= more
    for name, file in files.items():
        if name not in dropped:
            for target, node in imports(file, files):
                if target in targets and node not in file.late:
                    yield f"{name} -> {target}"


# 9 -----------------------------------------------------------------------------------------------
# Where AT commands may stand: folders, and files
COMMANDS = ("commands", "services", "net")
ALSO = ("tls.slot", "supervise", "at.resync", "at.raw", "at.exchange")
# These files know commands too: they show what is on the line without its secrets
READERS = ("at.trace", "at.secret")


def commands_elsewhere(files):
    """9. AT commands outside the files that send them."""
    for name, file in files.items():
        if name in ALSO or name in READERS or file.folder.split(".")[0] in COMMANDS:
            continue
        for text in file.strings():
            for command in re.findall(r"AT\+S\.\w*|AT&\w|^AT\r", text):
                yield f"{name}: {command.strip()}"


# All together ------------------------------------------------------------------------------------
RULES = {
    "1 imports": (arrows_up, not_on_a_floor, folders_that_do_more),
    "2 circles": (in_circles, folders_in_circles),
    "3 names": (dynamic_names, missing),
    "4 assignments": (put_on_others,),
    "5 privates": (others_privates,),
    "6 lengths": (too_long,),
    "7 modules": (modules_taken_away, kept_by_others),
    "9 commands": (commands_elsewhere,),
}


def faults(rule, files):
    """What a rule finds: a set of lines."""
    return {line for find in RULES[rule] for line in find(files)}


def figures(files):
    """The figures of a tree, line by line."""
    rings = circles(edges(files))
    yield f"{len(files)} files, {sum(len(f.text.splitlines()) for f in files.values())} lines"
    yield f"{len(rings)} circles, the largest of {len(rings[0]) if rings else 0} files"
    has_floors = any(f.folder for f in files.values())
    for rule in RULES:
        if not has_floors and rule[0] in "19":
            continue
        yield f"{len(faults(rule, files)):4}  {rule}"
    yield f"{len(list(calls_of_once(files))):4}  call sites of once()"


def main(arguments):
    """Print the figures."""
    root = pathlib.Path(arguments[0]) / "spwf04" if arguments else package.DRIVER
    print(*figures(read(root)), sep="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
