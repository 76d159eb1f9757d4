"""Long texts packed into a page: a script or the data of figures takes a third of its bytes."""

import base64
import gzip

from markupsafe import Markup

LEVEL = 6
"""Of compression: higher ones take twice the time for a hundredth less."""


def packed(text: str) -> Markup:
    """A text as a data block of a page holds it: gzip in base64, the same text always the same.

    ``unpacked`` in ``templates/unpack.js`` gives it back.

    Examples
    --------
    >>> import base64, gzip
    >>> gzip.decompress(base64.b64decode(packed("</script>"))).decode()
    '</script>'
    """
    held = gzip.compress(text.encode("utf-8"), LEVEL, mtime=0)
    return Markup(base64.b64encode(held).decode("ascii"))  # noqa: S704 - letters and digits, plus and slash


def css_string(text: str) -> str:
    r"""A text as a string of CSS that nothing in it can end.

    Examples
    --------
    >>> css_string('a "b" \\ c')
    '"a \\22 b\\22  \\5c  c"'
    """
    kept = (
        f"\\{ord(character):x} " if character in '"\\<&' or ord(character) < 32 else character
        for character in text
    )
    return f'"{"".join(kept)}"'
