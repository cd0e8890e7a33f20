"""An environment that is removed while an edge serves it: refused everywhere, and fresh when its name is used again."""

from dataclasses import replace

import pytest

from tests.builders import a_flag, a_flagset
from tests.e2e.documents import as_documents
from tests.e2e.environments import Environment, Keys, wait_until
from tests.e2e.stacks import Stack

pytestmark = pytest.mark.e2e
SECONDS = 70
"""Twice what an edge serves without looking again."""


def test_removed__edge__refuses_its_keys_and_serves_the_next_of_its_name(stack: Stack) -> None:
    doomed = stack.environment("doomed")
    [flag] = as_documents(a_flagset(a_flag("old").on()))["flags"].values()
    version = doomed.put_flag(flag)
    doomed.reach(version)
    wait_until(lambda: stack.kv.published("doomed") == version, SECONDS)
    assert doomed.bootstrap({}).json()["flags"].keys() == {"old"}

    assert doomed.api("DELETE", "?confirm=doomed").is_success

    assert doomed.bootstrap({}, side="origin").status_code == 401
    wait_until(lambda: stack.kv.published("doomed") == "1-2", SECONDS)
    wait_until(lambda: doomed.bootstrap({}).status_code == 401, SECONDS)

    reborn = create_again(stack)
    reborn.reach("2-0", seconds=SECONDS)
    assert reborn.bootstrap({}).json()["flags"] == {}


def create_again(stack: Stack) -> Environment:
    """Create the environment over the API, and a server key with the owner's key that this gives."""
    owner = stack.environment("production").keys.admin
    path = f"{stack.origin}/api/v1/environments"
    made = stack.http.post(path, json={"name": "doomed"}, headers={"Authorization": f"Bearer {owner}"}).json()
    assert made["environment"]["epoch"] == 2
    again = Environment("doomed", stack.origin, stack.edge, Keys(made["key"]["key"], "", ""), stack.http)
    issued = again.api("POST", "/keys", json={"kind": "server", "name": "new"}).raise_for_status().json()
    return replace(again, keys=replace(again.keys, server=issued["key"]))
