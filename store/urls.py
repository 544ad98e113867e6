from django.urls import path

from store import views

app_name = "store"
urlpatterns = [
    path("", views.item_list, name="item-list"),
    path("item/<int:item_id>", views.item_detail, name="item-detail"),
]
