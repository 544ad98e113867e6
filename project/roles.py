"""The groups of staff that come with the shop: docs/deployment.md, "Staff"."""

from functools import reduce
from operator import or_
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db.models import Q

CATALOGUE = ("item", "picture", "collection", "page")
ROLES = {
    "editor": [
        f"store.{action}_{model}"
        for model in CATALOGUE
        for action in ("add", "change", "delete", "view")
    ],
    "packer": ["cart.ship_order"],
}


def create_roles(**_kwargs: Any) -> None:
    """Create the missing groups. The rights of a group that exists are the merchant's choice."""
    for name in ROLES.keys() - set(Group.objects.values_list("name", flat=True)):
        permissions = _permissions(ROLES[name])
        if len(permissions) == len(ROLES[name]):  # otherwise some tables don't exist yet
            Group.objects.create(name=name).permissions.set(permissions)


def _permissions(rights: list[str]) -> list[Permission]:
    named = [right.split(".") for right in rights]
    conditions = [Q(content_type__app_label=app, codename=codename) for app, codename in named]
    return list(Permission.objects.filter(reduce(or_, conditions)))
