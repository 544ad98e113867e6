import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from project.buyer_export import buyer_data


class Command(BaseCommand):
    help = "Writes all that the shop keeps about a buyer as JSON. See docs/privacy.md."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="The buyer's e-mail address, in any case.")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        found = buyer_data(email)
        self.stdout.write(json.dumps(found, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2))
