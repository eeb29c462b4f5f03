"""Configuration of the site: ``make docs`` builds it, warnings are errors."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).with_name("_ext")))

from embkit import __version__

project = "embkit"
author = "the embkit developers"
copyright = "the embkit developers; BSD-3-Clause"  # noqa: A001 - the name is Sphinx's
release = version = __version__

extensions = ["sphinx.ext.autodoc", "numpydoc", "myst_nb", "sphinx_copybutton", "reference"]
exclude_patterns = ["_build", "jupyter_execute", "tour.ipynb"]
default_role = "code"
smartquotes = False  # --out is no dash, and "png" is typed as it stands
nitpicky = False  # types in docstrings are words for people

myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3
nb_execution_mode = "force"
nb_execution_in_temp = True
nb_execution_timeout = 300
nb_execution_raise_on_error = True
nb_merge_streams = True

autodoc_member_order = "bysource"
autodoc_typehints = "none"
numpydoc_show_class_members = False

copybutton_prompt_text = r"\$ |>>> "
copybutton_prompt_is_regexp = True

html_theme = "pydata_sphinx_theme"
html_title = "embkit"
html_static_path = ["page.png", "sample-page.html", "site.css"]
html_css_files = ["site.css"]
html_context = {"default_mode": "auto"}
html_show_sourcelink = False
html_show_search_summary = False  # fetched, which browsers refuse to pages on a disk
html_theme_options = {
    "navbar_end": ["theme-switcher"],
    "secondary_sidebar_items": ["page-toc"],
    "show_prev_next": True,
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_copy_source = False
