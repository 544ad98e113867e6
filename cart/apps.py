from django.apps import AppConfig
from django.urls import register_converter
from django.utils.translation import gettext_lazy as _

from cart.converters import OrderTokenConverter


class CartConfig(AppConfig):
    name = "cart"
    verbose_name = _("Orders")

    def ready(self) -> None:
        register_converter(OrderTokenConverter, "order_token")
