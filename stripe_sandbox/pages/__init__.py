"""What a browser loads: the payment page, the page for 3-D Secure, Stripe.js and its Element."""
