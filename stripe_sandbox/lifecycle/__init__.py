"""What happens to a payment, from the first attempt to a dispute, with all events."""
