"""The places where the driver is mutated, and the choice that a seed makes among them.

The places are those that cosmic-ray offers, without texts, annotations and the like.
"""

import ast
import collections
import pathlib
import random

from cosmic_ray.commands import init
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator

FOLDERS = ("at", "net", "tls", "hosttls", "pki")
LEAST = 40  # mutants of each folder

# was, becomes: the line before and after, without its indent
Change = collections.namedtuple("Change", "file line was becomes")


def files():
    """The files that are mutated."""
    return [
        path for folder in FOLDERS for path in sorted(pathlib.Path("spwf04", folder).glob("*.py"))
    ]


def folder(mutation):
    """The folder that a mutation belongs to."""
    return mutation.module_path.parts[-2]


class Texts:
    """The files: their text, their syntax trees, and the places where nothing is mutated."""

    def __init__(self):
        self._of = {}

    def __call__(self, path):
        """(text, syntax tree, spans of (line, column) where nothing is mutated) of a file."""
        if path not in self._of:
            text = path.read_text()
            parsed = ast.parse(text)
            self._of[path] = text, parsed, [_span(node) for node in _left_out(parsed)]
        return self._of[path]

    def mutated(self, mutation):
        """The text with a mutation; None if it does not compile, or if the code stays the same."""
        text, parsed, spans = self(mutation.module_path)
        if any(a <= mutation.start_pos and mutation.end_pos <= b for a, b in spans):
            return None
        operator = get_operator(mutation.operator_name)(**mutation.operator_args)
        try:
            mutant = mutate_code(text, operator, mutation.occurrence)
            changed = ast.dump(ast.parse(mutant)) != ast.dump(parsed)
        except (AttributeError, SyntaxError, TypeError):  # cosmic-ray fails at some places
            return None
        return mutant if changed else None

    def change(self, mutation):
        """What a mutation does, as a Change."""
        before = self(mutation.module_path)[0].splitlines()
        after = (self.mutated(mutation) or "").splitlines()
        n = next(n for n, (a, b) in enumerate(zip(before, after)) if a != b)
        return Change(str(mutation.module_path), n + 1, before[n].strip(), after[n].strip())


def _span(node):
    return (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)


def _first_words(node):
    return ast.unparse(node.test if isinstance(node, ast.If) else node.targets[0])


def _left_out(parsed):
    """The nodes where nothing is mutated.

    They are annotations, texts of messages (text % values), guarded imports, and code for type
    checkers alone.
    """
    for node in ast.walk(parsed):
        for name in ("annotation", "returns"):
            if getattr(node, name, None) is not None:
                yield getattr(node, name)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
            if isinstance(node.left, ast.Constant) and isinstance(node.left.value, str):
                yield node
        if isinstance(node, ast.Try) and all(
            isinstance(part, (ast.Import, ast.ImportFrom)) for part in node.body
        ):
            yield node
        if isinstance(node, (ast.If, ast.Assign)) and "TYPE_CHECKING" in _first_words(node):
            yield node


class _Offered:
    """All mutants that cosmic-ray offers. Its own database is slow for so many."""

    def clear(self):
        pass

    def add_work_items(self, items):
        self.items = list(items)


def choose(db, texts, seed, count):
    """Fill a session with `count` mutants."""
    offered = _Offered()
    init(files(), offered, {})
    places = collections.defaultdict(lambda: collections.defaultdict(list))
    for item in offered.items:
        mutation = item.mutations[0]
        place = (str(mutation.module_path), mutation.start_pos, mutation.end_pos)
        of = places[folder(mutation)]
        of[place].append((mutation.operator_name, mutation.occurrence, item))
    for name, n in _shares({name: len(of) for name, of in places.items()}, count).items():
        chance = random.Random(f"{seed} {name}")
        chosen = []
        for place in chance.sample(sorted(places[name]), len(places[name])):
            mutants = sorted(places[name][place], key=lambda entry: entry[:2])
            item = chance.choice(mutants)[2]
            if texts.mutated(item.mutations[0]) is not None:
                chosen.append(item)
                if len(chosen) == n:
                    break
        db.add_work_items(chosen)


def _shares(places, count):
    """How many mutants each folder gets."""
    shares = {name: max(LEAST, count * n // sum(places.values())) for name, n in places.items()}
    largest = max(shares, key=lambda name: shares[name])
    shares[largest] += max(0, count - sum(shares.values()))
    return shares
