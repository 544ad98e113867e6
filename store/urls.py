from django.urls import path

from store import views

app_name = "store"
urlpatterns = [
    path("", views.item_list, name="item-list"),
    path("item/<int:item_id>", views.item_detail, name="item-detail"),
    path("pages/<slug:slug>", views.page_detail, name="page-detail"),
    path("language", views.set_language, name="set-language"),
    path("theme-<slug:fingerprint>.css", views.theme, name="theme"),
]
