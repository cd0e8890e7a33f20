"""A FastAPI service: JSON for clients, and a page whose flags are in its first bytes; it starts without waiting."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from openfeature import api
from openfeature.evaluation_context import EvaluationContext

from flaghoist import FlaghoistProvider, Options, PageOptions, head_html

CLIENT_KEY = os.environ["FLAGHOIST_CLIENT_KEY"]
BROWSERS_ASK = os.environ.get("FLAGHOIST_EDGE", os.environ["FLAGHOIST_ORIGIN"])

provider = FlaghoistProvider(Options(origin=os.environ["FLAGHOIST_ORIGIN"], key=os.environ["FLAGHOIST_SERVER_KEY"]))
flags = api.get_client()


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Start the provider in the background, and end it with the service."""
    api.set_provider(provider)
    yield
    api.shutdown()


app = FastAPI(lifespan=lifespan)


@app.get("/checkout")
async def checkout(user: str, plan: str = "free") -> dict[str, str]:
    """Say which checkout a user gets: an evaluation is no I/O, so nothing is awaited."""
    return {"checkout": chosen(EvaluationContext(user, {"plan": plan}))}


@app.get("/")
async def index(user: str, plan: str = "free") -> HTMLResponse:
    """Return a page that starts from the same values."""
    context = EvaluationContext(user, {"plan": plan})
    page = provider.bootstrap(context, PageOptions(key=CLIENT_KEY))
    head = (
        b""
        if page is None
        else head_html(page.body, etag=page.etag, context=page.context, key=CLIENT_KEY, base_url=BROWSERS_ASK)
    )
    html = f"<!doctype html><head>{head.decode()}</head><body>The {chosen(context)} checkout.</body>"
    return HTMLResponse(html, headers={"Cache-Control": "private, no-store"})


def chosen(context: EvaluationContext) -> str:
    """Return the name of a visitor's checkout."""
    return "new" if flags.get_boolean_value("new-checkout", False, context) else "old"
