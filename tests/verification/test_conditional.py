"""Loss given an event, and the share of its variance that the event explains, against closed forms.

Of 600 units in the window 400 are lost if a ban comes and no licence lets goods through, and none otherwise.
"""

import pytest

from sim.montecarlo.answers import answers_of
from sim.montecarlo.compiled_batch import run_blocks
from sim.risk.conditional import best_split, splits_by_event
from sim.risk.outcomes import Outcome
from sim.risk.tables import makers
from tests.builders import ban, compiled, shop
from tests.verification.estimate import over_replications

CHAPTER = "Loss given an event"
BAN, GRANTED = 0.3, 0.4
LOST = 2.0 / 3.0
BATCHES, REPLICATIONS = 30, 256


def plan():
    licence = {
        "kind": "licence",
        "title": "Licences",
        "after": "ban",
        "relieves": ["ban"],
        "grant_probability": GRANTED,
        "covers": {},
    }
    return compiled(
        shop(
            60,
            demand={"home": {"patience_days": 0}},
            interventions={"ban": ban(5, probability=BAN), "licence": licence},
            analysis={"window_days": 30},
        )
    )


@pytest.fixture(scope="module")
def batches(root_seed):
    """Answers and loss shares of each batch."""
    its = plan()
    found = []
    for seed in range(root_seed, root_seed + BATCHES):
        kept = run_blocks(its, seed=seed, replications=REPLICATIONS, workers=1)
        losses = makers(its, Outcome(**kept.outcome))["loss_share"].to_numpy()
        found.append((answers_of(its, seed, REPLICATIONS), losses))
    return found


def test_mean_loss_given_what_happens(verify, batches):
    splits = [best_split(asked, losses, splits_by_event(asked, losses)) for asked, losses in batches]
    assert {split.events for split in splits} == {
        ("interventions.ban.happens", "interventions.licence.granted.supplier")
    }
    means = {
        group.answers: losses[group.among].mean()
        for split, (_, losses) in zip(splits, batches, strict=True)
        for group in split.groups
        if group.futures
    }
    assert (False, True) not in means
    for answers, case, expected in (
        ((True, True), "a ban, and a licence", 0.0),
        ((True, False), "a ban, and no licence", LOST),
        ((False, False), "no ban", 0.0),
    ):
        verify(
            case=f"mean loss share given {case}",
            source="by hand: 20 of 30 days without sales",
            expected=expected,
            simulated=means[answers],
            tolerance=1e-12,
            kind="exact",
        )
    verify(
        case="eta squared of ban and licence together",
        source="by hand: nothing else is random",
        expected=1.0,
        simulated=min(split.explained for split in splits),
        tolerance=1e-12,
        kind="exact",
    )


def test_share_of_the_variance_that_one_event_explains(verify, batches):
    """Of a loss L with a chance m = p (1 - q), p (1 - p) (1 - q)² L² of m (1 - m) L² lie between."""
    happens = BAN * (1.0 - GRANTED)
    explained = [
        next(
            split.explained
            for split in splits_by_event(asked, losses)
            if split.events[0].endswith("ban.happens")
        )
        for asked, losses in batches
    ]
    verify(
        case=f"eta squared of a ban of {BAN:g} whose licences are granted with {GRANTED:g}",
        source="law of total variance",
        expected=BAN * (1.0 - BAN) * (1.0 - GRANTED) ** 2 / (happens * (1.0 - happens)),
        **over_replications(explained),
    )
