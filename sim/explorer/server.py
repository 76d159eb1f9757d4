"""The explorer's page, served on this machine alone.

Who asks must know the token in the address and must have come from the page itself; every other host and
origin is refused. A tab has one connection. What it asks is answered in threads; an answer that is no longer
wanted is not sent.
"""

import asyncio
import json
import secrets
import socket
import threading
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from sim.errors import SimError
from sim.explorer.controls import controls_of
from sim.explorer.moved import NOTHING, Moved, read
from sim.explorer.saving import Tried, save_scenario, snapshot
from sim.explorer.session import Session, StaleMoveError
from sim.explorer.words import page_html, template
from sim.report.language import say, speaking, spoken_code
from sim.report.names import Names, plot_text
from sim.report.scripts import plotly_script

LOCALHOST = "127.0.0.1"
TOKEN_BYTES = 24
MOST_BYTES = 200_000
"""Of a message of a page."""
MOST_TABS = 20
MOST_SHARED = 50
"""Things tried that one HTML file holds."""
ASKED_AT_ONCE = 32
FORBIDDEN, NOT_FOUND, FULL = 4403, 404, 4429
PARTS = {
    "": ("page.html", "text/html; charset=utf-8"),
    "page.js": ("page.js", "text/javascript; charset=utf-8"),
    "page.css": ("page.css", "text/css; charset=utf-8"),
}
HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def policy(port: int) -> str:
    """What the page may load: its own parts, and one connection to where it comes from."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src data: blob:; "
        f"connect-src 'self' ws://{LOCALHOST}:{port}; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )


@dataclass(slots=True)
class _Tab:
    """A connection: the number of its last move, and what is said on it one after the other."""

    socket: WebSocket
    latest: int = 0
    is_open: bool = True
    said: asyncio.Lock = field(default_factory=asyncio.Lock)

    def wants(self, number: int) -> Callable[[], bool]:
        """Whether the answer to a move is still wanted."""
        return lambda: self.is_open and self.latest == number

    async def say(self, message: Mapping[str, Any]) -> None:
        """Send plain data, as long as somebody listens."""
        async with self.said:
            if self.is_open:
                await self.socket.send_text(json.dumps(message, allow_nan=False))


class Explorer:
    """A page for a session in the language that is spoken when it is made, and what it is answered.

    Parameters
    ----------
    session
        What is explored.
    """

    def __init__(self, session: Session) -> None:
        self.session, self.token = session, secrets.token_urlsafe(TOKEN_BYTES)
        self._language = spoken_code()
        self._threads = ThreadPoolExecutor(ASKED_AT_ONCE, thread_name_prefix="asked")
        self._tabs: set[int] = set()
        self._begun: dict[str, Any] | None = None
        self._lock = threading.Lock()
        self._scripts = plotly_script().encode()

    def close(self) -> None:
        """End it: no further answers."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def app(self, port: int) -> ASGIApp:
        """What a server calls; only for who has the token and comes from here.

        Parameters
        ----------
        port
            Where it is served.
        """
        root = f"/{self.token}/"
        routes: list[BaseRoute] = [Route(root + name, self._part(name)) for name in PARTS]
        routes += [Route(f"{root}plotly.js", self._plotly), WebSocketRoute(f"{root}moves", self._moves)]
        return _FromHere(Starlette(routes=routes), port)

    def _part(self, name: str) -> Callable[[Request], Awaitable[Response]]:
        file, kind = PARTS[name]
        text = template(file) if name else page_html()

        async def answer(_request: Request) -> Response:
            return Response(text, media_type=kind)

        return answer

    async def _plotly(self, _request: Request) -> Response:
        return Response(self._scripts, media_type="text/javascript; charset=utf-8")

    # ------------------------------------------------------------------ one tab

    async def _moves(self, connection: WebSocket) -> None:
        """Answer a tab until it is closed."""
        await connection.accept()
        tab = _Tab(connection)
        if len(self._tabs) >= MOST_TABS:
            await connection.close(FULL, f"more than {MOST_TABS} tabs")
            return
        self._tabs.add(id(tab))
        asked: set[asyncio.Task[None]] = set()
        try:
            while True:
                text = await connection.receive_text()
                task = asyncio.create_task(self._answered(tab, text))
                asked.add(task)
                task.add_done_callback(asked.discard)
        except WebSocketDisconnect:
            tab.is_open = False
        finally:
            tab.is_open = False
            self._tabs.discard(id(tab))

    async def _answered(self, tab: _Tab, text: str) -> None:
        """Answer one message; what cannot be used is refused with the usual message."""
        number, ask = None, None
        try:
            message = _message(text)
            number, ask = message.get("number"), message["ask"]
            await self._answers[ask](self, tab, message)
        except StaleMoveError:
            return
        except SimError as error:
            await tab.say({"ask": ask, "number": number, "refused": str(error)})
        except (ValueError, KeyError, TypeError, AttributeError):
            await tab.say({"ask": ask, "number": number, "refused": "found no message of the page"})
        except (WebSocketDisconnect, RuntimeError):
            tab.is_open = False

    async def _begin(self, tab: _Tab, _message: Mapping[str, Any]) -> None:
        """What can be moved, then the base."""
        await tab.say({"ask": "begin", **await self._in_thread(self.beginning)})

    async def _move(self, tab: _Tab, message: Mapping[str, Any]) -> None:
        """One picture after the other, until something else is moved."""
        number, moved = int(message["number"]), read(message["moved"])
        tab.latest = max(tab.latest, number)
        wanted = tab.wants(number)
        pictures = self.session.pictures(moved, wanted)
        while wanted():
            picture = await self._in_thread(lambda: next(pictures, None))
            if picture is None or not wanted():
                return
            await tab.say({"ask": "move", "number": number, "picture": picture})

    async def _whole(self, tab: _Tab, message: Mapping[str, Any]) -> None:
        """Times and causes of what is moved, if nothing else has been since."""
        number, moved = int(message["number"]), read(message["moved"])
        summary = await self._in_thread(lambda: self.session.whole(moved, tab.wants(number)))
        with speaking(self._language):
            told = {maker: _told(self.session, its) for maker, its in summary["makers"].items()}
        await tab.say({"ask": "whole", "number": number, "makers": told})

    async def _save(self, tab: _Tab, message: Mapping[str, Any]) -> None:
        """Write a scenario file."""
        moved, name = read(message["moved"]), str(message["name"])
        file = await self._in_thread(lambda: save_scenario(self.session, moved, name))
        await tab.say({"ask": "save", "saved": str(file)})

    async def _share(self, tab: _Tab, message: Mapping[str, Any]) -> None:
        """One HTML file with what was tried."""
        asked = [(str(its["label"]), read(its["moved"])) for its in message["tried"]][:MOST_SHARED]
        page = await self._in_thread(lambda: self.shared(asked))
        await tab.say({"ask": "share", "page": page})

    _answers: Mapping[str, Callable[["Explorer", _Tab, Mapping[str, Any]], Awaitable[None]]] = {
        "begin": _begin,
        "move": _move,
        "whole": _whole,
        "save": _save,
        "share": _share,
    }

    async def _in_thread(self, work: Callable[[], Any]) -> Any:
        def speaking_of_it() -> Any:
            with speaking(self._language):
                return work()

        return await asyncio.get_running_loop().run_in_executor(self._threads, speaking_of_it)

    # ------------------------------------------------------------------ answers

    def beginning(self) -> dict[str, Any]:
        """What a page needs to begin; the same for every tab."""
        with self._lock:
            if self._begun is None:
                scenario = self.session.scenario
                self._begun = {
                    "title": scenario.title,
                    "question": scenario.question or "",
                    "file": self.session.file.name,
                    "futures": self.session.futures,
                    "margin": self.session.plan.margin_leads,
                    "names": {maker: plot_text(name) for maker, name in self.session.makers.items()},
                    "controls": controls_of(self.session),
                }
            return self._begun

    def shared(self, asked: list[tuple[str, Moved]]) -> str:
        """One HTML file with the base and what was tried."""

        def tried(label: str, moved: Moved) -> Tried:
            return Tried(label, self.session.settings(moved), self.session.picture(moved))

        return snapshot(self.session, [tried(say("The base"), NOTHING), *(tried(*pair) for pair in asked)])


