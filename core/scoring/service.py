"""The service: decision rows in, score, action and reasons out."""

import json
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from .contract import DecisionRowContract
from .errors import ContractError, TouchstoneError
from .folder import BundleFolder, read_json
from .hashes import MANIFEST
from .policy import acted, expected_gain
from .reasons import reasons
from .rows import table_from_rows
from .verify import refuse_unless_proved

CAPACITY = "Actions follow the threshold; this service does not count capacity. The batch job does."
EXAMPLES = {"number": 1.5, "category": "text", "boolean": True}


def create_app(folder: Path) -> FastAPI:
    """Return the service of a bundle, after proving the layers that are cheap.

    ``POST /score`` takes a list of decision rows (``?reasons=0`` spares the reasons, which cost most of the time),
    ``GET /health`` tells which bundle answers, ``GET /contract`` what a row must be. What is wrong with a request is
    answered in a sentence, with status 422.

    Raises
    ------
    VerifyError
        When a layer differs.
    FormatError
        When this is not the folder of a bundle.
    """
    proof = refuse_unless_proved(folder)
    bundle = BundleFolder.open(folder)
    manifest = read_json(folder, MANIFEST)
    app = FastAPI(title=manifest["name"], version=manifest["version"], description=CAPACITY)

    @app.exception_handler(TouchstoneError)
    async def refuse(request: Request, error: TouchstoneError) -> JSONResponse:
        return JSONResponse({"problem": error.problem, "hint": error.hint}, status_code=422)

    @app.post("/score", openapi_extra=_request_schema(bundle.contract), responses={422: {"description": "A sentence"}})
    async def score(request: Request) -> JSONResponse:
        return JSONResponse(answer(bundle, await request.body(), _n_reasons(request)))

    @app.get("/health")
    async def health() -> JSONResponse:
        return JSONResponse(
            {
                "status": "ok",
                "bundle": manifest["name"],
                "version": manifest["version"],
                "digest": manifest["digest"],
                "proved": proof.mode,
                "capacity": CAPACITY,
            }
        )

    @app.get("/contract")
    async def contract() -> JSONResponse:
        return JSONResponse(bundle.contract.to_json())

    return app


def answer(bundle: BundleFolder, body: bytes, n_reasons: int = 3) -> dict[str, Any]:
    """Return what a request gets.

    Parameters
    ----------
    body : JSON, a list of decision rows.
    n_reasons : so many reasons per row; 0 spares computing them.

    Raises
    ------
    ContractError
        When the body is not that.
    """
    try:
        rows = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ContractError(f"The request is not JSON: {error}.", hint="Send a list of decision rows.") from error
    table = table_from_rows(rows, bundle.contract)
    scores = bundle.scorer.score(table)
    gains = expected_gain(scores, bundle.policy).tolist()
    acts = acted(scores, bundle.policy.threshold).tolist()
    told = reasons(bundle.scorer.contributions(table), table, n_reasons) if n_reasons else None
    answers = []
    for position, one in enumerate(scores.tolist()):
        found = {"score": one, "action": "act" if acts[position] else "leave", "expected_gain": gains[position]}
        if told is not None:
            found["reasons"] = [
                {"column": reason.column, "value": _plain(reason.value), "contribution": reason.contribution}
                for reason in told[position]
            ]
        answers.append(found)
    return {"rows": answers, "currency": bundle.policy.currency, "capacity": CAPACITY}


def _plain(value: object) -> object:
    """Return a value as JSON can say it: a number that is not finite was scored as missing."""
    return None if isinstance(value, float) and not abs(value) < float("inf") else value


def _n_reasons(request: Request) -> int:
    asked = request.query_params.get("reasons", "3")
    if not asked.isdecimal() or len(asked) > 4:
        raise ContractError(f"reasons = {asked!r:.20} is not a number of reasons.", hint="Send 0, 1, 2, 3, …")
    return int(asked)


def _request_schema(contract: DecisionRowContract) -> dict[str, Any]:
    """Return the request's JSON Schema, so that /docs shows an example that works."""
    types = {"number": "number", "category": "string", "boolean": "boolean"}
    properties = {one.name: {"type": [types[one.kind], "null"]} for one in contract.columns}
    example = {one.name: one.levels[0] if one.levels else EXAMPLES[one.kind] for one in contract.columns}
    row = {"type": "object", "properties": properties, "required": list(properties)}
    schema = {"type": "array", "items": row, "example": [example]}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
