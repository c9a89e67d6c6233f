"""Open WebSockets: API Gateway's `@connections`, which the embedded gateway answers as well."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any


class ApiGatewayLive:
    """Sends to connections of the WebSocket API at `url` (port Live)."""

    def __init__(self, url: str) -> None:
        self._url = url

    @cached_property
    def _client(self) -> Any:
        import boto3
        from botocore.config import Config

        config = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 3})
        return boto3.client("apigatewaymanagementapi", endpoint_url=self._url, config=config)

    def send(self, connection: str, message: dict[str, Any]) -> bool:
        """Send to one connection; False when it is gone. Raises OSError when it cannot be told."""
        from botocore.exceptions import BotoCoreError, ClientError

        data = json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode(
            "utf-8", "replace"
        )
        try:
            self._client.post_to_connection(ConnectionId=connection, Data=data)
        except self._client.exceptions.GoneException:
            return False
        except (BotoCoreError, ClientError) as error:
            raise OSError(f"{self._url} did not take a message: {error}") from error
        return True
