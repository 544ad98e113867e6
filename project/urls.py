from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView, TemplateView

from project.media import media
from project.staff_login import log_in
from project.uploads import too_large

handler500 = "project.error_pages.server_error"


urlpatterns = [
    path("", include("store.urls")),
    path("", include("payments.urls")),
    path("", include("cart.urls")),
    path("", include("notifications.urls")),
    path("robots.txt", TemplateView.as_view(template_name="robots.txt", content_type="text/plain")),
    path("too-large", too_large),
    path("admin", RedirectView.as_view(url="/admin/")),
    path("admin/login/", log_in),
    path("admin/", admin.site.urls),
    re_path(r"^media/(?P<path>.+)$", media),
]
