"""What happens to the handbook: pages are proposed, reviewed, moved, looked after, cited and spoken about."""

from .care import care_for_page, remind_of_expiry, review_page
from .citing import forget_votes, note_citations, tell_cited
from .feedback import hide_remark, remark, vote
from .files import attach_file, detach_file
from .folders import import_pages
from .handbook import load_handbook, name_site
from .pages import change_page, create_page, delete_page, move_page, restore_page
from .proposals import approve_proposal, propose_change, propose_page, send_back_proposal, withdraw_proposal
from .tree import path_of

__all__ = [
    "approve_proposal",
    "attach_file",
    "care_for_page",
    "change_page",
    "create_page",
    "delete_page",
    "detach_file",
    "forget_votes",
    "hide_remark",
    "import_pages",
    "load_handbook",
    "move_page",
    "name_site",
    "note_citations",
    "path_of",
    "propose_change",
    "propose_page",
    "remark",
    "remind_of_expiry",
    "restore_page",
    "review_page",
    "send_back_proposal",
    "tell_cited",
    "vote",
    "withdraw_proposal",
]
