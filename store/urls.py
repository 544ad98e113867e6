from django.urls import path

from store import sitemaps, views

app_name = "store"
urlpatterns = [
    path("", views.item_list, name="item-list"),
    path("item/<int:item_id>", views.item_detail, name="item-detail"),
    path("pages/<slug:slug>", views.page_detail, name="page-detail"),
    path("language", views.set_language, name="set-language"),
    path("theme-<slug:fingerprint>.css", views.theme, name="theme"),
    path("sitemap.xml", sitemaps.sitemap_index, name="sitemap-index"),
    path("sitemap-pages.xml", sitemaps.sitemap_pages, name="sitemap-pages"),
    path("sitemap-items-<int:part>.xml", sitemaps.sitemap_items, name="sitemap-items"),
]
