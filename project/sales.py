"""What was sold lately, for the first page of the admin."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import F, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from cart.models import Order

DAYS = 30  # in the chart
CHART_HEIGHT = 60


@dataclass(frozen=True)
class Day:
    """What was paid on a day, less refunds, in minor units; and its bar in the chart."""

    date: date
    amount: int
    place: int
    height: int

    @property
    def top(self) -> int:
        return CHART_HEIGHT - self.height


@dataclass(frozen=True)
class Sales:
    """In one currency, in minor units."""

    currency: str
    today: int
    week: int
    month: int
    days: list[Day]


def sales(*, at: datetime) -> list[Sales]:
    """What was sold in each currency in which something was, in the shop's time zone.

    Reads the orders since the first of the month, and those of the chart's days.
    """
    today = timezone.localdate(at)
    first = min(today.replace(day=1), today - timedelta(days=DAYS - 1))
    begin = timezone.make_aware(datetime.combine(first, time.min))
    orders = Order.objects.filter(paid_at__gte=begin).order_by()
    rows = orders.values_list("currency", TruncDate("paid_at")).annotate(
        net=Sum(F("total_amount") - F("refunded_amount"))
    )
    paid: dict[str, dict[date, int]] = defaultdict(dict)
    for currency, day, amount in rows:
        paid[currency][day] = amount
    return [_of_currency(code, amounts, today) for code, amounts in sorted(paid.items())]


def _of_currency(currency: str, amounts: dict[date, int], today: date) -> Sales:
    def since(first: date) -> int:
        return sum(amount for day, amount in amounts.items() if day >= first)

    shown = [today - timedelta(days=before) for before in reversed(range(DAYS))]
    most = max(1, *(amounts.get(day, 0) for day in shown))
    days = [
        Day(day, amount := amounts.get(day, 0), place, _height(amount, most))
        for place, day in enumerate(shown)
    ]
    monday = today - timedelta(days=today.weekday())
    return Sales(currency, since(today), since(monday), since(today.replace(day=1)), days)


def _height(amount: int, most: int) -> int:
    """A bar that is never invisible if something was sold."""
    return max(1, round(amount / most * CHART_HEIGHT)) if amount else 0
