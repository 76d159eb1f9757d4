"""The worked examples of `docs/architecture.md` work in both engines; no step is left out unnoticed."""

import pytest

from tests.recipes.following import changed, follow, run, steps_of

STEPS = [*steps_of("An intervention, step by step"), *steps_of("A policy, step by step")]
REFUSES = "has no handler for PolicyKind STANDING_ORDER; see docs/architecture.md"
SAID = {
    "sim/scenario/interventions/shutdown.py": "No module named 'sim.scenario.interventions.shutdown'",
    "sim/scenario/interventions/__init__.py": "Input tag 'shutdown' found using 'kind' does not match any",
    "sim/kinds.py": "AttributeError: STANDING_ORDER",
    "sim/scenario/policies/standing_order.py": "No module named 'sim.scenario.policies.standing_order'",
    "sim/scenario/policies/__init__.py": "Input tag 'standing_order' found using 'kind' does not match any",
    "sim/engines/rules.py": "module 'sim.engines.rules' has no attribute 'standing_order'",
    "sim/engines/ordering.py": f"the simpy engine {REFUSES}",
    "sim/engines/kernel.py": f"the compiled engine {REFUSES}",
}
"""What is said if the step in a file is left out."""


def test_both_engines_run_what_the_steps_add(tmp_path):
    follow(STEPS, tmp_path)
    done = run(tmp_path)
    assert done.stdout == "both engines agree\n", done.stderr


def test_every_step_is_looked_at():
    assert [step.file for step in STEPS] == list(SAID)


@pytest.mark.parametrize("file", SAID)
def test_no_step_can_be_left_out_without_a_word(tmp_path, file):
    follow([step for step in STEPS if step.file != file], tmp_path)
    done = run(tmp_path)
    assert done.returncode != 0
    assert SAID[file] in done.stderr


def test_changes_are_found_behind_what_is_named():
    assert changed("a\nb\nc\nb\n", "@@ c\n b\n+d\n") == "a\nb\nc\nb\nd\n"
    assert changed("a\nb\n", "-a\n+c\n b\n") == "c\nb\n"
    with pytest.raises(ValueError, match="substring not found"):
        changed("a\nb\n", " c\n+d\n")
