"""What opens Stripe's stand-in, and what it signs its webhooks with."""

API_KEY = "sk_test_stand_in_key_that_opens_nothing"
WEBHOOK_SECRET = "whsec_stand_in_secret_that_signs_for_nobody_else"
VERSION = "2026-10-28.endive"
"""What SDK 16.1.0 pins; events are rendered in it, and no other is spoken."""
