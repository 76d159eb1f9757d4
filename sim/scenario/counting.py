"""Numbers of things, in words."""


def counted(number: int, thing: str, things: str | None = None) -> str:
    """A number of things.

    Examples
    --------
    >>> counted(1, "future"), counted(1200, "future"), counted(0, "country", "countries")
    ('1 future', '1,200 futures', '0 countries')
    """
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"
