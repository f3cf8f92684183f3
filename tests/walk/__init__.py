"""The README's walk: its lines, read from there, and a typed client that walks them."""
