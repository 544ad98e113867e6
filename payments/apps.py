from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    name = "payments"
    verbose_name = _("Payments")

    def ready(self) -> None:
        from cart.signals import order_superseded
        from payments.settlement import end_superseded
        from payments.stripe_api import client

        client.set_up()
        order_superseded.connect(end_superseded)
