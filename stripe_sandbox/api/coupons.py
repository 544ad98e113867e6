"""The calls about coupons."""

from typing import Any

from stripe_sandbox.api.operations import Call, Operation
from stripe_sandbox.http.bounds import check_lengths
from stripe_sandbox.http.pagination import page
from stripe_sandbox.http.supported_parameters import (
    COUPON,
    COUPON_LIST,
    COUPON_VALUES,
    refuse_unsupported,
)
from stripe_sandbox.resources.coupons import MAX_LENGTHS, Coupon, coupon_json, create_coupon


def make_coupon(call: Call) -> dict[str, Any]:
    refuse_unsupported(call.params, COUPON, COUPON_VALUES)
    coupons = call.account.coupons
    coupon = create_coupon(call.params, taken=coupons, now=call.sandbox.now())
    answer = _answer(call, coupon)
    coupons[coupon.id] = coupon
    return answer


def read_coupon(call: Call) -> dict[str, Any]:
    return _answer(call, call.get_or_404(call.account.coupons, "coupon"))


def change_coupon(call: Call) -> dict[str, Any]:
    """Change name and metadata. The value of a coupon never changes."""
    refuse_unsupported(call.params, COUPON)
    coupon = call.get_or_404(call.account.coupons, "coupon")
    check_lengths(call.params, MAX_LENGTHS)
    coupon.metadata = call.metadata(coupon.metadata)
    coupon.name = call.params.get("name", coupon.name)
    return _answer(call, coupon)


def delete_coupon(call: Call) -> dict[str, Any]:
    """Delete the coupon. Sessions that have it keep it."""
    coupon = call.get_or_404(call.account.coupons, "coupon")
    del call.account.coupons[coupon.id]
    return {"id": coupon.id, "object": "coupon", "deleted": True}


def list_coupons(call: Call) -> dict[str, Any]:
    refuse_unsupported(call.params, COUPON_LIST)
    now = call.sandbox.now()
    newest_first = [coupon_json(each, now=now) for each in reversed(call.account.coupons.values())]
    return call.expanded(page(newest_first, call.params, url="/v1/coupons"))


def _answer(call: Call, coupon: Coupon) -> dict[str, Any]:
    return call.expanded(coupon_json(coupon, now=call.sandbox.now()))


ONE = "/v1/coupons/{id:path}"  # the caller may choose an id with a slash
OPERATIONS = (
    Operation("POST", "/v1/coupons", "_coupon_create_params", "CouponCreateParams", make_coupon),
    Operation("GET", "/v1/coupons", "_coupon_list_params", "CouponListParams", list_coupons),
    Operation("GET", ONE, "_coupon_retrieve_params", "CouponRetrieveParams", read_coupon),
    Operation("POST", ONE, "_coupon_update_params", "CouponUpdateParams", change_coupon),
    Operation("DELETE", ONE, "_coupon_delete_params", "CouponDeleteParams", delete_coupon),
)
