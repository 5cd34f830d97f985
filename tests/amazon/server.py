"""The fake Amazon on loopback, run by uvicorn: ``Server``."""

import asyncio
import json
import os
import signal
import socket
import struct
import threading
import time
from email.utils import formatdate
from urllib.parse import parse_qs

import uvicorn
from fastapi import FastAPI, Request, Response
from uvicorn.protocols.http.h11_impl import H11Protocol

from . import fake_v1, fake_v1_reports
from .fake import CLIENT_ID, CLIENT_SECRET, PROFILE, REFRESH_TOKEN, ROWS

HELD = 0.9  # seconds that a slow answer takes; clients that meet one wait for less
_REPORT = "application/vnd.createasyncreportrequest.v3+json"
_TRANSPORTS = {}


class _Protocol(H11Protocol):
    def connection_made(self, transport):
        super().connection_made(transport)
        _TRANSPORTS[self.client] = transport

    def connection_lost(self, exc):
        _TRANSPORTS.pop(self.client, None)
        super().connection_lost(exc)


class Server:
    """Serves whatever ``ads`` is at the moment."""

    def __init__(self):
        self.ads = None
        self.victim = None  # (process id, at which request, "before" or "after" it is done)
        self.app = _app(self)
        config = uvicorn.Config(
            self.app, host="127.0.0.1", port=0, log_level="critical", http=_Protocol, lifespan="off"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.005)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"

    def serve(self, ads):
        ads.address = self.address
        self.ads = ads
        return ads

    def stop(self):
        self._server.should_exit = True
        self._thread.join(5)

    def strike(self, when):
        """Kill the process that is to die at this request."""
        if self.victim and self.victim[1:] == (len(self.ads.requests), when):
            os.kill(self.victim[0], signal.SIGKILL)
            self.victim = None


def _app(server):
    app = FastAPI(openapi_url=None)
    _add_access(app, server)
    _add_entities(app, server)
    _add_v1(app, server)
    _add_reports(app, server)
    _add_downloads(app, server)
    return app


def _add_access(app, server):
    @app.get("/test/clock")
    async def now():
        return server.ads.clock.now()

    @app.post("/test/clock")
    async def sleep(request: Request):
        server.ads.clock.sleep(await request.json())

    @app.post("/auth/o2/token")
    async def token(request: Request):
        ads = server.ads
        form = {name: one[0] for name, one in parse_qs((await request.body()).decode()).items()}

        def done(fault):
            known = (CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN)
            if (form["client_id"], form["client_secret"], form["refresh_token"]) != known:
                return 400, {"error": "invalid_grant", "error_description": f"bad {form}"}
            return 200, {"access_token": ads.new_token(), "token_type": "bearer",
                         "expires_in": ads.token_life}  # fmt: skip

        return await _answer(server, request, "token", done)

    @app.get("/v2/profiles")
    async def profiles(request: Request):
        return await _answer(server, request, "list", lambda fault: (200, server.ads.profiles))


def _add_entities(app, server):
    @app.post("/sp/{path}/list")
    async def listed(path: str, request: Request):
        body = await request.json()
        stale = server.ads.listed
        return await _answer(
            server, request, "list", lambda fault: (200, stale(path, body, fault == "stale")), path
        )

    @app.post("/sp/{path}/delete")
    async def delete(path: str, request: Request):
        body = await request.json()
        count = len(body[ROWS[path][2]]["include"])
        return await _write(
            server, request, path, count, lambda only: server.ads.archived(path, body, only)
        )

    @app.post("/sp/{path}")
    async def create(path: str, request: Request):
        rows = (await request.json())[ROWS[path][0]]
        return await _write(
            server, request, path, len(rows), lambda only: server.ads.created(path, rows, only)
        )

    @app.put("/sp/{path}")
    async def update(path: str, request: Request):
        rows = (await request.json())[ROWS[path][0]]
        return await _write(
            server, request, path, len(rows), lambda only: server.ads.updated(path, rows, only)
        )


