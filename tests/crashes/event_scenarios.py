"""Scenarios for crashes in the webhook."""

import json
from datetime import timedelta

import stripe

from cart.models import Order, State
from payments import webhooks
from payments.models import Kind, ReceivedEvent
from tests.crashes.scenarios import SECRET, BuyOrder, Paid, buy_pay_and_settle


class PaidEvent(Paid):
    event_type = {
        Kind.CHECKOUT: "checkout.session.completed",
        Kind.INTENT: "payment_intent.succeeded",
    }

    def act(self) -> None:
        self.receive()

    def receive(self) -> None:
        body = json.dumps(
            {
                "id": "evt_1",
                "type": self.event_type[self.world.kind],
                "livemode": False,
                "data": {"object": {"id": self.stripe_id}},
            }
        )
        signature = stripe.WebhookSignature.generate_signature_header(body, SECRET)
        webhooks.receive(body.encode(), signature, at=self.world.now)

    def go_on(self) -> None:
        """Stripe sends the event again, because it was not acknowledged."""
        self.receive()
        self.check()
        ReceivedEvent.objects.get().delete()


class PaidEventAgainAtOnce(PaidEvent):
    at_every_point = False
    reconciled_after: timedelta | None = None

    def check(self) -> None:
        """Nothing to check before Stripe sends the event again."""


class ExpiredEvent(PaidEvent):
    event_type = {
        Kind.CHECKOUT: "checkout.session.expired",
        Kind.INTENT: "payment_intent.canceled",
    }

    def prepare(self) -> None:
        BuyOrder.prepare(self)
        self.stripe_id = self.buy()
        self.world.end(self.stripe_id)

    def check(self) -> None:
        assert Order.objects.get().state == State.CART

    def go_on(self) -> None:
        super().go_on()
        buy_pay_and_settle(self)
