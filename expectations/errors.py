"""What goes wrong for reasons that a person can mend."""


class ExpectationsError(Exception):
    """What happened, where, and what to do; `str()` of it is fit for a person."""

    def __init__(self, what: str, where: str, remedy: str) -> None:
        super().__init__(f"{what}\n  where: {where}\n  what to do: {remedy}")
        self.what = what
        self.where = where
        self.remedy = remedy
