"""The local Stripe: the part of Stripe that Minicart uses, as a separate local program."""
