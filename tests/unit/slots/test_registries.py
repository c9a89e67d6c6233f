"""What package clients print, turned into hosts and environment."""

from adapters.local.slots.registries import combine, host_of, without_login

PIP = """\
:env:.cert='/etc/ca.crt'
global.extra-index-url='file:///opt/simple https://extra.example/simple'
global.find-links='/opt/wheels'
global.index-url='https://user:secret@pip.example/simple'
"""


def found(**given):
    blank = {"npm": "", "yarn": "", "pip": "", "pip_defaults": "", "go": "", "extra": ()}
    return combine(**(blank | given))


def test_everything_a_machine_is_configured_for() -> None:
    result = found(
        npm="https://npm.example/\n",
        yarn="https://yarn.example\n",
        pip=PIP,
        pip_defaults='["https://index.example/simple", "https://files.example"]',
        go="https://go.example,direct",
        extra=("*.cdn.example", "more.example."),
    )
    assert result.hosts == {
        "npm.example", "yarn.example", "pip.example", "extra.example", "index.example",
        "files.example", "go.example", ".cdn.example", "more.example",
    }  # fmt: skip
    assert result.env == {
        "npm_config_registry": "https://npm.example/",
        "PIP_INDEX_URL": "https://pip.example/simple",
        "PIP_EXTRA_INDEX_URL": "https://extra.example/simple",
        "GOPROXY": "https://go.example",
    }


def test_local_folders_and_nonsense_are_ignored() -> None:
    result = found(
        npm="undefined", pip="global.index-url='file:///opt/simple'", pip_defaults="{", go="off"
    )
    assert result.hosts == frozenset()
    assert result.env == {}


def test_hosts_and_logins() -> None:
    assert host_of("http://plain.example/") == ""
    assert host_of("https://other.example:8443/") == ""
    assert host_of("https://[bad") == ""
    assert without_login("https://a:b@c.example:443/x?y") == "https://c.example:443/x?y"
