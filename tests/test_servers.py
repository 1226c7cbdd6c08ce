"""The servers of the config file: one unit each, and what no flag, variable or URL takes back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from restore_tui.config import PASSWORD_VARIABLES, Settings, SettingsError, load
from restore_tui.kinetica.connection.credentials import Login

PEM = Path(__file__).parent / "demo" / "localhost.pem"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Two servers and a connection outside of them."""
    path = tmp_path / "config.toml"
    for name in ("prod", "lab", "flag", "outside"):
        (tmp_path / name).write_text(f"{name}-secret\n")
        (tmp_path / name).chmod(0o600)
    path.write_text(f"""
url = "http://outside:9191"
user = "outside"
password_file = "{tmp_path}/outside"
proxy = "http://proxy:1"
insecure = true
timeout = 60

[servers.prod]
url = "https://prod.example:8082/gpudb-0"
user = "ana"
password_file = "{tmp_path}/prod"
ca_file = "{PEM}"
label = "PRODUCTION"
color = "red"
dry_run_only = true
mode = "job"

[servers.lab]
url = "http://lab.example:9191"
oauth_token_file = "{tmp_path}/lab"
proxy = "http://other:2"
""")
    return path


def read(config: Path, flags: dict[str, Any] | None = None, **environ: str) -> Settings:
    return load({"config": str(config), **(flags or {})}, environ)


ENVIRONMENT = {
    "KINETICA_URL": "http://env",
    "KINETICA_USER": "env",
    "KINETICA_PASSWORD": "env",
    "KINETICA_OAUTH_TOKEN": "env",
}


@pytest.mark.parametrize("by", ["flag", "variable"])
def test_a_server_is_one_unit(config: Path, by: str) -> None:
    """Nothing that leads to a server comes from outside its table; what does not lead to one stays."""
    named = ({"server": "prod"}, {}) if by == "flag" else ({}, {"KINETICA_SERVER": "prod"})
    settings = read(config, named[0], **ENVIRONMENT, **named[1])
    assert (settings.url, settings.user) == ("https://prod.example:8082/gpudb-0", "ana")
    assert (settings.password.reveal(), settings.token.reveal()) == ("prod-secret", "")
    assert (settings.ca_file, settings.insecure, settings.proxy) == (str(PEM), False, "")
    assert (settings.label, settings.color, settings.dry_run_only) == ("PRODUCTION", "red", True)
    assert (settings.way, settings.timeout) == ("job", 60)
    assert settings.ignored == tuple(ENVIRONMENT)
    assert settings.origins["server"] == ("--server" if by == "flag" else "KINETICA_SERVER")


def test_a_url_goes_before_the_variable_for_a_server(config: Path) -> None:
    """KINETICA_SERVER with --url, or with --demo, names no server."""
    assert read(config, {"url": "http://x"}, KINETICA_SERVER="prod").server == ""
    assert read(config, {"demo": True}, KINETICA_SERVER="prod").label == ""


def test_options_count_for_the_server_that_the_program_was_started_with(config: Path, tmp_path: Path) -> None:
    """--user and --password-file with --server lab; on Connect they do not follow to prod, nor to none."""
    flags = {"server": "lab", "user": "bob", "password_file": str(tmp_path / "flag"), "theme": "nord"}
    lab = read(config, flags)
    assert (lab.url, lab.user, lab.proxy) == ("http://lab.example:9191", "bob", "http://other:2")
    assert (lab.password.reveal(), lab.token.reveal()) == ("flag-secret", "")
    prod = lab.at("prod")
    assert (prod.user, prod.password.reveal(), prod.proxy, prod.theme) == ("ana", "prod-secret", "", "nord")
    none = lab.at("")
    assert (none.server, none.url, none.user) == ("", "http://outside:9191", "outside")
    assert (none.label, none.dry_run_only, none.insecure) == ("", False, True)


def test_another_user_gets_no_secret_of_the_server(config: Path) -> None:
    """--user bob on a server with a password for ana: bob types his."""
    assert not read(config, {"server": "prod", "user": "bob"}).password
    assert read(config, {"server": "prod", "user": "ana"}).password.reveal() == "prod-secret"


@pytest.mark.parametrize(
    "url",
    [
        "https://prod.example:8082/gpudb-0",
        "https://PROD.example:8082/gpudb-1/",
        "http://prod.example.:8082",
        "http://prod.example:9191",
    ],
)
def test_label_and_dry_runs_only_hold_however_the_server_is_named(config: Path, url: str) -> None:
    """--url, KINETICA_URL or typed: the host decides, as a cluster has several ports. Another host is another one."""
    for settings in (read(config, {"url": url}), read(config, KINETICA_URL=url), read(config)):
        in_force = settings.in_force_at(url, "somebody")
        assert (in_force.label, in_force.dry_run_only) == ("PRODUCTION", True)
    other = read(config).in_force_at("https://prod2.example:8082/gpudb-0", "ana")
    assert (other.label, other.dry_run_only) == ("", False)


def test_on_this_machine_each_port_may_be_another_server(config: Path) -> None:
    """Tunnels: the port decides. A table of its own goes before that of another port."""
    config.write_text('[servers.prod]\nurl = "http://localhost:9191"\nlabel = "PRODUCTION"')
    assert read(config).in_force_at("http://localhost:9191/", "").label == "PRODUCTION"
    assert read(config).in_force_at("http://localhost:9192", "").label == ""
    config.write_text(
        '[servers.a]\nurl = "http://h:1"\nlabel = "A"\n[servers.b]\nurl = "http://h:2"\nlabel = "B"'
    )
    assert read(config).in_force_at("https://h:2", "").label == "B"


