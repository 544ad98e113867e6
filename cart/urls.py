from django.urls import path

from cart import views

app_name = "cart"
urlpatterns = [
    path("order/<str:token>", views.order_status, name="order-status"),
]
