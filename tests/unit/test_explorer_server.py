"""The explorer's server: whom it answers, what it refuses, and that it ends."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from sim.errors import SimError
from sim.explorer import saving
from sim.explorer.moved import Cut, Moved
from sim.explorer.server import Served
from sim.explorer.session import Session
from sim.scenario.portfolios import Taken
from sim.stories import study

LEVERS = Path(__file__).parents[2] / "scenarios" / "first-scenario-levers.yaml"
POLICY = "stock_points.controllers.policy.cover_days"
FUTURES = 64


@pytest.fixture(scope="module")
def served():
    session = Session(LEVERS, futures=FUTURES)
    session.picture()  # The engine may have to be compiled first.
    with Served(session) as open_:
        yield open_


def asked(served, path, **headers):
    """Status, headers and text of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, answer.headers, text


def tab(served, **given):
    address = served.address.replace("http", "ws", 1) + "moves"
    origin = given.pop("origin", served.address[: served.address.index("/", 8)])
    return connect(address, origin=origin, **given)


def told(socket, **message):
    socket.send(json.dumps(message))
    return json.loads(socket.recv(timeout=120))


def test_the_page_is_there_for_who_has_the_token(served):
    path = urlsplit(served.address).path

    status, headers, text = asked(served, path)

    assert status == 200
    assert "<title>Explorer</title>" in text
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "Plotly" in asked(served, f"{path}plotly.js")[2]


def test_without_the_token_nothing_is_there(served):
    for path in ("/", "/page.js", "/" + "a" * 32 + "/", "/" + "a" * 32 + "/moves"):
        assert asked(served, path)[0] == 404


@pytest.mark.parametrize(
    "headers",
    [{"Host": "evil.example"}, {"Host": "localhost"}, {"Origin": "http://evil.example"}, {"Origin": "null"}],
)
def test_other_hosts_and_origins_are_refused(served, headers):
    assert asked(served, urlsplit(served.address).path, **headers)[0] == 403


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "http://127.0.0.1:1"])
def test_a_connection_must_come_from_the_page(served, origin):
    with pytest.raises(InvalidStatus, match="403"):
        tab(served, origin=origin)


def test_pictures_come_with_their_number(served):
    with tab(served) as socket:
        begun = told(socket, ask="begin")
        found = told(socket, ask="move", number=1, moved={"values": {POLICY: "40"}})

    assert begun["names"] == {"velo": "Velo"}
    assert [its["id"] for its in begun["controls"]["levers"]] == ["stock", "second-source"]
    assert found["number"] == 1
    assert found["picture"]["makers"]["velo"]["change"]["estimate"] > 0.0


def test_bad_values_are_refused_with_the_usual_message(served):
    with tab(served) as socket:
        found = told(socket, ask="move", number=1, moved={"values": {POLICY: "many"}})
        message = f"command line: {POLICY}: found 'many', allowed: a number"
        assert message in found["refused"]
        messages: list[object] = [
            [],
            {"ask": "nothing"},
            {"ask": "move"},
            {"ask": "move", "number": 2, "moved": 3},
        ]
        for hostile in messages:
            socket.send(json.dumps(hostile))
            assert json.loads(socket.recv(timeout=120))["refused"] == "found no message of the page"


def test_a_long_message_closes_the_tab(served):
    with tab(served) as socket:
        socket.send("x" * 300_000)
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=120)


def test_stale_moves_are_dropped(served):
    moves = [{"values": {POLICY: str(40 + place)}} for place in range(8)]
    with tab(served) as socket:
        for number, moved in enumerate(moves, 1):
            socket.send(json.dumps({"ask": "move", "number": number, "moved": moved}))
        seen: list[int] = []
        while not seen or seen[-1] != len(moves):
            seen.append(json.loads(socket.recv(timeout=120))["number"])

    assert seen == sorted(seen)
    assert len(seen) < len(moves)


def test_tabs_do_not_disturb_each_other(served):
    with tab(served) as one, tab(served) as other:
        for socket, days in ((one, "45"), (other, "70")):
            socket.send(json.dumps({"ask": "move", "number": 1, "moved": {"values": {POLICY: days}}}))
        found = [json.loads(socket.recv(timeout=120))["picture"] for socket in (one, other)]

    assert found[0]["makers"]["velo"]["change"]["estimate"] > found[1]["makers"]["velo"]["change"]["estimate"]


def test_a_taken_port_is_told(served):
    with pytest.raises(SimError, match=f"port {served.port}: Address already in use"):
        Served(Session(LEVERS, futures=32), served.port)


# ---------------------------------------------------------------------- what is kept


MOVED = Moved(
    ((POLICY, "70"), ("interventions.fire.probability", "0.4")),
    (Taken("second-source"), Taken("stock", 80.0)),
    (Cut("lane", "controllers"),),
)


@pytest.fixture
def copied(tmp_path):
    """A session of files that stand in a folder of their own."""
    for file in LEVERS.parent.glob("first-scenario*.yaml"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    with Session(
        tmp_path / LEVERS.name, ["stock_points.e-bikes.policy.cover_days=30"], futures=32
    ) as session:
        yield session


def test_a_saved_file_gives_the_same_figures(copied):
    file = saving.save_scenario(copied, MOVED, "explored")

    assert file.read_text().startswith("extends: first-scenario-levers.yaml\nname: explored\n")
    found = study.run(file, replications=32, seed=copied.seed, workers=1).findings.summary
    assert found["makers"]["velo"]["loss_share"] == copied.picture(MOVED)["makers"]["velo"]["figures"]


@pytest.mark.parametrize("name", ["", "../up", "a/b", "Big", "x" * 81, "first-scenario-levers"])
def test_no_file_is_written_over_or_elsewhere(copied, name):
    before = sorted(copied.file.parent.rglob("*"))

    with pytest.raises(SimError, match=r"name: found|there is such a file"):
        saving.save_scenario(copied, MOVED, name)

    assert sorted(copied.file.parent.rglob("*")) == before


def test_a_snapshot_shows_texts_as_texts(copied):
    label = "<script>alert(1)</script>"
    tried = saving.Tried(label, copied.settings(MOVED), copied.picture(MOVED))

    page = saving.snapshot(copied, [saving.Tried("The base", (), copied.picture()), tried])

    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert f"{POLICY}=70" in page
    assert page.count("<polyline") == 4


# ---------------------------------------------------------------------- the end


MAIN = "import sys; from sim.cli import main; main(sys.argv[1:])"


def test_it_ends_within_a_second(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", MAIN, "explore", str(LEVERS), "-n", "64"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        address = process.stdout.readline().removeprefix("explore: ").strip()
        origin = Origin(address[: address.index("/", 8)])
        with connect(address.replace("http", "ws", 1) + "moves", origin=origin) as socket:
            told(socket, ask="begin")
            process.send_signal(signal.SIGINT)
            asked_at = time.monotonic()
            code = process.wait(20)
            seconds = time.monotonic() - asked_at
        assert code == 128 + signal.SIGINT
        said = process.stderr.read()
    assert said.endswith("stopped; what was explored is gone, but for what was saved\n")
    assert seconds < 2.0  # One second is asked; the rest is for a machine that is busy.
    assert list(tmp_path.iterdir()) == []
