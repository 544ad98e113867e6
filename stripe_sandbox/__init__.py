"""A local Stripe: the part of Stripe that Minicart uses, as a separate program on this machine."""
