"""What a figure or a document is laid out on: the page, the house style, Markdown, LaTeX and HTML."""
