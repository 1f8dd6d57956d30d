"""What happens to the handbook: pages are written, moved, taken away and given back; the starter handbook."""

from .handbook import load_handbook, name_site
from .pages import change_page, create_page, delete_page, move_page, path_of, restore_page, review_page

__all__ = [
    "change_page",
    "create_page",
    "delete_page",
    "load_handbook",
    "move_page",
    "name_site",
    "path_of",
    "restore_page",
    "review_page",
]
