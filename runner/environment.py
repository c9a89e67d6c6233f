"""The variables a stranger's command gets to see: a short list, never our own environment."""

import os
from pathlib import Path

PASSED_ON = (
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "NODE_EXTRA_CA_CERTS",
    "REQUESTS_CA_BUNDLE",
    "PIP_CERT",
    "npm_config_registry",
    "PIP_INDEX_URL",
    "PIP_CONFIG_FILE",
    "PIP_DISABLE_PIP_VERSION_CHECK",
    "TZ",
)
USUAL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
NOT_PROXIED = "localhost,127.0.0.1,::1"
QUIET_NPM = {
    "npm_config_fund": "false",
    "npm_config_audit": "false",
    "npm_config_update_notifier": "false",
    "npm_config_progress": "false",
    "COREPACK_ENABLE_DOWNLOAD_PROMPT": "0",
    "NEXT_TELEMETRY_DISABLED": "1",
    "ASTRO_TELEMETRY_DISABLED": "1",
}


def for_commands(
    workspace: Path, proxy: str | None, planned: dict[str, str], claimed: dict[str, str]
) -> dict[str, str]:
    """The environment of the build. What the owner set wins over what the plan suggests."""
    env = {
        "PATH": os.environ.get("PATH") or USUAL_PATH,
        "HOME": str(workspace / "home"),
        "TMPDIR": str(workspace / "tmp"),
        "LANG": os.environ.get("LANG") or "C.UTF-8",
        "TERM": "dumb",
        "CI": "1",
        "CLOUDDECK": "1",
        **QUIET_NPM,
    }
    env |= {name: os.environ[name] for name in PASSED_ON if os.environ.get(name)}
    if proxy:
        env |= _proxied(proxy)
    return env | _usable(planned) | _usable(claimed)


def for_install(env: dict[str, str]) -> dict[str, str]:
    """The same without NODE_ENV: "production" would leave out the tools the build needs."""
    return {name: value for name, value in env.items() if name != "NODE_ENV"}


def _proxied(proxy: str) -> dict[str, str]:
    env = {"NODE_USE_ENV_PROXY": "1"}
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        env |= {name: proxy, name.lower(): proxy}
    env |= {"NO_PROXY": NOT_PROXIED, "no_proxy": NOT_PROXIED}
    env |= {"npm_config_proxy": proxy, "npm_config_https_proxy": proxy}
    env |= {"npm_config_noproxy": NOT_PROXIED}
    return env | {"YARN_HTTP_PROXY": proxy, "YARN_HTTPS_PROXY": proxy}


def _usable(given: dict[str, str]) -> dict[str, str]:
    """What the kernel takes as a variable."""
    return {
        name: value
        for name, value in given.items()
        if name and "=" not in name and "\0" not in name + value
    }
