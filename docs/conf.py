"""How the documentation is built: `make docs`."""

import os

# Read when haystack is imported, which else writes into the home folder.
os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"

from metier import __version__

project = "metier"
author = copyright = "The metier authors"
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinxcontrib.mermaid"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["build"]

html_theme = "furo"
html_title = f"metier {__version__}"

myst_heading_anchors = 3
myst_fence_as_directive = ["mermaid"]  # the form that repository hosts draw as well

napoleon_attr_annotations = False  # types under TYPE_CHECKING cannot be resolved
autodoc_typehints = "none"  # the signature in the source reads better than the expand_home one
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "exclude-members": "model_config"}
autodoc_preserve_defaults = True
