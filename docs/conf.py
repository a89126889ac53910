"""How Sphinx builds this documentation: Markdown in, HTML out, every warning an error."""

import sse_digest

project = "sse-digest"
author = "the sse-digest authors"
copyright = author  # noqa: A001  Sphinx wants this name
release = version = sse_digest.__version__

extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
nitpicky = True

html_theme = "furo"
html_title = f"sse-digest {release}"
html_copy_source = False
html_show_sphinx = False
