"""A scenario to begin with: templates whose gaps a few answers fill."""

import datetime as dt
import json
from dataclasses import asdict, dataclass
from functools import partial
from importlib.resources import files

MAKER = "maker"
VIEWS = (MAKER, "supplier", "investor")
"""Whose question a new scenario asks."""
_DAYS_BEFORE = 180
"""Days that it simulates before its shock."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What a new scenario is told; the defaults make one that can be run as it is.

    Attributes
    ----------
    name
        Id of the scenario.
    currency
        Unit of prices.
    maker, country, supplier, supplier_country
        Names, and countries by their codes of ISO 3166.
    product, part
        Names of what is sold, and of what it is made of.
    demand
        Products a day.
    price, part_price
        Of a product and of a part, in the currency.
    lead_time_days
        From the supplier to the maker.
    cover_days
        Stock of parts, in days of planned use.
    date, probability
        Of the shock.
    """

    name: str = "my-scenario"
    currency: str = "EUR"
    maker: str = "My company"
    country: str = "DE"
    supplier: str = "The supplier"
    supplier_country: str = "US"
    product: str = "Product"
    part: str = "Part"
    demand: float = 100.0
    price: float = 200.0
    part_price: float = 40.0
    lead_time_days: float = 30.0
    cover_days: float = 60.0
    date: dt.date = dt.date(2027, 7, 1)
    probability: float = 0.3


DEFAULTS = Answers()
"""All answers as they are if nobody gives any."""


def filled(view: str, answers: Answers) -> str:
    """The text of a new scenario.

    Parameters
    ----------
    view
        One of :data:`VIEWS`.
    answers
        What it is told.

    Examples
    --------
    >>> 'name: "Acme"' in filled(MAKER, Answers(maker="Acme"))
    True
    """
    from jinja2 import Environment, StrictUndefined

    template = files("sim.scenario") / "templates" / f"{view}.yaml"
    environment = Environment(undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False)  # noqa: S701
    environment.filters["quoted"] = partial(json.dumps, ensure_ascii=False)
    start = answers.date - dt.timedelta(days=_DAYS_BEFORE)
    return environment.from_string(template.read_text("utf-8")).render(asdict(answers), start=start)
