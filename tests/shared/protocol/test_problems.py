"""Errors as problem bodies, and as OFREP failures where OFREP clients read them."""

import pytest

from flaghoist.errors import (
    ActionForbidden,
    Fault,
    FlaghoistError,
    InputError,
    KeyRefused,
    LimitExceeded,
    MethodNotAllowed,
    NotFound,
    Unavailable,
)
from flaghoist.limits import REQUEST_BYTES
from flaghoist.protocol.cors import preflight
from flaghoist.protocol.problems import refuse
from flaghoist.protocol.requests import Response
from tests.shared.answers.asking import BOOTSTRAP, BULK, a_request, tree

FAULT = InputError(Fault("$.context.a", "is wrong"), Fault("$.context.b", "is worse"))


def refused(error: FlaghoistError, path: str = BOOTSTRAP) -> Response:
    return refuse(error, a_request(path))


def test_problem__body__has_the_members_of_rfc_9457_and_all_faults() -> None:
    response = refused(FAULT)
    assert response.status == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    assert tree(response) == {
        "type": "urn:flaghoist:problem:invalid-input",
        "title": "The input is not valid",
        "status": 400,
        "detail": "is wrong at $.context.a; is worse at $.context.b",
        "path": "$.context.a",
        "errors": [{"path": "$.context.a", "detail": "is wrong"}, {"path": "$.context.b", "detail": "is worse"}],
    }


@pytest.mark.parametrize(
    ("path", "fault", "code"),
    [
        (BULK, "$.context.a", "INVALID_CONTEXT"),
        (BULK, "$", "PARSE_ERROR"),
        (BULK, "$.extra", "PARSE_ERROR"),
    ],
)
def test_problem__bad_input_at_ofrep__is_an_ofrep_failure_as_well(path: str, fault: str, code: str) -> None:
    body = tree(refused(InputError.at(fault, "is wrong"), path))
    assert body["errorCode"] == code
    assert body["errorDetails"] == body["detail"]
    assert body["path"] == fault
    assert "key" not in body


def test_problem__bad_input_at_one_flag__names_the_flag() -> None:
    assert tree(refused(FAULT, f"{BULK}/check%6Fut"))["key"] == "checkout"


def test_problem__limit__names_it_and_its_numbers() -> None:
    response = refused(LimitExceeded(REQUEST_BYTES, 40_000, too_large=True), BULK)
    body = tree(response)
    assert response.status == 413
    assert (body["limit"], body["maximum"], body["actual"]) == ("request_bytes", 32_768, 40_000)


@pytest.mark.parametrize(
    ("error", "status", "header", "value"),
    [
        (KeyRefused("no key"), 401, "WWW-Authenticate", "Bearer"),
        (MethodNotAllowed("no"), 405, "Allow", "POST, OPTIONS"),
        (Unavailable("later", 7), 503, "Retry-After", "7"),
    ],
)
def test_problem__error__carries_the_header_that_its_status_asks_for(
    error: FlaghoistError, status: int, header: str, value: str
) -> None:
    response = refused(error, BULK)
    assert (response.status, response.headers[header]) == (status, value)


@pytest.mark.parametrize("error", [KeyRefused("no key"), ActionForbidden("not you"), NotFound("nothing")])
def test_problem__other_refusals_at_ofrep__are_plain_problems(error: FlaghoistError) -> None:
    response = refused(error, BULK)
    assert response.headers["Content-Type"] == "application/problem+json"
    assert "errorCode" not in tree(response)


def test_problem__server_error_at_ofrep__has_details() -> None:
    body = tree(refused(FlaghoistError("something broke"), BULK))
    assert (body["status"], body["errorDetails"]) == (500, "something broke")


def test_problem__without_a_call__is_still_a_problem() -> None:
    assert tree(refuse(FlaghoistError("x"), None))["status"] == 500


def test_cors__every_reply__can_be_read_by_any_page() -> None:
    headers = refused(FAULT).headers
    assert headers["Access-Control-Allow-Origin"] == "*"
    exposed = headers["Access-Control-Expose-Headers"].split(", ")
    assert {"ETag", "Retry-After", "Server-Timing", "Flaghoist-Version", "Flaghoist-Age", "Flaghoist-Level"} <= set(
        exposed
    )


def test_cors__preflight__allows_what_clients_send_and_lasts() -> None:
    response = preflight(a_request(BULK, method="OPTIONS", key=""))
    assert (response.status, response.body) == (204, b"")
    assert response.headers["Access-Control-Allow-Methods"] == "POST, GET, OPTIONS"
    allowed = response.headers["Access-Control-Allow-Headers"].split(", ")
    assert allowed == ["Content-Type", "Authorization", "X-API-Key", "If-None-Match", "Flaghoist-Context"]
    assert int(response.headers["Access-Control-Max-Age"]) >= 3600


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        (BULK, "POST, OPTIONS"),
        (f"{BULK}/checkout", "POST, OPTIONS"),
        (BOOTSTRAP, "GET, POST, OPTIONS"),
        ("/healthz", "GET, OPTIONS"),
    ],
)
def test_preflight__path_that_is_served__allow_names_what_it_takes(path: str, allowed: str) -> None:
    assert preflight(a_request(path, method="OPTIONS", key="")).headers["Allow"] == allowed


@pytest.mark.parametrize("path", ["/", "/nope", "/ofrep/v1/evaluate", f"{BULK}/a/b"])
def test_preflight__path_that_is_not_served__not_found(path: str) -> None:
    with pytest.raises(NotFound, match="nothing is served"):
        preflight(a_request(path, method="OPTIONS", key=""))
