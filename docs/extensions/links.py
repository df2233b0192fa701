"""Sphinx extension: what the links of the pages lead to on the site.

README, CONTRIBUTING and CHANGELOG stand outside this folder. Each has a page here that says so on
GitHub; on the site that page shows their text. A link to any other file of the repository leads to
a page that shows this file. A link to an anchor, <a id="…"></a>, leads there. In the place of a
page's file name, "tls.md", the site has its title.
"""

import html
import os
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
# page: the file whose text it shows
SHOWN = {
    "index": ROOT / "README.md",
    "contributing": ROOT / "CONTRIBUTING.md",
    "changelog": ROOT / "CHANGELOG.md",
}
_HOMES = {file: DOCS / f"{page}.md" for page, file in SHOWN.items()}
_LANGUAGES = {".py": "python", ".toml": "toml", ".json": "json", ".sh": "bash"}
_FENCE = re.compile(r"^(```.*?^```)", re.M | re.S)
_LINK = re.compile(r"(!?)\[((?:[^\[\]`]|`[^`]*`)*)\]\(([^)\s]+)\)")


_ENTRY = re.compile(r"^[\w/]+\n", re.M)


def _if_there(entry):
    """An entry of a list of pages, or nothing if the page is not written yet."""
    return entry[0] if (DOCS / f"{entry[0].strip()}.md").exists() else ""


def show(app, page, content):
    """Put the text of a page in order before it is read (source-read)."""
    source = SHOWN.get(page, DOCS / f"{page}.md")
    text = content[0]
    if page in SHOWN:
        app.env.note_dependency(str(source))
        lists = [_ENTRY.sub(_if_there, fence) for fence in _FENCE.findall(text)]
        text = "\n".join([source.read_text("utf-8"), *lists, ""])
    home = os.path.dirname(page)

    def link(found):
        picture, words, target = found.groups()
        if picture:
            file = os.path.relpath(source.parent / target, DOCS / home)
            return found[0] if re.match(r"\w+:", target) else f"![{words}]({file})"
        kind, address = leads_to(target, source)
        if kind == "page":
            to = os.path.relpath(address, home or ".")
            return f"“[]({to})”" if words.endswith(".md") else f"[{words}]({to})"
        if kind == "html":
            return f'<a href="{os.path.relpath(address, home or ".")}">{words}</a>'
        return found[0]

    parts = _FENCE.split(text)
    parts[::2] = [_LINK.sub(link, part) for part in parts[::2]]
    content[0] = "".join(parts)


def leads_to(target, source):
    """("page", its file below docs/), ("html", its address on the site), or ("", "") for a link
    that stays as it is."""
    if re.match(r"\w+:", target):
        return "", ""
    name, _, fragment = target.partition("#")
    file = (source.parent / name).resolve() if name else source
    file = _HOMES.get(file, file)
    if not file.exists():
        return "", ""  # Sphinx tells it
    if file.is_relative_to(DOCS) and file.suffix == ".md":
        page = file.relative_to(DOCS).as_posix()
        if f'<a id="{fragment}"></a>' in file.read_text("utf-8"):
            return "html", f"{page[:-3]}.html#{fragment}"
        return ("page", page + (f"#{fragment}" if fragment else "")) if name else ("", "")
    wanted.add(file)
    return "html", address_of(file)


wanted = set()  # files of the repository that links lead to


def address_of(file):
    """The page of a file or folder of the repository."""
    name = file.relative_to(ROOT).as_posix()
    return f"files/{name}/index.html" if file.is_dir() else f"files/{name}.html"


def pages_of_files(app):
    """A page for each file that a link leads to, and for those of its folder if it leads to one
    (html-collect-pages)."""
    todo, done = sorted(wanted), set()
    while todo:
        file = todo.pop()
        if file in done:
            continue
        done.add(file)
        name = file.relative_to(ROOT).as_posix()
        if file.is_dir():
            inside = [f for f in sorted(file.iterdir()) if f.name[0] not in "._"]
            todo += inside
            here = os.path.dirname(address_of(file))
            items = [(os.path.relpath(address_of(f), here), f.name) for f in inside]
            body = "".join(f'<li><a href="{to}">{html.escape(n)}</a></li>' for to, n in items)
            body = f"<ul>{body}</ul>"
        else:
            language = _LANGUAGES.get(file.suffix, "none")
            text = file.read_text("utf-8")
            body = app.builder.highlighter.highlight_block(text, language, linenos=False)
        context = {"title": name, "body": f"<h1>{html.escape(name)}</h1>{body}", "toc": ""}
        yield address_of(file)[: -len(".html")], context, "page.html"


def setup(app):
    """Called by Sphinx."""
    app.connect("source-read", show)
    app.connect("html-collect-pages", pages_of_files)
    return {"parallel_read_safe": False}
