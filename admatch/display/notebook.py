"""Objects as HTML for Jupyter, marimo and whatever else calls ``_repr_html_``."""

from pathlib import Path

from markupsafe import Markup

from admatch.display.templates import templates

_FOLDER = Path(__file__).parent / "notebook"
SHOWN = 12  # products or rows, as a notebook's cell is no page


def notebook_html(name: str, **values: object) -> str:
    """Return the filled template ``name`` of the folder ``notebook/``: one ``<div>``.

    Its styles apply inside that element only and follow the notebook's colours, light or dark.
    """
    style = (_FOLDER / "notebook.css").read_text(encoding="utf-8")
    page = templates(_FOLDER).get_template(f"{name}.html.jinja")
    return page.render(values, shown=SHOWN, style=Markup(style))
