"""Members of staff who may do only some things in the admin."""

from django.contrib.auth.models import Permission, User
from django.test import Client


def client_of_staff(*rights: str) -> Client:
    """A browser that is logged in with these rights, like store.view_item."""
    user = User.objects.create_user(f"staff-{User.objects.count()}", is_staff=True)
    for right in rights:
        app, codename = right.split(".")
        user.user_permissions.add(
            Permission.objects.get(content_type__app_label=app, codename=codename)
        )
    client = Client()
    client.force_login(user)
    return client
