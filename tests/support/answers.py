"""What tests expect of an answer of the shop."""

from typing import Any

from django.test import Client

NOWHERE = "http://127.0.0.1:9"  # an address at which nothing listens


def error_of(answer: Any, status: int) -> str:
    """The code of an error in JSON, which must have a message too."""
    assert answer.status_code == status
    assert answer.json()["error"]["message"]
    return str(answer.json()["error"]["code"])


def page_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()
