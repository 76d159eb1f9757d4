"""Whom an intervention covers, compared with what a reader would say."""

from typing import Any

import pytest

from sim.scenario import covers
from sim.scenario.covers import LaneCover, PointCover, StreamCover
from sim.scenario.interventions import restriction
from sim.scenario.interventions.direct_product_rule import DirectProductRule
from sim.scenario.interventions.export_ban import ExportBan
from sim.scenario.interventions.retaliation import Retaliation
from sim.scenario.schema import Scenario
from tests.builders import merged

CONTENT = {"dist": "triangular", "low": 0.0, "mode": 0.2, "high": 0.4}
SCENARIO = Scenario.model_validate(
    {
        "chokepoint": 1, "name": "covers", "title": "Covers", "currency": "USD", "calendar": {"days": 10},
        "firms": {
            "us": {"name": "US", "country": "US"}, "jp": {"name": "JP", "country": "JP"},
            "cn": {"name": "CN", "country": "CN"}, "de": {"name": "DE", "country": "DE"},
        },
        "items": {
            "chip": {
                "name": "Chip", "unit": "piece", "export_class": "3A090", "controlled_content_share": 0.3,
            },
            "lens": {"name": "Lens", "unit": "piece", "controlled_content_share": 0.1},
        },
        "markets": {
            "state": {"name": "State", "country": "CN", "buyer": "government"},
            "shops": {"name": "Shops", "country": "DE"},
        },
        "stock_points": {
            "us-chip": {"firm": "us", "item": "chip"},
            "jp-chip": {"firm": "jp", "item": "chip", "controlled_technology": ["US", "NL"]},
            "jp-lens": {"firm": "jp", "item": "lens"},
            "us-lens": {"firm": "us", "item": "lens"},
            "cn-chip": {"firm": "cn", "item": "chip"}, "cn-lens": {"firm": "cn", "item": "lens"},
            "de-chip": {"firm": "de", "item": "chip"},
        },
        "lanes": {
            "us-cn-chip": {"supplier": "us-chip", "buyer": "cn-chip"},
            "us-de-chip": {"supplier": "us-chip", "buyer": "de-chip"},
            "us-cn-lens": {"supplier": "us-lens", "buyer": "cn-lens"},
            "jp-cn-lens": {
                "supplier": "jp-lens", "buyer": "cn-lens",
                "controlled_by": "US", "controlled_content_share": CONTENT,
            },
        },
        "substitutes": {
            "jp-cn-chip": {
                "supplier": "jp-chip", "buyer": "cn-chip",
                "trigger": {"date": "2000-01-02"}, "qualification_lag_days": 1,
            }
        },
        "demand": {
            "state-chips": {"stock_point": "cn-chip", "market": "state", "mean_per_day": 1, "price": 1},
            "shop-chips": {"stock_point": "de-chip", "market": "shops", "mean_per_day": 1, "price": 1},
            "shop-lenses": {"stock_point": "cn-lens", "market": "shops", "mean_per_day": 1, "price": 1},
        },
    }
)  # fmt: skip
ALL_LANES = ["us-cn-chip", "us-de-chip", "us-cn-lens", "jp-cn-lens", "jp-cn-chip"]


def ban(**fields: Any) -> ExportBan:
    return ExportBan.model_validate(
        {"kind": "export_ban", "title": "x", "date": "2000-01-01", "covers": {}, **fields}
    )


def rule(**fields: Any) -> DirectProductRule:
    given = {
        "kind": "direct_product_rule",
        "title": "x",
        "date": "2000-01-01",
        "covers": {},
        "jurisdiction": "US",
    }
    return DirectProductRule.model_validate({**given, **fields})


@pytest.mark.parametrize(
    ("cover", "names"),
    [
        ({}, ALL_LANES),
        ({"suppliers": ["us"]}, ["us-cn-chip", "us-de-chip", "us-cn-lens"]),
        ({"supplier_countries": ["JP"]}, ["jp-cn-lens", "jp-cn-chip"]),
        ({"buyers": ["de"]}, ["us-de-chip"]),
        ({"items": ["lens"]}, ["us-cn-lens", "jp-cn-lens"]),
        ({"export_classes": ["3A090"]}, ["us-cn-chip", "us-de-chip", "jp-cn-chip"]),
        ({"lanes": ["jp-cn-chip", "us-cn-chip"]}, ["us-cn-chip", "jp-cn-chip"]),
        ({"suppliers": ["us"], "buyers": ["cn"], "items": ["chip"]}, ["us-cn-chip"]),
        ({"suppliers": []}, []),
    ],
)
def test_lanes(cover: dict[str, Any], names: list[str]):
    assert covers.lanes_covered(SCENARIO, LaneCover.model_validate(cover)) == names


@pytest.mark.parametrize(
    ("cover", "names"),
    [
        ({"firms": ["jp"]}, ["jp-chip", "jp-lens"]),
        ({"countries": ["CN", "DE"]}, ["cn-chip", "cn-lens", "de-chip"]),
        ({"items": ["lens"], "countries": ["US"]}, ["us-lens"]),
        ({"stock_points": ["us-chip"]}, ["us-chip"]),
        ({"stock_points": ["us-chip"], "firms": ["jp"]}, []),
    ],
)
def test_points(cover: dict[str, Any], names: list[str]):
    assert covers.points_covered(SCENARIO, PointCover.model_validate(cover)) == names


