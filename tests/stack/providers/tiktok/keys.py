"""Who our app is at TikTok; the secret also signs its webhooks."""

CLIENT_KEY = "awstandinclientkey"
CLIENT_SECRET = "StandInClientSecretThatOpensNothingAtTikTok"
