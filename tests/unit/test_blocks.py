"""Batches through the compiled engine: only the plan, the seed and their number decide what comes out."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest

import sim
from sim.engines import block_engine as engine
from sim.engines import compiler
from sim.engines.rules import WEEK
from sim.errors import EngineError
from sim.model.causes import component_count
from sim.montecarlo import backends, compiled_batch, results, warmup
from sim.montecarlo.sampling import sample_inputs
from tests.builders import ban, compiled, merged, shop

REPLICATIONS = 40
"""More than a block, and no whole number of them."""


def random_plan(**changes):
    base = shop(
        30,
        lanes={
            "parts": {
                "lead_time_days": {"dist": "uniform", "low": 1.0, "high": 9.0},
                "price": {"dist": "uniform", "low": 1.0, "high": 2.0},
            }
        },
        demand={"home": {"process": "gamma", "dispersion": 3.0}},
        interventions={"ban": ban(5, probability=0.5)},
    )
    return compiled(merged(base, changes))


def experiment(plan):
    return engine.Experiment.of(plan, 3)


def batch(plan, replications=REPLICATIONS, **how):
    return compiled_batch.run_blocks(plan, seed=3, replications=replications, **how)


def assert_equal(one, other):
    for mine, theirs in ((one.outcome, other.outcome), (one.courses, other.courses)):
        assert mine.keys() == theirs.keys()
        for name, values in mine.items():
            np.testing.assert_array_equal(values, theirs[name], err_msg=name)


def first_of(kept, replications):
    return results.Kept(
        *(
            {name: values[:replications] for name, values in results.items()}
            for results in (kept.outcome, kept.courses)
        )
    )


def test_the_number_of_threads_changes_nothing():
    plan = random_plan()
    assert_equal(batch(plan, workers=1), batch(plan, workers=2))


def test_fewer_replications_are_the_first_of_many():
    plan = random_plan()
    few, many = batch(plan, 33), batch(plan, 70)
    assert_equal(few, first_of(many, 33))


def test_what_is_sampled_at_a_time_changes_nothing(monkeypatch):
    plan = random_plan()
    whole = batch(plan, 70)
    monkeypatch.setattr(compiled_batch, "SAMPLED_AT_A_TIME", 32)
    assert_equal(batch(plan, 70), whole)


def test_progress_counts_every_replication_once():
    done: list[int] = []
    batch(random_plan(), progress=done.append)
    assert sum(done) == REPLICATIONS


def test_a_run_that_is_told_to_stop_has_no_result():
    plan = random_plan()
    samples = sample_inputs(plan, 1, range(compiled_batch.WIDTH))
    assert engine.run(engine.load(engine.Experiment.of(plan, 1), 0, samples), lambda: False) is None


def test_an_interrupted_batch_leaves_no_thread():
    def interrupt(_finished):
        raise KeyboardInterrupt

    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        batch(random_plan(), 2000, workers=2, progress=interrupt)
    assert threading.active_count() == before


def test_an_interrupted_batch_tells_its_blocks_to_stop(monkeypatch):
    run, asked = engine.run, []

    def note(block, keep_on):
        asked.append(keep_on)
        return run(block, keep_on)

    def interrupt(_finished):
        raise KeyboardInterrupt

    monkeypatch.setattr(engine, "run", note)
    with pytest.raises(KeyboardInterrupt):
        batch(random_plan(), 2000, progress=interrupt)
    assert not any(keep_on() for keep_on in asked)


def with_streams(plan, **numbers):
    """A plan with numbers that no scenario file may hold."""
    arrays = {name: np.full(1, number) for name, number in numbers.items()}
    return replace(plan, streams=replace(plan.streams, **arrays))


def test_a_number_that_overflows_is_told_with_replication_place_and_day():
    plan = with_streams(random_plan(demand={"home": {"process": "constant"}}), mean_per_day=1e308)
    with pytest.raises(EngineError, match=r"replication 0: stock point 'shelf'.* overflow on 20"):
        batch(plan, 1)


def test_money_that_overflows_is_told():
    plan = with_streams(random_plan(), price=1e308)
    with pytest.raises(EngineError, match="replication 0: its stocks are finite"):
        batch(plan, 1)


def test_a_stock_that_overflows_is_told_although_all_that_is_kept_is_finite(monkeypatch):
    run = engine.run

    def overflow(block, keep_on):
        measured = run(block, keep_on)
        assert measured is not None
        return replace(measured, is_finite=np.arange(compiled_batch.WIDTH) != 7)

    monkeypatch.setattr(engine, "run", overflow)
    with pytest.raises(EngineError, match="replication 7: "):
        batch(random_plan(), 8)
    batch(random_plan(), 7)


@pytest.mark.parametrize("most", ["MOST_POINTS", "MOST_WEEKLY"])
def test_blocks_are_as_wide_as_fits_into_memory(monkeypatch, most):
    plan = random_plan()
    assert compiled_batch.block_width(plan) == compiled_batch.WIDTH
    weekly = len(plan.labels.makers) * component_count(plan) * (plan.days // WEEK)
    of_one = 1 + (len(plan.points.firm) if most == "MOST_POINTS" else weekly)
    for fitting, width in ((0, 1), (1, 1), (7, 4), (8, 8), (100, compiled_batch.WIDTH)):
        monkeypatch.setattr(compiled_batch, most, fitting * of_one)
        assert compiled_batch.block_width(plan) == width


@pytest.mark.parametrize(
    ("replications", "width"), [(1, 1), (2, 2), (3, 4), (4, 4), (5, 8), (6, 8), (100, 8)]
)
def test_narrow_blocks_are_no_wider_than_needed(monkeypatch, replications, width):
    plan = random_plan()
    assert compiled_batch.block_width(plan, replications) == compiled_batch.WIDTH
    monkeypatch.setattr(compiled_batch, "MOST_POINTS", 8 * (1 + len(plan.points.firm)))
    assert compiled_batch.block_width(plan, replications) == width


def test_chunks_hold_whole_blocks(monkeypatch):
    monkeypatch.setattr(backends, "POINT_DAYS", 1)
    chunks = backends.chunks_of(backends.Work(random_plan(), seed=3), [range(100)])
    assert [len(chunk) for chunk in chunks] == [compiled_batch.WIDTH] * 3 + [100 % compiled_batch.WIDTH]


def test_a_worker_prepares_what_its_chunks_share_once(monkeypatch):
    prepared = []

    def of(_class, plan, seed, original=engine.Experiment.of):
        prepared.append(seed)
        return original(plan, seed)

    monkeypatch.setattr(engine.Experiment, "of", classmethod(of))
    work = backends.Work(random_plan(), seed=3)
    chunks = [found for first in (0, 40) for found in backends.simulated(work, [range(first, first + 40)])]
    assert prepared == [3]
    assert_equal(joined(chunks), batch(work.plan, 80))


def test_the_engine_is_in_the_cache_once_it_is_compiled_for_blocks_of_a_width():
    warmup.warm_up()
    assert warmup.is_compiled()
    assert not warmup.is_compiled(width=64)


@pytest.mark.parametrize(("blocks", "threads"), [(0.3, 1), (1.2, 1), (2.5, 2), (1000.0, 8)])
def test_there_are_as_many_threads_as_half_of_the_memory_holds_blocks(monkeypatch, blocks, threads):
    plan = random_plan()
    of_one = compiled_batch.POINT_BYTES * len(plan.points.firm) * compiled_batch.WIDTH
    pages = {"SC_PHYS_PAGES": 2 * int(blocks * of_one), "SC_PAGE_SIZE": 1}
    monkeypatch.setattr("os.sysconf", pages.get)
    monkeypatch.setattr(compiled_batch, "cores", lambda: 8)
    pools: list[int] = []

    def pool(count: int) -> ThreadPoolExecutor:
        pools.append(count)
        return ThreadPoolExecutor(count)

    monkeypatch.setattr(compiled_batch, "ThreadPoolExecutor", pool)
    batch(plan, 3)
    compiled_batch.run_blocks(plan, seed=3, replications=3, workers=5)
    assert pools == [threads, 5]


def test_python_has_the_engine_compiled_as_commands_do_before_anything_is_simulated(monkeypatch):
    widths: list[int] = []
    monkeypatch.setattr(warmup, "is_compiled", lambda _width: bool(widths))
    monkeypatch.setattr(warmup, "warm_up", widths.append)
    sim.run(shop(20), replications=2)
    sim.run(shop(20), replications=2, engine="simpy")
    sim.run(shop(20), replications=2)
    assert widths == [compiled_batch.WIDTH]


def test_of_several_threads_that_need_the_engine_one_compiles_it(monkeypatch):
    widths: list[int] = []
    met = threading.Barrier(3)

    def compiles(width: int) -> None:
        with suppress(threading.BrokenBarrierError):
            met.wait(0.2)
        widths.append(width)

    monkeypatch.setattr(warmup, "is_compiled", lambda _width: bool(widths))
    monkeypatch.setattr(warmup, "warm_up", compiles)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(warmup.make_ready, [8, 8, 8]))
    assert widths == [8]


def test_a_full_disk_has_the_engine_compiled_without_a_note(monkeypatch, tmp_path):
    monkeypatch.setattr("sim.engines.compiler.CACHE_FOLDER", tmp_path / "gone")
    compiler.keep_ready("days-32")
    assert not warmup.is_compiled()


def test_the_measures_of_the_readable_engine_are_in_the_cache_once_they_are_compiled():
    warmup.warm_up_measures()
    assert warmup.can_measure()


# ---------------------------------------------------------------------- chunks


def joined(chunks):
    """What is kept of chunks that come in any order, put together."""
    ordered = [kept for _, kept in sorted(chunks, key=lambda chunk: chunk[0].start)]
    return results.Kept(
        *(
            {name: np.concatenate([each[name] for each in some if name in each]) for name in some[0]}
            for some in ([kept.outcome for kept in ordered], [kept.courses for kept in ordered])
        )
    )


@pytest.mark.parametrize("size", [1, 7, compiled_batch.WIDTH, 50, 1000])
@pytest.mark.parametrize("workers", [1, 2, 3, 7])
def test_neither_chunks_nor_threads_change_a_bit(monkeypatch, size, workers):
    monkeypatch.setattr(results, "COURSES", 40)
    monkeypatch.setattr(compiled_batch, "SAMPLED_AT_A_TIME", 64)
    plan = random_plan()
    chunks = [range(100)[first : first + size] for first in range(0, 100, size)]
    found = list(compiled_batch.run_chunks(experiment(plan), chunks=chunks, workers=workers))
    assert sorted((chunk for chunk, _ in found), key=lambda chunk: chunk.start) == chunks
    assert_equal(joined(found), batch(plan, 100))


def test_chunks_may_come_in_any_order():
    plan = random_plan()
    chunks = [range(50, 90), range(10), range(10, 50)]
    assert_equal(joined(compiled_batch.run_chunks(experiment(plan), chunks=chunks)), batch(plan, 90))


# ---------------------------------------------------------------------- what is kept


def test_results_in_a_file_are_those_in_memory(monkeypatch):
    plan = random_plan()
    in_memory = batch(plan, 70)
    monkeypatch.setattr(results, "MOST_IN_MEMORY", 0)
    assert_equal(batch(plan, 70), in_memory)


@pytest.mark.parametrize("courses", [1, compiled_batch.WIDTH, 40, 100])
def test_courses_are_those_of_the_first_replications(monkeypatch, courses):
    plan = random_plan()
    whole = batch(plan, 70)
    monkeypatch.setattr(results, "COURSES", courses)
    found = batch(plan, 70)
    assert {len(values) for values in found.outcome.values()} == {70}
    assert {len(values) for values in found.courses.values()} == {min(courses, 70)}
    for name, values in found.courses.items():
        np.testing.assert_array_equal(values, whole.courses[name][:courses], err_msg=name)
    for name, values in found.outcome.items():
        np.testing.assert_allclose(values, whole.outcome[name], rtol=1e-12, err_msg=name)


def test_blocks_beyond_the_courses_hold_no_weeks():
    plan = random_plan()
    study = engine.Experiment.of(plan, 1)
    samples = sample_inputs(plan, 1, range(compiled_batch.WIDTH))
    weeks = []
    for each in (study, study.without_courses()):
        measured = engine.run(engine.load(each, 0, samples))
        assert measured is not None
        weeks.append({values.shape[-1] for values in measured.courses.values()})
    assert weeks == [{plan.days // 7}, {0}]


def test_weeks_are_kept_of_the_blocks_with_courses_only(monkeypatch):
    plan = random_plan()
    load, weeks = engine.load, {}

    def note(study, first, samples):
        weeks[first] = study.tracking.weeks
        return load(study, first, samples)

    monkeypatch.setattr(engine, "load", note)
    monkeypatch.setattr(results, "COURSES", compiled_batch.WIDTH + 1)
    batch(plan, 3 * compiled_batch.WIDTH)
    end = compiled_batch.WIDTH + 1
    assert weeks == {
        0: plan.days // 7,
        compiled_batch.WIDTH: plan.days // 7,
        end: 0,
        end + compiled_batch.WIDTH: 0,
    }


def test_at_most_so_many_blocks_are_ahead(monkeypatch):
    plan = random_plan()
    begun = []

    def note(plan, seed, replications):
        begun.append(replications.start)
        return sample_inputs(plan, seed, replications)

    def stop(_finished):
        raise KeyboardInterrupt

    monkeypatch.setattr(compiled_batch, "SAMPLED_AT_A_TIME", compiled_batch.WIDTH)
    monkeypatch.setattr(compiled_batch, "sample_inputs", note)
    with pytest.raises(KeyboardInterrupt):
        batch(plan, 100 * compiled_batch.WIDTH, workers=2, progress=stop)
    assert len(begun) == 2 * compiled_batch.BLOCKS_AHEAD
