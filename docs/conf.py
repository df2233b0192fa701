"""Settings of the documentation site: `make docs` makes it, in build/docs.

The pages are plain Markdown and are read on GitHub too. What they need to become a site is in
extensions/: links.py has what their links lead to, docstrings.py makes the reference of what
stands in the source.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "extensions"))

import spwf04

project = "spwf04"
author = "The spwf04 authors"
project_copyright = author
version = release = spwf04.__version__
language = "en"

extensions = ["myst_parser", "sphinx.ext.autodoc", "docstrings", "links"]
exclude_patterns = ["extensions"]
nitpicky = True
highlight_language = "none"
smartquotes = False  # "rssi" is what a program writes

myst_heading_anchors = 4
# A page need not begin at the first level of headings: README's is the index
suppress_warnings = ["myst.header"]

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
add_module_names = False
python_display_short_literal_types = True
python_maximum_signature_line_length = 100
toc_object_entries_show_parents = "hide"

html_theme = "furo"
html_title = "spwf04"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_copyright = False
