"""A Django site in one file: a view reads flags, and a context processor gives every template the page's flags."""

import os
import sys

from django.conf import settings
from django.core.management import execute_from_command_line
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path
from django.utils.safestring import mark_safe
from openfeature import api
from openfeature.evaluation_context import EvaluationContext

from flaghoist import FlaghoistProvider, Options, PageOptions, head_html

CLIENT_KEY = os.environ["FLAGHOIST_CLIENT_KEY"]
BROWSERS_ASK = os.environ.get("FLAGHOIST_EDGE", os.environ["FLAGHOIST_ORIGIN"])
TEMPLATE = "<!doctype html><head>{{ flags_head }}</head><body>The {{ checkout }} checkout.</body>"
DJANGO = "django.template.backends.django.DjangoTemplates"

provider = FlaghoistProvider(Options(origin=os.environ["FLAGHOIST_ORIGIN"], key=os.environ["FLAGHOIST_SERVER_KEY"]))
api.set_provider_and_wait(provider)
flags = api.get_client()


def context_of(request: HttpRequest) -> EvaluationContext:
    """Return whom to evaluate for."""
    return EvaluationContext(request.GET.get("user", "nobody"), {"plan": request.GET.get("plan", "free")})


def flags_head(request: HttpRequest) -> dict[str, str]:
    """Give templates ``flags_head``, the script for the start of their head."""
    page = provider.bootstrap(context_of(request), PageOptions(key=CLIENT_KEY))
    if page is None:
        return {"flags_head": ""}
    html = head_html(page.body, etag=page.etag, context=page.context, key=CLIENT_KEY, base_url=BROWSERS_ASK)
    return {"flags_head": mark_safe(html.decode())}


def index(request: HttpRequest) -> HttpResponse:
    """Show which checkout this visitor gets."""
    checkout = "new" if flags.get_boolean_value("new-checkout", False, context_of(request)) else "old"
    html = engines["django"].from_string(TEMPLATE).render({"checkout": checkout}, request)
    return HttpResponse(html, headers={"Cache-Control": "private, no-store"})


urlpatterns = [path("", index)]
templates = {"BACKEND": DJANGO, "OPTIONS": {"context_processors": [f"{__name__}.flags_head"]}}
settings.configure(ROOT_URLCONF=__name__, TEMPLATES=[templates], ALLOWED_HOSTS=["*"], DEBUG=False)
application = get_wsgi_application()

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
