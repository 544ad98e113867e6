"""How a purchase goes on once the buyer has something to pay with."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tests.soak.buyers import (
    DECLINED,
    GOOD,
    WAYS,
    Buyer,
    OpenPayment,
    Paid,
    choose_item,
    come_back,
    fill_cart,
    press,
)

type Way = Callable[[Buyer], OpenPayment | None]


def shop_and_pay(buyer: Buyer) -> None:
    """One purchase from the first click to whatever becomes of its money."""
    buyer.random.choice([choose_item, fill_cart])(buyer)
    way = buyer.random.choice(WAYS)
    opened = press(buyer, way)
    if opened is None:
        return
    [scenario] = buyer.random.choices(list(SCENARIOS), list(SCENARIOS.values()))
    paid = scenario(buyer, way, opened)
    if paid is not None:
        come_back(buyer, paid)
        afterwards(buyer, paid)


def pay(_buyer: Buyer, _way: Way, opened: OpenPayment) -> Paid | None:
    return opened.pay(GOOD)


def pay_after_a_decline(_buyer: Buyer, _way: Way, opened: OpenPayment) -> Paid | None:
    opened.pay(DECLINED)
    return opened.pay(GOOD)


def be_declined(_buyer: Buyer, _way: Way, opened: OpenPayment) -> Paid | None:
    return opened.pay(DECLINED)  # what costs nothing needs no card, and is taken


def edit(buyer: Buyer) -> None:
    if buyer.cart_of:
        buyer.want(buyer.random.choice(buyer.catalogue.items_in(buyer.cart_of)))


def edit_in_two_tabs(buyer: Buyer) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(edit, [buyer, buyer]))


def pay_after_an_edit(buyer: Buyer, way: Way, _handed: OpenPayment) -> Paid | None:
    edit(buyer)
    again = press(buyer, way)
    return again.pay(GOOD) if again else None


def pay_the_old_after_an_edit(buyer: Buyer, _way: Way, opened: OpenPayment) -> Paid | None:
    edit(buyer)
    return opened.pay(GOOD)


def edit_after_paying(buyer: Buyer, way: Way, opened: OpenPayment) -> Paid | None:
    """Other tabs change the cart before the shop knows that it is paid, and pay the rest."""
    paid = opened.pay(GOOD)
    edit_in_two_tabs(buyer)
    again = press(buyer, way)
    return (again.pay(GOOD) if again else None) or paid


def edit_during_and_after_paying(buyer: Buyer, way: Way, opened: OpenPayment) -> Paid | None:
    with ThreadPoolExecutor(2) as pool:
        paying = pool.submit(opened.pay, GOOD)
        pool.submit(edit, buyer)
    edit(buyer)
    again = press(buyer, way)
    return (again.pay(GOOD) if again else None) or paying.result()


def pay_old_and_new(buyer: Buyer, way: Way, opened: OpenPayment) -> Paid | None:
    """Two tabs: where the old one can still be paid, both are."""
    edit(buyer)
    again = press(buyer, way)
    if again is not None:
        again.pay(GOOD)
    return opened.pay(GOOD)


def pay_in_the_other_way(buyer: Buyer, _way: Way, opened: OpenPayment) -> Paid | None:
    other = press(buyer, buyer.random.choice(WAYS))
    return (other or opened).pay(GOOD)


def let_it_run_out(buyer: Buyer, _way: Way, opened: OpenPayment) -> Paid | None:
    buyer.control(f"/sessions/{opened.id}/expire")
    return None


def run_out_and_pay_anew(buyer: Buyer, way: Way, opened: OpenPayment) -> Paid | None:
    buyer.control(f"/sessions/{opened.id}/expire")
    again = press(buyer, way)
    return again.pay(GOOD) if again else None


def walk_away(_buyer: Buyer, _way: Way, _handed: OpenPayment) -> Paid | None:
    return None


SCENARIOS: dict[Callable[[Buyer, Way, OpenPayment], Paid | None], int] = {
    pay: 50,
    pay_after_a_decline: 6,
    be_declined: 4,
    pay_after_an_edit: 8,
    pay_the_old_after_an_edit: 4,
    pay_old_and_new: 4,
    edit_after_paying: 8,
    edit_during_and_after_paying: 6,
    pay_in_the_other_way: 6,
    let_it_run_out: 8,
    run_out_and_pay_anew: 5,
    walk_away: 5,
}


def afterwards(buyer: Buyer, paid: Paid) -> None:
    """Some get money back, in Stripe's Dashboard; some go to their bank."""
    chance = buyer.random.random()
    if not paid.intent_id or chance > 0.22:
        return
    if chance < 0.06:
        dispute(buyer, paid)
    elif chance < 0.12:
        buyer.control("/refund", payment_intent=paid.intent_id)  # all of it
    else:
        give_back_some(buyer, paid)


def give_back_some(buyer: Buyer, paid: Paid) -> None:
    for _ in range(buyer.random.randint(1, 2)):
        amount = buyer.random.randint(1, 200)
        answer = buyer.control("/refund", payment_intent=paid.intent_id, amount=amount)
        if answer.status_code == 200 and buyer.random.random() < 0.2:
            refund_id = answer.json()["refund"]["id"]
            buyer.control(f"/refunds/{refund_id}/finish", status="failed")


def dispute(buyer: Buyer, paid: Paid) -> None:
    answer = buyer.control("/disputes", payment_intent=paid.intent_id)
    if answer.status_code == 200 and buyer.random.random() < 0.7:
        dispute_id = answer.json()["dispute"]["id"]
        outcome = buyer.random.choice(["won", "lost"])
        buyer.control(f"/disputes/{dispute_id}/close", status=outcome)
