"""A git server without any API, over HTTP; and one over SSH that runs the real git-upload-pack."""

from __future__ import annotations

import io
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import paramiko
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from tests.fakes.git_hosts.host import Answer, Asked, Host
from tests.fakes.git_hosts.repository import ENVIRONMENT

NAME, TOKEN = "octo-org/hello-world", "reader-of-one-repository"


class FakePlain(Host):
    """Whoever has the token may read; there is no API."""

    def may_read(self, asked: Asked, name: str) -> bool:
        return asked.basic[1] == TOKEN

    def answer(self, asked: Asked) -> Answer:
        return Answer(404)


def new_key() -> str:
    """A private Ed25519 key in OpenSSH's format."""
    made = Ed25519PrivateKey.generate()
    return made.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()


def read_key(text: str) -> paramiko.Ed25519Key:
    return paramiko.Ed25519Key.from_private_key(io.StringIO(text))


class _Door(paramiko.ServerInterface):
    def __init__(self, host: FakeSsh) -> None:
        self.host = host
        self.environment: dict[str, str] = {}

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        right = username == "git" and key == read_key(self.host.deploy_key)
        return paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED

    def get_allowed_auths(self, username: str) -> str:
        return "publickey"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED

    def check_channel_env_request(self, channel: Any, name: bytes, value: bytes) -> bool:
        if self.host.takes_environment:
            self.environment[name.decode()] = value.decode()
        return self.host.takes_environment

    def check_channel_exec_request(self, channel: Any, command: bytes) -> bool:
        self.host.commands.append(command.decode())
        threading.Thread(target=self._run, args=(channel, command.decode()), daemon=True).start()
        return True

    def _run(self, channel: Any, command: str) -> None:
        path = command.removeprefix("git-upload-pack ").strip("'").lstrip("/")
        folder = self.host.root / f"{path.removesuffix('.git')}.git"
        if not command.startswith("git-upload-pack ") or not folder.is_dir():
            channel.sendall_stderr(b"fatal: not a git repository\n")
            channel.send_exit_status(128)
            channel.close()
            return
        config = ["-c", "uploadpack.allowFilter=true", "-c", "safe.directory=*"]
        process = subprocess.Popen(
            ["git", *config, "upload-pack", str(folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0,
            env={**ENVIRONMENT, **self.environment},
        )  # fmt: skip

        def inward() -> None:
            while data := channel.recv(65536):
                process.stdin.write(data)
            process.stdin.close()

        threading.Thread(target=inward, daemon=True).start()
        while data := process.stdout.read(65536):
            channel.sendall(data)
        channel.send_exit_status(process.wait())
        channel.close()


class FakeSsh:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.host_key = new_key()
        self.deploy_key = new_key()
        self.commands: list[str] = []
        self.takes_environment = True
        self.url = ""


@contextmanager
def ssh_served(host: FakeSsh) -> Iterator[FakeSsh]:
    """The host behind a socket while the block runs."""
    listener = socket.create_server(("127.0.0.1", 0))
    open_ones: list[paramiko.Transport] = []

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(connection)
            transport.add_server_key(read_key(host.host_key))
            open_ones.append(transport)
            try:
                transport.start_server(server=_Door(host), event=threading.Event())
            except (paramiko.SSHException, EOFError):
                continue

    waiting = threading.Thread(target=accept, daemon=True)
    waiting.start()
    host.url = f"ssh://git@127.0.0.1:{listener.getsockname()[1]}"
    try:
        yield host
    finally:
        listener.shutdown(socket.SHUT_RDWR)  # else its number may be somebody else's port soon
        waiting.join()
        listener.close()
        for transport in open_ones:
            transport.close()
