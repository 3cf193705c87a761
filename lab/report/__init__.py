"""Figures, HTML, text and notebook views, exports: formats what analysis returns and computes nothing of its own."""
