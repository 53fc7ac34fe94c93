"""What a trained model takes words for: a JSON list of texts in, `[[intent, confidence], …]` out."""

import asyncio
import json
import sys
from typing import List, Tuple

from rasa.core.agent import Agent

from dialogs.engine.incoming import harmless


async def understand(model: str, texts: List[str]) -> List[Tuple[str, float]]:
    agent = Agent.load(model)
    parsed = [await agent.parse_message(harmless(text)) for text in texts]
    return [(found["intent"]["name"], found["intent"]["confidence"]) for found in parsed]


if __name__ == "__main__":
    # Rasa prints as it pleases, so the answer has a line of its own: the last one.
    print(json.dumps(asyncio.run(understand(sys.argv[1], json.load(sys.stdin)))))  # noqa: T201
