"""PaymentIntents and what they are paid with."""
