"""Reports as Markdown and as HTML."""
