"""Run the stand-ins alone, until SIGINT or SIGTERM."""

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

from tests.stack.providers.server import serve


async def _run(arguments: argparse.Namespace) -> None:
    enough = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, enough.set)
    serving = serve(
        arguments.port,
        journal_dir=arguments.journal_dir,
        faults_file=arguments.faults_file,
    )
    async with serving as providers:
        found = {
            "replicate_base": providers.replicate_base,
            "replicate_token": providers.replicate_token,
            "openai_base": providers.openai_base,
            "openai_key": providers.openai_key,
            "webhook_secret": providers.webhook_secret,
            "instagram_base": providers.instagram_base,
            "instagram_oauth_base": providers.instagram_oauth_base,
            "instagram_app_id": providers.instagram_app_id,
            "instagram_app_secret": providers.instagram_app_secret,
            "instagram_verify_token": providers.instagram_verify_token,
            "stripe_base": providers.stripe_base,
            "stripe_api_key": providers.stripe_api_key,
            "stripe_webhook_secret": providers.stripe_webhook_secret,
            "tiktok_base": providers.tiktok_base,
            "tiktok_auth_base": providers.tiktok_auth_base,
            "tiktok_client_key": providers.tiktok_client_key,
            "tiktok_client_secret": providers.tiktok_client_secret,
            "control": providers.control,
            "journals": {name: str(path) for name, path in providers.journals.items()},
        }
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()
        await enough.wait()


def main() -> None:
    """Read the arguments, say in one JSON line where everything is, and serve."""
    parser = argparse.ArgumentParser(prog="python -m tests.stack.providers")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--journal-dir", type=Path, required=True)
    parser.add_argument("--faults-file", type=Path)
    asyncio.run(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
