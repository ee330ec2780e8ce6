"""What a format's reader raises; ``load`` adds the path and makes it an UnreadableDocument."""


class Unreadable(Exception):
    """``str()`` is the why of UnreadableDocument: what is wrong and what to do."""
