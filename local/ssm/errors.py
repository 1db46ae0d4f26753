"""The errors that SSM answers, as the JSON 1.1 protocol writes them."""


class SsmError(Exception):
    """An answer that is no reply: `code` is the shape's name in the service model."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
