"""How long the explorer takes for a move: the distribution of 200 moves of a scenario, picture by picture.

``python benchmarks/explorer.py [FILE] [MOVES]`` prints the median and the 95 % quantile in milliseconds, from
the move to the figures, without the browser; with the CPU time, as this counts on a machine that is busy.
"""

import random
import sys
import time
from collections.abc import Iterator

import numpy as np

from sim.explorer.controls import controls_of
from sim.explorer.moved import Cut, Moved
from sim.explorer.session import Session
from sim.scenario.portfolios import Taken

FLAGSHIP = "scenarios/entity-list-levers-2019.yaml"
SEED = 1


def moves_of(session: Session) -> Iterator[tuple[str, Moved]]:
    """Kinds of moves in turn, each to a value of its own."""
    controls, chance = controls_of(session), random.Random(SEED)
    lanes = [lane["key"] for lane in controls["network"]["lanes"]]
    levers = [lever for lever in controls["levers"] if lever["levels"]]
    while True:
        for its in controls["numbers"]:
            yield "number", Moved(((its["path"], f"{chance.uniform(its['low'], its['high']):.6g}"),))
        its = controls["chances"][0]
        yield "chance", Moved(((its["path"], f"{chance.uniform(0.01, 1.0):.6g}"),))
        yield "cut", Moved(cuts=tuple(Cut("lane", lane) for lane in chance.sample(lanes, 2)))
        if levers:
            lever = chance.choice(levers)
            yield (
                "lever",
                Moved(
                    levers=(Taken(lever["id"], chance.choice(lever["levels"])),),
                    values=((its["path"], f"{chance.uniform(0.9, 1.0):.6g}"),),
                ),
            )


def main(file: str = FLAGSHIP, count: str = "200") -> None:
    with Session(file) as session:
        session.picture()
        found: dict[int, list[tuple[float, float]]] = {}
        for (_, moved), _ in zip(moves_of(session), range(int(count)), strict=False):
            began, cpu = time.perf_counter(), time.process_time()
            for picture in session.pictures(moved):
                took = time.perf_counter() - began, time.process_time() - cpu
                found.setdefault(picture["futures"], []).append(took)
    for futures, times in found.items():
        wall, processor = 1000.0 * np.quantile(np.array(times), (0.5, 0.95), axis=0).T
        print(
            f"{futures:5} futures: median {wall[0]:.0f} ms, 95 % {wall[1]:.0f} ms; "
            f"CPU median {processor[0]:.0f} ms, 95 % {processor[1]:.0f} ms"
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
