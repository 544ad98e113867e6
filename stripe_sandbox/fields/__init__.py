"""Which fields Stripe's objects have, and a check of answers and events against that."""
