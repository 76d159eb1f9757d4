"""Write docs/evidence.md from the folder of the back-test of the listing of 2019.

Make the folder first: ``chokepoint backtest`` with the views, facts and confounder that the page names. Then
``python -m benchmarks.evidence FOLDER``.
"""

import json
import sys
from pathlib import Path
from typing import Any

import pandas as pd

PAGE = Path("docs/evidence.md")
TEMPLATE = Path(__file__).with_name("evidence-page.md")
FIVE = ("hikvision-revenue-2019q4", *(f"hikvision-revenue-2020q{quarter}" for quarter in range(1, 5)))
NAMES = {"": "no confounder"}


def main(folder: Path) -> None:
    summary = json.loads((folder / "backtest.json").read_text())
    manifest = json.loads((folder / "manifest.json").read_text())
    tables = {
        name: pd.read_csv(folder / "tables" / f"{name}.csv", keep_default_na=False)
        for name in ("forecasts", "scores", "view_weights", "levels")
    }
    PAGE.write_text(
        TEMPLATE.read_text().format(
            command=manifest["command"],
            known=summary["known"],
            asked=summary["asked"],
            scored=summary["scored"],
            scores=scores(tables["scores"]),
            quarters=quarters(tables),
            weights=weights(tables["view_weights"]),
            levels=levels(tables["levels"]),
        )
    )


def scores(table: pd.DataFrame) -> str:
    rows = []
    for (given, forecaster), some in table[table["fact"].isin(FIVE)].groupby(["given", "forecaster"]):
        inside = (f"{int(some[name].sum())} of 5" for name in ("inside_50", "inside_80", "inside_95"))
        crps, log_score = some["crps"].mean(), some["log_score"].mean()
        told = NAMES.get(str(given), str(given))
        rows.append(
            (crps, f"| {told} | {forecaster} | {' | '.join(inside)} | {crps:,.0f} | {log_score:.2f} |")
        )
    return "\n".join(row for _, row in sorted(rows, key=lambda entry: (entry[1].split("|")[1], entry[0])))


def quarters(tables: dict[str, pd.DataFrame]) -> str:
    table = tables["scores"]
    is_told = (table["forecaster"] == "mixture") & (table["given"] == "") & (table["measure"] == "revenue")
    reported = table[is_told].set_index("fact")["reported"]
    forecasts = tables["forecasts"]
    mixed = forecasts[(forecasts["forecaster"] == "mixture") & (forecasts["given"] == "")]
    return "\n".join(
        f"| {row.fact} | {row.p10:,.0f} | {row.p50:,.0f} | {row.p90:,.0f} | {reported[str(row.fact)]:,.0f} |"
        for row in mixed.itertuples()
        if row.fact in reported.index
    )


def weights(table: pd.DataFrame) -> str:
    rows = []
    for given, some in table.groupby("given", sort=False):
        last = some[some["after"] == some["after"].iloc[-1]]
        told = ", ".join(f"{row.view} {row.weight:.1%}" for row in last.itertuples())
        rows.append(f"* {NAMES.get(str(given), str(given))}, after {last['after'].iloc[0]}: {told}")
    return "\n".join(rows)


def levels(table: pd.DataFrame) -> str:
    table["growth"] = [
        f"{float(text):.3f}" if text else "as the view says" for text in table["growth_per_year"]
    ]
    return "\n".join(
        f"* {row.firm}: {_rests_on(row)}; growth a year "
        f"{row.growth} (± {row.growth_sd:.3f}), "
        f"volatility {row.volatility_per_year:.3f}"
        for row in table.itertuples()
    )


def _rests_on(row: Any) -> str:
    if row.beside:
        return f"a year known, so it is a part of {row.beside}'s level that drifts"
    return f"{row.quarters} quarters known up to {row.last_known}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
