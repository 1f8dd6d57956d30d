"""Pages of the forums: boards, topics, one's own corner, what moderators and offices do."""