def _add_v1(app, server):
    _add_reports_v1(app, server)

    @app.post("/adsApi/v1/query/{what}")
    async def query(what: str, request: Request):
        body = await request.json()

        def done(fault):
            return 200, fake_v1.query(server.ads, what, body, fault == "stale")

        return await _answer(server, request, "list", done)

    @app.post("/adsApi/v1/{verb}/targets")
    async def change(verb: str, request: Request):
        body = await request.json()
        do = {"create": fake_v1.create, "update": fake_v1.update, "delete": fake_v1.delete}[verb]
        rows = body["targetIds" if verb == "delete" else "targets"]
        assert len(body) == 1
        return await _write(
            server, request, None, len(rows), lambda only: do(server.ads, rows, only)
        )


def _add_reports_v1(app, server):
    @app.post("/adsAccounts/list")
    async def accounts(request: Request):
        start = int((await request.json()).get("nextToken", 0))
        page = {
            "adsAccounts": fake_v1_reports.ACCOUNTS[start : start + 1],
            "nextToken": str(start + 1),
        }
        media = request.headers["content-type"]
        assert media == "application/vnd.listaccountsresource.v1+json"
        return await _answer(server, request, "list", lambda _: (200, page))

    @app.post("/adsApi/v1/create/reports")
    async def ask(request: Request):
        body = await request.json()
        return await _answer(
            server, request, "report", lambda _: fake_v1_reports.ask_report(server.ads, body)
        )

    @app.post("/adsApi/v1/retrieve/reports")
    async def state(request: Request):
        body = await request.json()

        def done(fault):
            ads, [report_id] = server.ads, body["reportIds"]
            if fault == "failed":
                ads.reports_v1[report_id]["status"] = "FAILED"
            if fault == "unknown":
                del ads.reports_v1[report_id]
            return fake_v1_reports.state(ads, body)

        return await _answer(server, request, "state", done)


def _add_reports(app, server):
    @app.post("/reporting/reports")
    async def ask(request: Request):
        body = await request.json()
        assert request.headers["content-type"] == _REPORT
        return await _answer(server, request, "report", lambda _: server.ads.ask_report(body))

    @app.get("/reporting/reports/{report_id}")
    async def state(report_id: str, request: Request):
        def done(fault):
            if fault == "failed":
                server.ads.reports[report_id]["status"] = "FAILED"
            if fault == "unknown":
                del server.ads.reports[report_id]
            if report_id not in server.ads.reports:
                return 404, {"code": "404", "detail": "Not found"}
            return 200, server.ads.report(report_id)

        return await _answer(server, request, "state", done)


