"""What a browser sees: the payment pages and Stripe.js."""
