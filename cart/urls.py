from django.urls import path

from cart import views

app_name = "cart"
urlpatterns = [
    path("order", views.order_detail, name="order-detail"),
    path("order/lines", views.add_line, name="add-line"),
    path("order/lines/<int:line_id>", views.update_line, name="update-line"),
    path("order/lines/<int:line_id>/remove", views.remove_line, name="remove-line"),
    path("order/discount", views.apply_discount, name="apply-discount"),
    path("order/discount/remove", views.remove_discount, name="remove-discount"),
    path("order/shipping", views.choose_shipping, name="choose-shipping"),
    path("order/<order_token:token>", views.order_status, name="order-status"),
]