def _add_downloads(app, server):
    @app.get("/download/{link}")
    async def download(link: str, request: Request):
        assert "authorization" not in request.headers
        server.ads.requests.append(("GET", "/download"))
        fault = server.ads.faults.draw("download")
        if fault == "expired":
            server.ads.links.pop(link, None)
        if link not in server.ads.links:
            return Response("<Error><Code>AccessDenied</Code></Error>", 403)
        content = _content(server.ads, server.ads.links[link])
        if fault == "error-before":
            return Response("", 503)
        if fault == "reset-after":
            return _reset(request)
        return Response(content[: len(content) // 2] if fault == "truncated" else content)


def _content(ads, what):
    """A report of v3 by its ID, a part of one of v1 by ID and number."""
    of_v1 = isinstance(what, tuple)
    return fake_v1_reports.report_part(ads, *what) if of_v1 else ads.report_file(what)


async def _write(server, request, path, count, do):
    """Answer a request for changes; ``do`` makes those of some indices, all for None.

    ``path`` is a resource of v3; None stands for the targets of v1.
    """
    ads = server.ads

    def lists_of(answer):
        return answer if path is None else answer[ROWS[path][0]]

    def failed(index, kind):
        error = {"errorType": kind, "errorValue": {}}
        return fake_v1.failed(index, error) if path is None else {"index": index, "errors": [error]}

    def done(fault):
        rows = list(range(count))
        some = set(ads.rng.sample(rows, max(1, count // 2)))
        if fault == "late":
            ads.late(lambda: do(None))
            return 504, {"message": "Gateway timeout"}
        if fault in ("partial-before", "throttled-rows"):
            answer = do(set(rows) - some)
            kind = "internalServerError" if fault == "partial-before" else "throttledError"
            lists_of(answer)["error"] += [failed(index, kind) for index in sorted(some)]
            return 207, answer
        answer = do(None)
        lists = lists_of(answer)
        if fault == "partial-after":
            hidden = [one["index"] for one in lists["success"] if one["index"] in some]
            lists["success"] = [one for one in lists["success"] if one["index"] not in some]
            lists["error"] += [failed(index, "internalServerError") for index in hidden]
        if fault == "rows-unsaid":
            lists["success"] = [one for one in lists["success"] if one["index"] not in some]
        return 207, answer

    return await _answer(server, request, "write", done, path)


async def _answer(server, request, kind, do, path=None):
    """Do what is asked, in the way that the next fault has it."""
    ads = server.ads
    ads.catch_up()
    ads.requests.append((request.method, request.url.path))
    server.strike("before")
    fault = ads.faults.draw(kind)
    if fault in _BEFORE:
        return _BEFORE[fault](ads, request)
    if kind != "token":
        refused = _refused(ads, request, path)
        if refused:
            return refused
    status, body = do(fault)
    server.strike("after")
    if fault == "slow-after":
        await asyncio.sleep(HELD)
    if fault == "error-after":
        return Response("oops", 500)
    if fault == "reset-after":
        return _reset(request)
    content = json.dumps(body)
    if fault == "garbled-after":
        content = content[: len(content) // 2] + "\x00"
    return Response(content, status, media_type="application/json")


def _refused(ads, request, path):
    """Refuse whoever has no token, no profile or the wrong kind of body."""
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not ads.knows(token) or request.headers["amazon-advertising-api-clientid"] != CLIENT_ID:
        return _json(401, {"code": "UNAUTHORIZED", "details": f"Not authorized: {token}"})
    address = request.url.path
    if address.startswith("/adsApi/") and not _is_v1(request):
        return _json(400, {"message": "no Amazon-Ads-ClientId, or not application/json"})
    if request.headers.get("amazon-advertising-api-scope") != PROFILE:
        return _json(401, {"code": "UNAUTHORIZED", "details": "Profile not found"})
    if path and request.headers["content-type"] != f"application/vnd.{ROWS[path][3]}.v3+json":
        return _json(415, {"message": "Unsupported media type"})
    return None


def _is_v1(request):
    client = request.headers.get("amazon-ads-clientid")
    return client == CLIENT_ID and request.headers["content-type"] == "application/json"


def _json(status, body, headers=None):
    return Response(json.dumps(body), status, headers)


def _reset(request):
    """Cut the connection with a TCP reset."""
    transport = _TRANSPORTS[tuple(request.scope["client"])]
    held = transport.get_extra_info("socket")
    held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    return Response("")


def _unauthorized(ads, request):
    ads.tokens.clear()
    return _json(401, {"code": "UNAUTHORIZED", "details": "Token revoked"})


def _throttled_date(ads, request):
    return _json(429, {}, {"Retry-After": formatdate(ads.clock.now() + 7, usegmt=True)})


_BEFORE = {
    "throttled": lambda ads, _: _json(429, {}, {"Retry-After": str(ads.rng.randint(0, 30))}),
    "throttled-date": _throttled_date,
    "error-before": lambda ads, _: _json(ads.rng.choice([500, 502, 503]), {}),
    "reset-before": lambda _, request: _reset(request),
    "unauthorized": _unauthorized,
}
