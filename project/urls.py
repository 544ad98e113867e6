from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView, TemplateView

from project.media import media

urlpatterns = [
    path("", include("store.urls")),
    path("", include("payments.urls")),
    path("", include("cart.urls")),
    path("robots.txt", TemplateView.as_view(template_name="robots.txt", content_type="text/plain")),
    path("admin", RedirectView.as_view(url="/admin/")),
    path("admin/", admin.site.urls),
    re_path(r"^media/(?P<path>.+)$", media),
]