def _message(text: str) -> dict[str, Any]:
    """A message of a page.

    Raises
    ------
    ValueError
        If it is none.
    """
    if len(text) > MOST_BYTES:
        raise ValueError("too long")
    message = json.loads(text)
    if not isinstance(message, dict):
        raise TypeError("no object")
    return message


def _told(session: Session, its: Mapping[str, Any]) -> dict[str, Any]:
    """Times and causes of a maker's losses, by name."""
    names = Names(session.scenario)
    return {
        "first_lost_sales_days": its["first_lost_sales_days"],
        "time_to_adapt_days": its["time_to_adapt_days"],
        "causes": [
            {
                "label": names.item(str(row["component"])),
                "share": row["share_of_loss"],
            }
            for row in its["components"]
            if row["mean_loss"] != 0.0
        ],
    }


class _FromHere:
    """Refuses who asks for another host, or comes from another origin, and adds headers to what is sent."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        self._app, self._policy = app, policy(port)
        self._host, self._origin = f"{LOCALHOST}:{port}", f"http://{LOCALHOST}:{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        origin = given.get("origin")
        must_come_from_here = scope["type"] == "websocket"
        is_ours = given.get("host") == self._host and (
            origin == self._origin or (origin is None and not must_come_from_here)
        )
        if is_ours:
            await self._app(scope, receive, self._with_headers(send))
        elif must_come_from_here:
            await send({"type": "websocket.close", "code": FORBIDDEN})
        else:
            await PlainTextResponse("this page is for this machine alone", 403)(scope, receive, send)

    def _with_headers(self, send: Send) -> Send:
        async def sending(message: Any) -> None:
            if message["type"] == "http.response.start":
                told = {**HEADERS, "Content-Security-Policy": self._policy}
                message["headers"] = [
                    *message["headers"],
                    *((name.encode(), value.encode()) for name, value in told.items()),
                ]
            await send(message)

        return sending


class Served:
    """A page that is served while this is open, in a thread of its own.

    Parameters
    ----------
    session
        What is explored; it is closed with the page.
    port
        Where; 0: any that is free.

    Raises
    ------
    SimError
        If the port is taken.
    """

    def __init__(self, session: Session, port: int = 0) -> None:
        self._session, self._explorer = session, Explorer(session)
        self._socket = socket.socket()
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind((LOCALHOST, port))
            self._socket.listen()
        except OSError as error:
            self._socket.close()
            session.close()
            raise SimError(f"port {port}: {error.strerror or error}; choose another, or none") from None
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(
            self._explorer.app(self.port),
            log_config=None,
            access_log=False,
            log_level="critical",
            lifespan="off",
            ws_max_size=MOST_BYTES,
            timeout_graceful_shutdown=0,
            server_header=False,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._serve, name="explorer", daemon=True)

    @property
    def address(self) -> str:
        """What to open in a browser; it holds the token."""
        return f"http://{LOCALHOST}:{self.port}/{self._explorer.token}/"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._explorer.close()
        self._session.close()
        self._thread.join(2.0)
        self._socket.close()

    def wait(self) -> None:
        """Wait until the server ends, which it does not do by itself."""
        while self._thread.is_alive():
            self._thread.join(0.2)

    def _serve(self) -> None:
        self._server.run(sockets=[self._socket])
