"""Who our app is at Instagram, and what its receivers know it by.

An app with Instagram Login has two secrets, its own and the Meta app's that it belongs
to; either may have signed a webhook.
"""

APP_ID = "990602627938098"
APP_SECRET = "5c1f0f3a7d9b4e2c8a6b0d4e1f7a9c3b"
META_APP_SECRET = "e0b7c2d94a516f83b2c7d6e5f4a3928d"
VERIFY_TOKEN = "stand-in-verify-token-0123456789"
