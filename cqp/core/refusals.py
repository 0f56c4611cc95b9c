"""What a person asked for and cannot have."""


class RefusedError(Exception):
    """The base of refusals. `message` says in French why, and what to do: views show it as it is."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)
