"""What can go wrong, in words for people."""


class AetiaError(Exception):
    """Base of everything Aetia raises on purpose; its text is for people."""