def test_of_two_servers_at_one_url_the_user_decides(config: Path) -> None:
    """An entry for reading and one for restoring. Of a user that is neither's, the stricter one holds."""
    config.write_text("""
[servers.read]
url = "http://one:9191"
user = "reader"
dry_run_only = true
[servers.write]
url = "http://one:9191"
user = "writer"
label = "ONE"
""")
    settings = read(config)
    found = {user: settings.in_force_at("http://one:9191", user) for user in ("reader", "writer", "")}
    assert [each.dry_run_only for each in found.values()] == [True, False, True]
    assert [each.label for each in found.values()] == ["", "ONE", "ONE"]


def test_dry_runs_only_is_never_taken_back(config: Path) -> None:
    """dry_run_only = false of a server does not undo what is set outside."""
    config.write_text('dry_run_only = true\n[servers.a]\nurl = "http://a"\ndry_run_only = false\n')
    assert read(config, {"server": "a"}).dry_run_only
    assert read(config).at("a").dry_run_only


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[server.a]", "unknown key 'server'. Did you mean servers?"),
        ("servers = 3", "servers are tables, such as [servers.prod]"),
        ("servers.a = 3", "servers are tables"),
        ("[servers.a]", "[servers.a]: url is missing"),
        (
            '[servers.a]\nurl = "http://a"\npasword_file = "x"',
            "'pasword_file' in [servers.a]. Did you mean password_file?",
        ),
        ('[servers.a]\nurl = "http://a"\ntimeout = 3', "'timeout' in [servers.a]. Valid keys: url, user,"),
        ('[servers.a]\nurl = "http://a"\nlabel = 3', "servers.a.label must be text in quotes"),
        ('[servers.a]\nurl = "http://a"\nlabel = "PRÖD"', "label must be 1 to 20 ASCII characters"),
        ('[servers.a]\nurl = "http://a"\nlabel = " A"', "label must be"),
        ('[servers.a]\nurl = "http://a"\ncolor = "pink"', "color must be one of red, yellow"),
        ('[servers.a]\nurl = "http://a"\nmode = "jobs"', "mode must be one of auto, job, direct"),
        ('[servers.a]\nurl = "http://a"\npassword_command = "pass show"', "must be a list of texts"),
        ('[servers.a]\nurl = "http://a"\npassword_command = []', "must be a list of texts"),
        ('[servers.a]\nurl = "http://a"\npassword_command = [""]', "must be a list of texts"),
        (
            '[servers.a]\nurl = "http://a"\npassword_command = ["p"]\npassword_file = "x"',
            "password_command or password_file, not both",
        ),
        ('[servers."a b"]\nurl = "http://a"', "the name of a server has letters, digits"),
    ],
)
def test_a_table_that_cannot_be_used(config: Path, text: str, words: str) -> None:
    """Each mistake is named, with the table and what would do."""
    config.write_text(text)
    with pytest.raises(SettingsError) as refused:
        read(config)
    assert words in str(refused.value)


def test_a_server_that_is_not_there(config: Path) -> None:
    """The nearest one is named, or that there are none."""
    with pytest.raises(SettingsError, match=r"no server 'prodd' in the config file .*: the nearest is prod"):
        read(config, {"server": "prodd"})
    config.write_text("")
    with pytest.raises(SettingsError, match="it names no servers"):
        read(config, KINETICA_SERVER="prod")


def test_mode_is_another_name_for_way(config: Path) -> None:
    """Both keys work, in the file's top part."""
    config.write_text('mode = "direct"')
    assert read(config).way == "direct"
    config.write_text('way = "job"\n[servers.a]\nurl = "http://a"')
    assert read(config, {"server": "a"}).way == "job"


class TestPointedAt:
    """``attach``: the run's server decides, and a server of the file is used as a whole."""

    URL = "https://prod.example:8082/gpudb-0"

    def test_a_server_of_the_file_is_used(self, config: Path) -> None:
        settings = read(config).pointed_at(self.URL, "ana", insist=False)
        assert (settings.server, settings.password.reveal(), settings.label) == (
            "prod",
            "prod-secret",
            "PRODUCTION",
        )

    def test_options_were_given_for_it(self, config: Path, tmp_path: Path) -> None:
        flags = {"password_file": str(tmp_path / "flag")}
        settings = read(config, flags).pointed_at(self.URL, "ana", insist=False)
        assert (settings.server, settings.password.reveal()) == ("prod", "flag-secret")

    def test_not_for_another_user(self, config: Path) -> None:
        settings = read(config).pointed_at(self.URL, "bob", insist=False)
        assert (settings.server, settings.user, bool(settings.password)) == ("", "bob", False)
        assert "is for http://outside:9191" in settings.left_out

    @pytest.mark.parametrize("name", ["lab", "prod"])
    def test_a_server_that_is_named_is_not_left_for_an_unknown_one(self, config: Path, name: str) -> None:
        settings = read(config, {"server": name}).pointed_at("http://elsewhere", "ana", insist=False)
        assert (settings.server, settings.ca_file, settings.label) == ("", "", "")
        assert [settings.password.reveal(), settings.token.reveal()] == ["", ""]
        assert settings.left_out


def test_no_secret_is_shown(config: Path) -> None:
    """Neither the settings nor their sources have one in their repr."""
    settings = read(config, {"server": "prod"}, KINETICA_PASSWORD="hunter2-long")
    shown = repr(settings) + repr(settings.sources)
    assert "hunter2-long" not in shown
    assert "prod-secret" not in shown
    assert Login("ana", settings.password).header() is not None
    assert PASSWORD_VARIABLES[0] in settings.ignored
