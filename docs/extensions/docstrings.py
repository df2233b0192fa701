"""Sphinx extension: makes the reference of docstrings as this project writes them.

A docstring is prose. "name: words" at the beginning of a sentence tells of an argument or an
attribute, a sentence that begins with an exception tells when it is raised, and "[c.3]" is a place
in docs/protocol.md. Here they become lists and links. Names with brackets, "connect()", lead to
their entry.
"""

import inspect
import re

from docutils import nodes

_START = r"(?:^|(?<=[.?!] )|(?<=\] )|(?<=\.\) ))"
_ERROR = r"(?:\w+Error|LinkLost|NotFound|NoTerminals|ModuleRestarted|gaierror)"
_ERRORS = rf"{_ERROR}(?:(?:, or |, | or ){_ERROR})*"
_FIELD = re.compile(
    rf"{_START}(?:(?P<names>[a-z]\w*(?:,(?: or)? [a-z]\w*)*): "
    rf"|(?:Raises )?(?P<errors>{_ERRORS})(?=[.:,; ]|$):?)"
)
_PLAIN = re.compile(
    rf"{_START}(?=Returns? |It waits |It never |Nothing |To be read|The other |Its parts)"
)
_SOURCE = r"(?:[a-m](?:\.\d+)*|T\d+|decision \d+)"
_INLINE = re.compile(
    rf"`(?P<code>[^`]+)`|\[(?P<places>{_SOURCE}(?:,\s{_SOURCE})*)\]"
    r"|docs/(?P<page>\w+)\.md"
    rf"|(?P<call>\b[A-Za-z_][\w.]*\(\)|\b{_ERROR}\b)|(?P<special>[\\*_|])"
)
# What a program calls an object of the class
_OBJECTS = {"radio": "SPWF04", "certs": "CertificateStore", "files": "Files", "pool": "SocketPool"}


def inline(text, root):
    """Text as reStructuredText. root: the way from its page to the site's first one."""

    def place(name):
        anchor = name.lower().replace(" ", "-")
        return f"`{name} <{root}protocol.html#{anchor}>`__"

    def write(found):
        if found["code"]:
            return f"``{found['code']}``"
        if found["places"]:
            return "[" + ", ".join(map(place, re.split(r",\s", found["places"]))) + "]"
        if found["call"]:
            return f":py:obj:`{found['call']} <{found['call'].rstrip('()')}>`"
        if found["page"]:
            return f"“:doc:`/{found['page']}`”"
        return "\\" + found["special"]

    return _INLINE.sub(write, text)


def parted(paragraph):
    """("names", names, words) of what the paragraph tells of arguments, ("errors", …) of what it
    raises, ("", "", words) of all else. An error has one sentence."""
    marks = [(m.start(), m) for m in _FIELD.finditer(paragraph)]
    marks += [(m.start(), None) for m in _PLAIN.finditer(paragraph)]
    marks = [(0, None), *sorted(marks, key=lambda mark: mark[0]), (len(paragraph), None)]
    for (start, found), (end, _) in zip(marks, marks[1:]):
        words = paragraph[found.end() if found else start : end].strip()
        if found and found["errors"]:
            words, stop, rest = (words + " ").partition(". ")
            yield "errors", found["errors"], (words + stop).strip(" .")
            words = rest.strip()
        elif found:
            yield "names", found["names"], words
            continue
        if words:
            yield "", "", words


def rewrite(app, what, name, obj, options, lines):
    """Put a docstring in order (autodoc-process-docstring)."""
    root = "../" * app.env.docname.count("/")
    prose, attributes, fields = [], [], {"Arguments": [], "Raises": []}
    for paragraph in "\n".join(lines).strip("\n").split("\n\n"):
        if paragraph.startswith("    "):
            prose += [".. code-block:: python", "", *paragraph.split("\n"), ""]
            continue
        text = " ".join(paragraph.split())
        rest = []
        for kind, head, words in [("", "", text)] if what == "module" else parted(text):
            words = inline(words, root)
            if not kind:
                rest.append(words)
                continue
            if kind == "names":
                if not takes(what, name, obj, head):
                    names = head.replace(",", "\n" + " " * 17)
                    attributes += f".. py:attribute:: {names}\n\n   {words}\n".split("\n")
                    continue
                kind = "Arguments"
                head = re.sub(r"\b(?!or\b)\w+", r"**\g<0>**", head)
            else:
                kind, head = "Raises", inline(head, root)
            joint = " " if words[:1] in ("", "(", "[") else " – "
            fields[kind].append(f"   * {head}{joint}{words}".rstrip())
        if rest and rest[0][:1] == "[" and prose:  # a source alone: it is that of all
            prose[-2] += " " + rest.pop(0)
        if rest:
            prose += [" ".join(rest), ""]
    lines[:] = prose
    for kind, found in fields.items():
        if found:
            lines += [f":{kind}:", *found, ""]
    lines += attributes


def takes(what, name, obj, head):
    """True if what a docstring tells of is an argument of a program's call, not an attribute. A
    class that stands deep in the package is a result: programs do not make it."""
    if what in ("class", "exception"):
        made = what == "class" and name.count(".") < 3
        return made and head.partition(",")[0] in inspect.signature(obj).parameters
    return True


def find(app, env, node, content):
    """Find a name by its end, as "Reply" of spwf04.commands.ping.Reply (missing-reference)."""
    if node.get("refdomain") != "py":
        return None
    *owners, name = node["reftarget"].split(".")
    end = "." + ".".join([_OBJECTS.get(owner, owner) for owner in owners[-1:]] + [name])
    objects = env.domains["py"].objects
    found = [one for one in objects if one.endswith(end) and not objects[one].aliased]
    if len(found) != 1:  # no name of the reference, or of several
        return content if node["reftype"] == "obj" else None
    entry = objects[found[0]]
    address = app.builder.get_relative_uri(node["refdoc"], entry.docname) + "#" + entry.node_id
    return nodes.reference("", "", content, internal=True, refuri=address)


def setup(app):
    """Called by Sphinx."""
    app.connect("autodoc-process-docstring", rewrite)
    app.connect("missing-reference", find)
    return {"parallel_read_safe": True}
