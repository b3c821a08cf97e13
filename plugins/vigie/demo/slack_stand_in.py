"""A Slack stand-in: the part of the Web API that an incident bot uses, and a page on which people press the buttons.

It answers as Slack does (errors as HTTP 200 with `ok: false`, 429 with Retry-After, block limits, signed callbacks), and
misbehaves on command. Not in it: Socket Mode, the Events API, files, slash commands, incoming webhooks.
"""

from __future__ import annotations

import asyncio
import math
import socket
import sys
import time
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from vigie.demo.foreground import argument_parser, secret, serve
from vigie.demo.loopback import HOST, LoopbackServer
from vigie.demo.slack_api import SlackApi
from vigie.demo.slack_call import RateLimited, Refused, arguments
from vigie.demo.slack_callbacks import Callbacks
from vigie.demo.slack_control import Control
from vigie.demo.slack_faults import Fault
from vigie.demo.slack_room import SlackRoom
from vigie.demo.slack_world import Json, SlackConfig, World

_PAGES = Path(__file__).parent / "pages"
_SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "connect-src 'self'; img-src 'self' data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class SlackStandIn(LoopbackServer, SlackRoom):
    """A workspace with one bot; a restart keeps its messages.

    `token` is the bot's, `signing_secret` signs the callbacks, `mails` is the spool of the SMTP capture, shown on the
    page as a second tab.
    """

    def __init__(
        self,
        config: SlackConfig | None = None,
        *,
        token: str = "xoxb-stand-in",  # noqa: S107
        signing_secret: str = "stand-in-signing-secret",  # noqa: S107
        port: int = 0,
        mails: Path | None = None,
    ) -> None:
        LoopbackServer.__init__(self, port)
        SlackRoom.__init__(self)
        self.token = token
        self.signing_secret = signing_secret
        self.world = World((config or SlackConfig()).model_copy(deep=True))
        self._api = SlackApi(self.world, token)
        self._callbacks = Callbacks(self._api, signing_secret)
        self._mails = mails
        self._server: uvicorn.Server | None = None
        self._serving: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """The address of the page, without a slash at the end."""
        return f"http://{HOST}:{self.port}"

    def stop(self) -> None:
        """Stop serving; the messages stay."""
        self.close()
        super().stop()

    async def _open(self, listener: socket.socket) -> None:
        self.world.on_new_loop()
        self._callbacks.base = self.url
        app = Starlette(
            routes=[
                Route("/api/{method}", self._web_api, methods=["GET", "POST"]),
                Route("/actions/{team}/{key}", self._respond, methods=["POST"]),
                *Control(self._api, self._callbacks, self._mails).routes(),
                Route("/pages/{name}", _page_part),
                Route("/archives/{channel}/{ts}", _page),
                Route("/", _page),
                Route("/mails", _page),
            ]
        )
        settings = uvicorn.Config(
            _KnowsItsTransport(TrustedHostMiddleware(app, allowed_hosts=[HOST, "localhost"], www_redirect=False)),
            http="h11",
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(settings)
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]))

    async def _shut(self) -> None:
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await self._serving

    async def _web_api(self, request: Request) -> Response:
        method = request.path_params["method"]
        started = time.monotonic()
        body = await request.body()
        try:
            args = arguments(request.headers.get("content-type", ""), body, request.url.query)
        except Refused as refused:
            self._api.record(method, {}, started, refused.answer, 200, "")
            return JSONResponse(refused.answer)
        fault = self._api.faults.take(method)
        if fault is not None and not fault.after:
            failed = await _befall(fault, request)
            if failed is not None:
                self._api.record(method, args, started, None, failed.status_code, fault.kind)
                return failed
        return await self._carry_out(request, method, args, started, fault)

    async def _carry_out(
        self, request: Request, method: str, args: Json, started: float, fault: Fault | None
    ) -> Response:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        token = given if scheme.lower() == "bearer" else args.get("token")
        try:
            answer = await self._api.answer(method, args | {"_base": self.url}, token)
        except RateLimited as limited:
            self._api.record(method, args, started, None, 429, "")
            return _rate_limited(limited.retry_after)
        kind = "" if fault is None else fault.kind + (" after" if fault.after else "")
        self._api.record(method, args, started, answer, 200, kind)
        failed = await _befall(fault, request) if fault is not None and fault.after else None
        return failed or JSONResponse(answer)

    async def _respond(self, request: Request) -> Response:
        try:
            body = await request.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            return JSONResponse({"ok": False, "error": "invalid_payload"}, status_code=400)
        status, answer = await self._callbacks.respond(request.path_params["key"], body)
        return PlainTextResponse(answer, status) if isinstance(answer, str) else JSONResponse(answer, status)


async def _befall(fault: Fault, request: Request) -> Response | None:
    """What the caller gets in place of the answer; None when the answer is only late."""
    if fault.kind == "drop":
        transport = request.scope["vigie.transport"]
        transport.abort()
        return Response(status_code=502)  # nobody reads it: the connection is gone
    if fault.kind == "status":
        return PlainTextResponse("the stand-in was told to fail", fault.status)
    if fault.kind == "ratelimited":
        return _rate_limited(max(1, math.ceil(fault.seconds)))
    if fault.kind == "refuse":
        return JSONResponse({"ok": False, "error": fault.error})
    await asyncio.sleep(fault.seconds)
    return None


def _rate_limited(retry_after: int) -> Response:
    return JSONResponse({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": str(retry_after)})


async def _page(_request: Request) -> Response:
    return FileResponse(_PAGES / "slack.html", headers=_SECURITY_HEADERS)


async def _page_part(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in ("slack.css", "slack.js", "mrkdwn.js"):
        return PlainTextResponse("no such page", 404)
    return FileResponse(_PAGES / name, headers=_SECURITY_HEADERS)


class _KnowsItsTransport:
    """Lets a handler drop its connection, which ASGI has no message for.

    uvicorn's `send` is a method of the object that holds the transport. This must be the outermost application, since
    inner ones wrap `send`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["vigie.transport"] = getattr(getattr(send, "__self__", None), "transport", None)
        await self._app(scope, receive, send)


def main() -> int:
    """Run it as a process; the bot's token comes from SLACK_BOT_TOKEN, the signing secret from SLACK_SIGNING_SECRET."""
    parser = argument_parser("slack_stand_in", "A Slack stand-in with a page on which people press the buttons.")
    parser.add_argument("--config", type=Path, help="JSON file with users, channels… (slack_world.SlackConfig)")
    parser.add_argument("--interactivity-url", help="where button presses are posted")
    parser.add_argument("--mails", type=Path, help="the spool of the SMTP capture, shown as a second tab")
    asked = parser.parse_args()
    config = SlackConfig.model_validate_json(asked.config.read_bytes()) if asked.config else SlackConfig()
    config.interactivity_url = asked.interactivity_url or config.interactivity_url
    token, signing = secret(parser, "SLACK_BOT_TOKEN"), secret(parser, "SLACK_SIGNING_SECRET")
    stand_in = SlackStandIn(config, token=token, signing_secret=signing, port=asked.port, mails=asked.mails)
    return serve(stand_in, leash=asked.leash)


if __name__ == "__main__":
    sys.exit(main())
