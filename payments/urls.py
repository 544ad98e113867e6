from django.urls import path

from payments import views

app_name = "payments"
urlpatterns = [
    path("buy/<int:item_id>", views.buy_item, name="buy-item"),
    path("buy/<int:item_id>/intent", views.create_item_intent, name="create-item-intent"),
    path("order/buy", views.buy_order, name="buy-order"),
    path("order/intent", views.create_order_intent, name="create-order-intent"),
    path("order/<order_token:token>/cancel", views.cancel_payment, name="cancel-payment"),
    path("order/<order_token:token>/return", views.return_from_stripe, name="return"),
    path("stripe/webhook", views.receive_stripe_event, name="receive-stripe-event"),
]
