"""The service gives the golden answers, and a sentence for what it cannot answer."""

import asyncio
import json

import httpx
import numpy as np
import pytest

from scoring.batch import score_prepared
from scoring.contract import validate
from scoring.service import create_app


@pytest.fixture(scope="module")
def ask(folder):
    """Return a function that sends one request to the service."""
    app = create_app(folder)

    def send(method: str, url: str, content: bytes = b"") -> httpx.Response:
        async def once() -> httpx.Response:
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://bundle") as client:
                return await client.request(method, url, content=content)

        return asyncio.run(once())

    return send


@pytest.fixture(scope="module")
def rows(bundle) -> list[dict]:
    """Return the golden rows as a request carries them."""
    table = validate(bundle.golden_table("golden/rows.parquet"), bundle.contract)
    finite = [
        {name: None if isinstance(value, float) and not np.isfinite(value) else value for name, value in row.items()}
        for row in table.to_pylist()
    ]
    return finite[:500]


def test_scores_and_actions_are_the_golden_ones(ask, bundle, rows):
    answer = ask("POST", "/score", json.dumps(rows).encode())
    assert answer.status_code == 200
    expected = bundle.golden_table("golden/expected.parquet").slice(0, len(rows))
    assert [row["score"] for row in answer.json()["rows"]] == bundle.scorer.score(
        bundle.golden_table("golden/rows.parquet").slice(0, len(rows))
    ).tolist()
    acts = [row["action"] == "act" for row in answer.json()["rows"]]
    assert acts == expected.column("acted").to_pylist()
    assert "does not count capacity" in answer.json()["capacity"]


def test_service_and_batch_give_the_same_scores_to_the_bit(ask, bundle, rows):
    table = bundle.golden_table("golden/rows.parquet").slice(0, len(rows))
    batch = score_prepared(bundle, table.to_batches()).column("score").to_pylist()
    answers = ask("POST", "/score?reasons=0", json.dumps(rows).encode()).json()["rows"]
    assert [row["score"] for row in answers] == batch


def test_a_row_alone_gets_the_score_that_it_gets_among_others(ask, rows):
    together = ask("POST", "/score?reasons=0", json.dumps(rows[:5]).encode()).json()["rows"]
    alone = [ask("POST", "/score?reasons=0", json.dumps([row]).encode()).json()["rows"][0] for row in rows[:5]]
    assert alone == together


def test_the_request_of_the_readme_is_answered(ask, folder):
    assert ask("POST", "/score", (folder / "golden" / "request.json").read_bytes()).status_code == 200


def test_what_is_wrong_is_said_in_a_sentence(ask, bundle, rows):
    name = bundle.contract.columns[0].name
    lacking = {key: value for key, value in rows[0].items() if key != name}
    wrong = {**rows[0], name: ["a list"]}
    for content in (b"", b"{", b"{}", b"[]", b"[1]", json.dumps([lacking]).encode(), json.dumps([wrong]).encode()):
        answer = ask("POST", "/score", content)
        assert answer.status_code == 422, content
        assert answer.json()["problem"].endswith(".")
    assert repr(name) in answer.json()["problem"]
    assert ask("POST", "/score?reasons=many", json.dumps(rows[:1]).encode()).status_code == 422


def test_health_tells_which_bundle_answers(ask, bundle, folder):
    manifest = json.loads((folder / "MANIFEST.json").read_bytes())
    assert ask("GET", "/health").json()["digest"] == manifest["digest"]
    columns = ask("GET", "/contract").json()["columns"]
    assert [one["name"] for one in columns] == [column.name for column in bundle.contract.columns]


def test_the_api_describes_a_row(ask, bundle):
    schema = ask("GET", "/openapi.json").json()["paths"]["/score"]["post"]["requestBody"]["content"]
    row = schema["application/json"]["schema"]["items"]
    assert row["required"] == [column.name for column in bundle.contract.columns]