@pytest.mark.parametrize(
    ("cover", "names"),
    [
        ({}, ["state-chips", "shop-chips", "shop-lenses"]),
        ({"sellers": ["cn"]}, ["state-chips", "shop-lenses"]),
        ({"items": ["chip"]}, ["state-chips", "shop-chips"]),
        ({"markets": ["shops"]}, ["shop-chips", "shop-lenses"]),
        ({"countries": ["CN"]}, ["state-chips"]),
        ({"buyer": "private"}, ["shop-chips", "shop-lenses"]),
        ({"demand": ["shop-chips"], "buyer": "government"}, []),
    ],
)
def test_streams(cover: dict[str, Any], names: list[str]):
    assert covers.streams_covered(SCENARIO, StreamCover.model_validate(cover)) == names


class TestRestrictions:
    def test_content_below_de_minimis_is_spared(self):
        everything = ban(covers={"buyers": ["cn"]}, jurisdiction="US")
        assert restriction.candidate_lanes(SCENARIO, everything) == ["us-cn-chip", "us-cn-lens", "jp-cn-lens"]
        assert restriction.restricted_lanes(SCENARIO, everything) == ["us-cn-chip"]
        assert restriction.over_compliant_lanes(SCENARIO, everything) == ["us-cn-lens", "jp-cn-lens"]

    def test_an_uncertain_content_counts_by_its_mean(self):
        assert "jp-cn-lens" in restriction.restricted_lanes(
            SCENARIO, ban(jurisdiction="US", de_minimis_share=0.2)
        )
        assert "jp-cn-lens" not in restriction.restricted_lanes(
            SCENARIO, ban(jurisdiction="US", de_minimis_share=0.201)
        )

    def test_content_at_the_threshold_is_covered(self):
        assert "us-cn-lens" in restriction.restricted_lanes(SCENARIO, ban(de_minimis_share=0.1))

    def test_without_jurisdiction_the_cover_decides(self):
        assert restriction.restricted_lanes(SCENARIO, ban(de_minimis_share=0)) == ALL_LANES

    def test_a_retaliation_has_no_threshold(self):
        entry = {
            "kind": "retaliation",
            "title": "x",
            "date": "2000-01-01",
            "covers": {"suppliers": ["us"], "items": ["lens"]},
        }
        assert restriction.restricted_lanes(SCENARIO, Retaliation.model_validate(entry)) == ["us-cn-lens"]

    def test_a_direct_product_rule_follows_technology_not_content(self):
        assert restriction.restricted_lanes(SCENARIO, rule()) == ["jp-cn-chip"]
        assert restriction.restricted_lanes(SCENARIO, rule(jurisdiction="NL")) == ["jp-cn-chip"]
        assert restriction.restricted_lanes(SCENARIO, rule(covers={"buyers": ["de"]})) == []

    def test_lanes_just_outside_are_of_the_same_parties_but_not_named(self):
        entry = ban(covers={"suppliers": ["us"], "buyers": ["cn"], "items": ["chip"]})
        assert restriction.lanes_just_outside(SCENARIO, entry) == ["us-cn-lens"]
        assert restriction.over_compliant_lanes(SCENARIO, entry) == ["us-cn-lens"]

    def test_other_jurisdictions_are_not_just_outside(self):
        entry = ban(covers={"items": ["chip"]}, jurisdiction="JP")
        assert restriction.lanes_just_outside(SCENARIO, entry) == []

    @pytest.mark.parametrize(
        "entry", [ban(), ban(jurisdiction="US"), ban(covers={"items": ["lens"]}), rule()]
    )
    def test_a_lane_is_closed_by_the_rule_or_by_caution_never_both(
        self, entry: ExportBan | DirectProductRule
    ):
        closed = restriction.restricted_lanes(SCENARIO, entry)
        assert not set(closed) & set(restriction.over_compliant_lanes(SCENARIO, entry))
        assert set(closed) <= set(restriction.candidate_lanes(SCENARIO, entry)) <= set(ALL_LANES)


class TestPlantsAbroad:
    """The US firm makes its chips in Japan, and China's lenses are held in Germany."""

    scenario = Scenario.model_validate(
        merged(
            SCENARIO.model_dump(mode="json", by_alias=True, exclude_unset=True),
            {"stock_points": {"us-chip": {"country": "JP"}, "cn-lens": {"country": "DE"}}},
        )
    )

    @pytest.mark.parametrize(
        ("cover", "expected"),
        [
            ({"supplier_countries": ["US"]}, ["us-cn-lens"]),
            ({"supplier_countries": ["JP"]}, ["us-cn-chip", "us-de-chip", "jp-cn-lens", "jp-cn-chip"]),
            ({"buyer_countries": ["DE"]}, ["us-de-chip", "us-cn-lens", "jp-cn-lens"]),
            ({"suppliers": ["us"]}, ["us-cn-chip", "us-de-chip", "us-cn-lens"]),
        ],
    )
    def test_lanes_are_between_the_countries_of_plants(self, cover, expected):
        assert covers.lanes_covered(self.scenario, LaneCover(**cover)) == expected

    def test_stock_points_stand_in_their_own_country(self):
        cover = PointCover(countries=["JP", "DE"])
        found = covers.points_covered(self.scenario, cover)
        assert found == ["us-chip", "jp-chip", "jp-lens", "cn-lens", "de-chip"]

    def test_the_country_of_the_plant_controls_what_it_makes(self):
        assert restriction.candidate_lanes(self.scenario, ban(jurisdiction="US")) == [
            "us-cn-lens",
            "jp-cn-lens",
        ]
        assert "us-cn-chip" in restriction.candidate_lanes(self.scenario, ban(jurisdiction="JP"))
