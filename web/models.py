from django.db import models


class RequestCount(models.Model):
    """How often one address made one limited action in one minute. Later minutes delete it."""

    action = models.CharField(max_length=20)
    address = models.CharField(max_length=64)  # a keyed hash of its network: web/client_address.py
    minute = models.BigIntegerField()  # since 1970
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["action", "address", "minute"], name="request_count_once_a_minute"
            )
        ]

    def __str__(self) -> str:
        return f"{self.count} × {self.action} in minute {self.minute}"
