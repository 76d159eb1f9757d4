"""How `make docs` makes a site of these pages and of the docstrings, without a network."""

import json
import os
import re
from typing import Any

import numpy.typing
from docutils import nodes
from myst_parser.parsers.sphinx_ import MystParser
from sphinx import addnodes
from sphinx.application import Sphinx


class ArrayLike:
    """Stands for NumPy's, a union that would fill three lines wherever it is named."""


numpy.typing.ArrayLike = ArrayLike
os.environ["CHOKEPOINT_COMPILER"] = "off"  # Compiled functions have no signature.

project = "Chokepoint"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.napoleon"]
templates_path = ["_templates"]

myst_heading_anchors = 4

autodoc_default_options = {"members": True, "show-inheritance": True, "exclude-members": "model_config"}
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_format = "short"
napoleon_google_docstring = False
napoleon_use_ivar = True

html_theme = "furo"
html_title = "Chokepoint"
html_show_copyright = False

# Every name of ours that a docstring refers to must be there; other libraries have no pages here.
nitpicky = True
nitpick_ignore_regex = [("py:.*", r"(?!sim\.).*")]
# A type in a signature is found by its bare name, which two rooms may use.
suppress_warnings = ["ref.python"]

REFERENCE = re.compile(r"\[(\d+)\](?=_|\s)")


def name_references(_app: Sphinx, _what: str, name: str, thing: Any, _options: Any, lines: list[str]) -> None:
    """Number references anew on each page, as each docstring begins with [1] or takes those of its module."""
    own = any(line.lstrip().startswith(".. [") for line in lines)
    of = name if own else getattr(thing, "__module__", name)
    lines[:] = [REFERENCE.sub(rf"[#{of}-\1]", line) for line in lines]


def keep_colons(_app: Sphinx, what: str, _name: str, _thing: Any, _options: Any, lines: list[str]) -> None:
    """Napoleon takes what stands before a colon in a constant's first line for a type."""
    if what in {"attribute", "data", "property"}:
        lines.insert(0, "")


def skip_aliases(_app: Sphinx, _what: str, _name: str, thing: Any, _skip: bool, _options: Any) -> bool | None:
    """Leave out the fields of named tuples, which stand among the parameters."""
    return True if (thing.__doc__ or "").startswith("Alias for field number") else None


def leave_type_alone(_app: Sphinx, _environment: Any, node: Any, text: nodes.TextElement) -> Any:
    """Show a type of a signature, a type variable or a private base without a link where it has no page."""
    is_role = "refwarn" in node and node["reftype"] != "obj"
    is_private = node["reftarget"].rpartition(".")[2].startswith("_")
    return text if is_private or not is_role else None


def keep_modules_apart(app: Sphinx, doctree: nodes.document) -> None:
    """Link modules from the tables of their rooms: a list of all beside each page takes most of the time."""
    if app.env.docname.startswith("api/"):
        app.env.metadata[app.env.docname]["orphan"] = ""
        for listed in list(doctree.findall(addnodes.toctree)):
            listed.parent.remove(listed)


class NotebookParser(MystParser):
    """Notebooks are kept without outputs, so all that there is to show is text and code."""

    supported = ("notebook",)

    def parse(self, inputstring: str, document: nodes.document) -> None:
        """Read the cells as one page of Markdown."""
        cells = json.loads(inputstring)["cells"]
        super().parse("\n\n".join(map(as_markdown, cells)), document)


def as_markdown(cell: dict[str, Any]) -> str:
    """A cell of a notebook as Markdown."""
    text = "".join(cell["source"])
    return f"```python\n{text}\n```" if cell["cell_type"] == "code" else text


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.add_source_suffix(".ipynb", "notebook")
    app.add_source_parser(NotebookParser)
    app.connect("autodoc-process-docstring", name_references, priority=400)
    app.connect("autodoc-process-docstring", keep_colons, priority=400)
    app.connect("autodoc-skip-member", skip_aliases)
    app.connect("missing-reference", leave_type_alone)
    app.connect("doctree-read", keep_modules_apart, priority=400)
