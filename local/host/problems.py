"""What keeps the host from starting, told in words for the person who started it."""


class HostError(Exception):
    """The host cannot run this app; the text says why and what to do."""
