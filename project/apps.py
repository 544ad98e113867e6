import atexit

from django.apps import AppConfig, apps
from django.contrib.admin import apps as admin_apps
from django.core.checks import Tags, register
from django.db import connections
from django.db.models.signals import post_migrate


class MerchantAdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "project.admin_site.MerchantSite"


class ProjectConfig(AppConfig):
    name = "project"

    def ready(self) -> None:
        from project.checks import every_currency_can_be_paid
        from project.roles import create_roles

        register(every_currency_can_be_paid, Tags.security, deploy=True)
        # `migrate` reaches this app last, so the permissions of the others exist.
        post_migrate.connect(create_roles, sender=apps.get_app_config("notifications"))
        atexit.register(close_pools)


def close_pools() -> None:
    """Close the connection pools: Python waits 20 seconds at exit for one that is still open."""
    for connection in connections.all(initialized_only=True):
        if close_pool := getattr(connection, "close_pool", None):
            close_pool()
