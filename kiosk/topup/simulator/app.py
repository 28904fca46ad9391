"""The gateway's HTTP face: one function for each operation of its description (OpenAPI 3.1), under ``/v1``.

Requests are validated by models; answers are plain dictionaries, because validating our own output would cost as much again.
"""

from collections.abc import Mapping
from typing import Annotated, Literal
from uuid import UUID

import httpx
from fastapi import FastAPI, Header, Query, Request, Response
from fastapi import Path as PathPart
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, model_validator

from hardware.clock import Calendar
from kiosk.topup.catalogue import Carrier, Catalogue, Plan, fingerprint
from kiosk.topup.simulator.exactly_once import ExactlyOnce, answer, as_json, problem_answer
from kiosk.topup.simulator.faults import Faults
from kiosk.topup.simulator.operations import Operations, Reply
from kiosk.topup.simulator.problems import Code, Problem
from kiosk.topup.simulator.registry import Registry
from kiosk.topup.simulator.store import Store
from kiosk.topup.target import Target

Key = Annotated[UUID, Header(alias="Idempotency-Key")]
TopupId = Annotated[str, PathPart(max_length=64)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class TargetBody(_Body):
    """The description's ``Target``: exactly one of the two."""

    msisdn: str | None = Field(None, pattern=r"^\+81[2-9]0[0-9]{8}$")
    iccid: str | None = Field(None, pattern=r"^8981[0-9]{15,16}$")

    @model_validator(mode="after")
    def _one(self) -> "TargetBody":
        if (self.msisdn is None) == (self.iccid is None):
            raise ValueError("either msisdn or iccid")
        return self

    def target(self) -> Target:
        """Return the line that is meant."""
        return Target.from_api(self.model_dump(exclude_none=True))


class QuoteBody(_Body):
    """``amount_jpy`` and ``promo_code`` belong to products that no carrier here sells."""

    target: TargetBody
    product_id: str = Field(max_length=64)
    amount_jpy: int | None = Field(None, ge=1)
    promo_code: str | None = Field(None, max_length=64)


class ReserveBody(_Body):
    """``callback_url`` is accepted and never called: kiosks poll."""

    client_ref: str = Field(pattern=r"^[A-Z0-9]{8}-[0-9]{1,12}$")
    quote_id: str = Field(max_length=64)
    callback_url: str | None = Field(None, max_length=2000)


class CommitBody(_Body):
    """What the kiosk took."""

    amount_jpy: int
    tender: Literal["CASH", "CARD"]


class ReverseBody(_Body):
    """Why."""

    reason: Literal["TIMEOUT", "CUSTOMER_CANCEL", "PAYMENT_FAILED", "DUPLICATE", "OPERATOR"]


_CODE_OF_FIELD = {
    "target": Code.INVALID_TARGET,
    "msisdn": Code.INVALID_TARGET,
    "iccid": Code.INVALID_TARGET,
    "product_id": Code.PRODUCT_UNAVAILABLE,
    "carrier": Code.PRODUCT_UNAVAILABLE,
    "amount_jpy": Code.AMOUNT_MISMATCH,
    "Idempotency-Key": Code.IDEMPOTENCY_MISMATCH,
}
"""The description has no code for a malformed request; the nearest is told."""


def create_app(store: Store, calendar: Calendar, catalogue: Catalogue, registry: Registry, faults: Faults) -> FastAPI:
    """Build the gateway. Randomness is in ``faults``; who serves which number, in ``registry``."""
    operations = Operations(store, calendar, catalogue, registry, faults)
    once = ExactlyOnce(store, calendar, faults)
    app = FastAPI(title="Carrier Gateway (simulated)", version="1.0.0")

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        places = [str(part) for e in error.errors() for part in e["loc"]]
        whole_target = "/lookups" in request.url.path and "Idempotency-Key" not in places
        code = next((_CODE_OF_FIELD[p] for p in places if p in _CODE_OF_FIELD), Code.INVALID_STATE)
        code = Code.INVALID_TARGET if whole_target else code
        # Field names only: the values may be a customer's number.
        return problem_answer(Problem(code, f"Malformed request: {', '.join(places)}", status=400, retry="NEVER"))

    @app.get("/v1/health")
    async def health() -> Response:
        carriers = [{"carrier": c.id, "state": faults.state(c.id)} for c in catalogue.carriers]
        return await once.get("other", lambda: Reply(200, {"carriers": carriers}))

    @app.post("/v1/lookups")
    async def lookup_subscriber(body: TargetBody, key: Key) -> Response:
        return await once.post("lookup", key, "/lookups", _plain(body), lambda _: operations.lookup(body.target()))

    @app.get("/v1/products")
    async def list_products(
        carrier: Annotated[str, Query()], if_none_match: Annotated[str, Header(alias="If-None-Match")] = ""
    ) -> Response:
        found = catalogue.carrier(carrier)
        if found is None:
            return problem_answer(Problem(Code.PRODUCT_UNAVAILABLE, "No such carrier", status=404))
        etag = f'"{fingerprint(found)}"'
        if etag in (tag.strip().removeprefix("W/") for tag in if_none_match.split(",")):
            return Response(None, 304, {"ETag": etag})
        return answer(200, products(found), {"ETag": etag})

    @app.post("/v1/quotes")
    async def create_quote(body: QuoteBody, key: Key) -> Response:
        return await once.post(
            "quote", key, "/quotes", _plain(body), lambda _: operations.quote(body.target.target(), body.product_id)
        )

    @app.post("/v1/topups")
    async def reserve_topup(body: ReserveBody, key: Key) -> Response:
        return await once.post(
            "reserve", key, "/topups", _plain(body), lambda fault: operations.reserve(body.client_ref, body.quote_id, fault)
        )

    @app.get("/v1/topups")
    async def find_topup(client_ref: Annotated[str, Query(max_length=64)]) -> Response:
        return await once.get("find", lambda: operations.find(client_ref))

    @app.get("/v1/topups/{topup_id}")
    async def get_topup(topup_id: TopupId) -> Response:
        return await once.get("find", lambda: operations.get(topup_id))

    @app.post("/v1/topups/{topup_id}/commit")
    async def commit_topup(topup_id: TopupId, body: CommitBody, key: Key) -> Response:
        return await once.post(
            "commit",
            key,
            f"/topups/{topup_id}/commit",
            _plain(body),
            lambda fault: operations.commit(topup_id, body.amount_jpy, body.tender, fault),
        )

    @app.post("/v1/topups/{topup_id}/cancel")
    async def cancel_topup(topup_id: TopupId, key: Key) -> Response:
        return await once.post("cancel", key, f"/topups/{topup_id}/cancel", {}, lambda _: operations.cancel(topup_id))

    @app.post("/v1/topups/{topup_id}/reverse")
    async def reverse_topup(topup_id: TopupId, body: ReverseBody, key: Key) -> Response:
        return await once.post(
            "reverse",
            key,
            f"/topups/{topup_id}/reverse",
            _plain(body),
            lambda fault: operations.reverse(topup_id, body.reason, fault),
        )

    @app.get("/v1/settlements/{business_date}")
    async def settlement_file(
        business_date: Annotated[str, PathPart(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")],
    ) -> Response:
        return await once.file(lambda: operations.settlement(business_date), business_date)

    return app


def products(carrier: Carrier) -> str:
    """Return a carrier's plans as the description's list of ``Product``."""
    return "[" + ",".join(as_json(_product(plan)) for plan in carrier.plans) + "]"


def _product(plan: Plan) -> dict[str, object]:
    validity: dict[str, object] = {"rule": plan.validity.rule.value, "n": plan.validity.n}
    if plan.validity.cap_days:
        validity["cap_days"] = plan.validity.cap_days
    product: dict[str, object] = {
        "id": plan.id,
        "carrier": plan.carrier,
        "name": dict(plan.name),
        "kind": "DIRECT",
        "price": {"fixed_jpy": plan.price_yen},
        "tax": plan.tax.value,
        "validity": validity,
        "refundable": plan.refundable.value,
        "needs_kyc": False,
    }
    if plan.balance_cap_yen:
        product["balance_cap_jpy"] = plan.balance_cap_yen
    if plan.daily_limit_yen:
        product["daily_limit_jpy"] = plan.daily_limit_yen
    return product


def in_process(app: FastAPI) -> httpx.AsyncClient:
    """Return a client that calls ``app`` without a socket: what virtual time uses in place of a network."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://carrier.invalid/v1", trust_env=False)


def _plain(body: BaseModel) -> Mapping[str, object]:
    return body.model_dump(exclude_none=True)
