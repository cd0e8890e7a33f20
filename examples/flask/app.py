"""A Flask page whose flags are evaluated in this process, and are in its first bytes for the browser, too."""

import os
import secrets

from flask import Flask, Response, request
from openfeature import api
from openfeature.evaluation_context import EvaluationContext

from flaghoist import FlaghoistProvider, Options, PageOptions, head_html

CLIENT_KEY = os.environ["FLAGHOIST_CLIENT_KEY"]
BROWSERS_ASK = os.environ.get("FLAGHOIST_EDGE", os.environ["FLAGHOIST_ORIGIN"])

provider = FlaghoistProvider(Options(origin=os.environ["FLAGHOIST_ORIGIN"], key=os.environ["FLAGHOIST_SERVER_KEY"]))
api.set_provider_and_wait(provider)
flags = api.get_client()
app = Flask(__name__)


@app.get("/")
def index() -> Response:
    """Show which checkout this visitor gets."""
    visitor = request.cookies.get("visitor") or secrets.token_hex(8)
    context = EvaluationContext(visitor, {"plan": request.args.get("plan", "free")})
    checkout = "new" if flags.get_boolean_value("new-checkout", False, context) else "old"
    nonce = secrets.token_urlsafe(16)
    response = Response(f"<!doctype html><head>{head(context, nonce)}</head><body>The {checkout} checkout.</body>")
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Security-Policy"] = f"script-src 'nonce-{nonce}'"
    response.set_cookie("visitor", visitor, httponly=True, samesite="Lax")
    return response


def head(context: EvaluationContext, nonce: str) -> str:
    """Return the script that gives the page its flags; nothing while no snapshot has arrived."""
    page = provider.bootstrap(context, PageOptions(key=CLIENT_KEY))
    if page is None:
        return ""
    return head_html(
        page.body, etag=page.etag, context=page.context, key=CLIENT_KEY, nonce=nonce, base_url=BROWSERS_ASK
    ).decode()
