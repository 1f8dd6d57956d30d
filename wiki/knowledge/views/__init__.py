"""Pages of the handbook: reading, writing with a preview, review, looking after, and talking about them."""
