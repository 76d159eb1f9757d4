"""Names of firms made comparable: without accents, punctuation and legal forms."""

import re
import unicodedata

from cleanco import basename

# fmt: off
COMMON = frozenset((
    # what firms do and are
    "aerospace", "and", "aviation", "center", "centre", "chemical", "chemicals", "communication",
    "communications", "components", "development", "digital", "electric", "electronic", "electronics",
    "energy", "engineering", "enterprise", "enterprises", "equipment", "export", "factory", "for",
    "general", "global", "group", "holding", "holdings", "import", "industrial", "industries", "industry",
    "information", "institute", "instruments", "international", "investment", "laboratory", "laser",
    "logistics", "machinery", "manufacturing", "materials", "mechanical", "micro", "network", "networks",
    "new", "of", "optical", "optics", "plant", "polymers", "precision", "products", "radar", "radio",
    "research", "science", "sciences", "semiconductor", "semiconductors", "service", "services", "shipping",
    "software", "solutions", "star", "state", "supply", "system", "systems", "tech", "technologies",
    "technology", "telecom", "the", "trade", "trading", "university", "works",
    # where they are
    "asia", "beijing", "chengdu", "china", "chongqing", "dalian", "dubai", "emirates", "europe", "fujian",
    "guangdong", "guangzhou", "hangzhou", "hebei", "henan", "hong", "hubei", "hunan", "iran", "istanbul",
    "jiangsu", "jinan", "kong", "moscow", "nanjing", "ningbo", "pacific", "petersburg", "qingdao", "russia",
    "russian", "shandong", "shanghai", "shenyang", "shenzhen", "sichuan", "sino", "suzhou", "tehran",
    "tianjin", "turkey", "ural", "wuhan", "wuxi", "xi", "xian", "xiamen", "xinjiang", "zhejiang",
))
# fmt: on
"""Words that many firms bear, so that they tell little of which firm is meant."""
_APART = re.compile(r"[^\w]+|_+", re.UNICODE)


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name by which a firm is known.

    Examples
    --------
    >>> words_of("Hangzhou Hikvision Digital Technology Co., Ltd."), words_of("Société Générale S.A.")
    (('hangzhou', 'hikvision', 'digital', 'technology'), ('societe', 'generale'))
    """
    plain = "".join(
        letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter)
    )
    known = without_legal_forms(plain.replace("&", " and ")) or plain
    return tuple(filter(None, _APART.split(known.casefold())))


def without_legal_forms(name: str) -> str:
    """A name without what says what kind of firm it is, before or after it."""
    shorter = str(basename(name, prefix=True, suffix=True, middle=False))
    return name if shorter == name else without_legal_forms(shorter)


def is_legal_form(text: str) -> bool:
    """Whether a text is nothing but a legal form, such as ``Co.`` or ``Ltd``.

    Examples
    --------
    >>> is_legal_form("Ltd."), is_legal_form("Inc"), is_legal_form("Acme")
    (True, True, False)
    """
    return without_legal_forms(f"Acme {text}").strip(" .,") == "Acme"
