from django.urls import path

from notifications import views

app_name = "notifications"
urlpatterns = [path("order/find", views.find_order, name="find-order")]
