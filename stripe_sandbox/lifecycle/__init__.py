"""What happens to a payment from its first attempt to a dispute, and which events tell of it."""
