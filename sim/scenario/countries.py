"""Country codes of ISO 3166-1, as of 2026."""

_OFFICIAL = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO
FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE
JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO
MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW
PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM
TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""

EUROPEAN_UNION = "EU"
"""Reserved by ISO 3166 for a union that makes export law of its own."""

COUNTRIES = frozenset((*_OFFICIAL.split(), EUROPEAN_UNION))

_USER_ASSIGNED = frozenset(
    (
        "AA",
        "ZZ",
        *(f"Q{letter}" for letter in "MNOPQRSTUVWXYZ"),
        *(f"X{letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    )
)
_MEANT = {"UK": "GB", "EL": "GR", "USA": "US", "PRC": "CN", "ROC": "TW", "SU": "RU"}


def is_country(code: str) -> bool:
    """Whether a text is a country's code, or one that ISO 3166 leaves to users, for invented countries.

    Examples
    --------
    >>> [is_country(code) for code in ("US", "XA", "UK", "us")]
    [True, True, False, False]
    """
    return code in COUNTRIES or code in _USER_ASSIGNED


def meant_country(code: str) -> str | None:
    """The code that somebody who wrote this one probably meant.

    Examples
    --------
    >>> meant_country("uk"), meant_country("us"), meant_country("QQQ")
    ('GB', 'US', None)
    """
    upper = code.strip().upper()
    meant = _MEANT.get(upper, upper)
    return meant if is_country(meant) else None
