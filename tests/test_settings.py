"""Settings: flags over environment over config file, and a secret is never shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from restore_tui.config import SettingsError, load
from restore_tui.kinetica.connection.credentials import Login, Secret


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def read(config: Path, text: str = "", flags: dict[str, Any] | None = None, **environ: str) -> Any:
    config.write_text(text)
    return load({"config": str(config), **(flags or {})}, environ)


def secret_file(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text)
    return str(folder / name)


def test_flags_before_environment_before_file(config: Path) -> None:
    """The nearest source wins, field by field."""
    text = 'url = "http://file"\nuser = "file"\ntheme = "nord"'
    assert read(config, text).url == "http://file"
    found = read(config, text, {"url": "http://flag"}, KINETICA_URL="http://env", KINETICA_USER="env")
    assert (found.url, found.user, found.theme) == ("http://flag", "env", "nord")


def test_flags_that_were_not_given_count_for_nothing(config: Path) -> None:
    """A flag that is None leaves the others in force; False is a choice."""
    text = "insecure = true\nmouse = true\ntimeout = 5"
    found = read(config, text, {"timeout": None, "insecure": None, "mouse": False})
    assert (found.insecure, found.timeout, found.mouse) == (True, 5, False)


def test_empty_variables_are_none(config: Path) -> None:
    """KINETICA_URL="" does not hide the config file."""
    found = read(config, 'url = "http://file"', KINETICA_URL="", KINETICA_PASSWORD="", KINETICA_PASS="two")
    assert (found.url, found.password.reveal()) == ("http://file", "two")


@pytest.mark.parametrize("name", ["KINETICA_PASSWORD", "KINETICA_PASS", "KINETICA_PASSWD"])
def test_the_password_under_its_three_names(config: Path, name: str) -> None:
    """All three spellings of the ecosystem are read."""
    assert read(config, **{name: "s3cret"}).password.reveal() == "s3cret"


def test_the_first_name_of_the_password_wins(config: Path) -> None:
    """KINETICA_PASSWORD goes before KINETICA_PASS before KINETICA_PASSWD."""
    assert read(config, KINETICA_PASSWD="3", KINETICA_PASS="2").password.reveal() == "2"
    assert (
        read(config, KINETICA_PASSWD="3", KINETICA_PASS="2", KINETICA_PASSWORD="1").password.reveal() == "1"
    )


@pytest.mark.parametrize(
    ("flag", "variable", "in_file", "found"),
    [
        (True, True, True, "flag"),
        (False, True, True, "env"),
        (False, False, True, "file"),
        (True, True, False, "flag"),
        (False, False, False, ""),
    ],
)
@pytest.mark.parametrize(
    ("key", "name", "field"),
    [
        ("password_file", "KINETICA_PASSWORD", "password"),
        ("oauth_token_file", "KINETICA_OAUTH_TOKEN", "token"),
    ],
)
def test_secret_files(
    config: Path,
    tmp_path: Path,
    key: str,
    name: str,
    field: str,
    flag: bool,
    variable: bool,
    in_file: bool,
    found: str,
) -> None:
    """A file named by a flag goes before the environment, one named in the config after it."""
    by_flag, by_file = (
        secret_file(tmp_path, "a", "flag\n"),
        secret_file(tmp_path, "b", "file\r\nsecond line\n"),
    )
    settings = read(
        config,
        f'{key} = "{by_file}"' if in_file else "",
        {key: by_flag} if flag else {},
        **({name: "env"} if variable else {}),
    )
    assert getattr(settings, field).reveal() == found


def test_a_token_goes_before_a_password_of_its_own_rank_only(config: Path, tmp_path: Path) -> None:
    """A password that a flag names is not hidden by a token that happens to be in the environment."""
    file = secret_file(tmp_path, "a", "word")
    both = read(config, KINETICA_PASSWORD="p", KINETICA_OAUTH_TOKEN="t")
    flagged = read(config, "", {"password_file": file}, KINETICA_OAUTH_TOKEN="t")
    environment = read(config, f'oauth_token_file = "{file}"', KINETICA_PASSWORD="p")
    assert [s.token.reveal() for s in (both, flagged, environment)] == ["t", "", ""]
    assert (flagged.password.reveal(), environment.password.reveal()) == ("word", "p")


@pytest.mark.parametrize(("content", "word"), [("", "empty"), ("\nsecond", "empty"), (None, "No such file")])
def test_a_secret_file_that_cannot_be_used(
    config: Path, tmp_path: Path, content: str | None, word: str
) -> None:
    """A missing or empty password file is an error, not an empty password."""
    path = secret_file(tmp_path, "p", content) if content is not None else str(tmp_path / "p")
    with pytest.raises(SettingsError, match=word):
        read(config, "", {"password_file": path})


def test_a_password_keeps_its_odd_characters(config: Path, tmp_path: Path) -> None:
    """Only the line's end is cut off: spaces and rare separators belong to the password."""
    path = secret_file(tmp_path, "p", " a\x85b\u2028c \n")
    assert read(config, "", {"password_file": path}).password.reveal() == " a\x85b\u2028c "


def test_secrets_are_not_shown(config: Path, tmp_path: Path) -> None:
    """Printing the settings prints neither password nor token."""
    settings = read(config, KINETICA_PASSWORD="s3cret", KINETICA_OAUTH_TOKEN="t0ken")
    said = f"{settings!r} {settings} {settings.password} {settings.token!r} {vars(settings)}"
    assert "s3cret" not in said
    assert "t0ken" not in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('usr = "x"', "Did you mean user"),
        ("time_out = 3", "Did you mean timeout"),
        ('passwordfile = "x"', "Did you mean password_file"),
        ("zzz = 1", "Valid keys"),
        ("user = 3", "user must be text"),
        ("insecure = 1", "insecure must be true or false"),
        ('insecure = "yes"', "insecure must be true or false"),
        ('timeout = "5"', "timeout must be a number"),
        ("timeout = true", "timeout must be a number"),
        ("timeout = 0", "timeout must be more than 0"),
        ("timeout = -1", "timeout must be more than 0"),
        ("timeout = nan", "timeout must be more than 0"),
        ("dry_run_minutes = 0", "dry_run_minutes must be more than 0"),
        ("dry_run_minutes = inf", "dry_run_minutes"),
        ("dry_run_minutes = nan", "dry_run_minutes"),
        ("dry_run_minutes = 1e300", "dry_run_minutes"),
        ("user = ", "not TOML"),
        ("[user]\nname = 1", "user must be text"),
    ],
)
def test_a_wrong_config_says_what_is_wrong(config: Path, text: str, words: str) -> None:
    """A wrong key names the nearest right one, and a wrong value what it has to be."""
    with pytest.raises(SettingsError, match=words):
        read(config, text)


def test_a_password_in_the_config_is_refused_and_not_repeated(config: Path) -> None:
    """A secret does not belong into the config file; the error points to password_file."""
    with pytest.raises(SettingsError, match="password_file") as caught:
        read(config, 'password = "s3cret"')
    assert "s3cret" not in str(caught.value)


def test_a_config_that_is_named_has_to_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--config with a missing file is an error; without it, no file is fine."""
    with pytest.raises(SettingsError, match="no config file"):
        load({"config": str(tmp_path / "missing.toml")}, {})
    with pytest.raises(SettingsError, match="cannot be read"):
        load({"config": str(tmp_path)}, {})
    monkeypatch.setattr("restore_tui.config.default_config", lambda: tmp_path / "missing.toml")
    settings = load({}, {})
    assert (settings.url, settings.timeout, settings.dry_run_minutes, settings.mouse) == ("", None, 15, True)
    assert not settings.password


def test_where_things_go(config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Receipts lie in the state directory, the config in the config directory, as XDG names them."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    settings = read(config, "dry_run_minutes = 2.5")
    assert settings.receipts == tmp_path / "state" / "restore-tui" / "receipts"
    assert settings.dry_run_max_age.total_seconds() == 150


# A run of before

RUN_URL = "http://host:9191/gpudb-0"


@pytest.mark.parametrize("user", ["ana", ""])
@pytest.mark.parametrize("source", ["environment", "file"])
def test_without_a_url_a_password_is_for_the_run(
    config: Path, tmp_path: Path, user: str, source: str
) -> None:
    """restore-tui attach RUN, as it is printed: no URL is no other server. The run's user stands in for none."""
    secret = tmp_path / "secret"
    secret.write_text("s3cret")
    environ = {"KINETICA_USER": user}
    if source == "environment":
        environ["KINETICA_PASSWORD"] = "s3cret"
    flags = {"config": str(config), "password_file": str(secret) if source == "file" else None}
    config.write_text("")
    settings = load(flags, environ).pointed_at(RUN_URL, "bob", insist=False)
    assert (settings.url, settings.user, settings.password.reveal(), settings.left_out) == (
        RUN_URL,
        user or "bob",
        "s3cret",
        "",
    )


def test_a_password_for_another_server_is_left_out_with_a_reason(config: Path) -> None:
    """Deliberately, and never silently; the same address with a slash at its end is no other one."""
    environ = {"KINETICA_URL": "http://other:9191", "KINETICA_USER": "ana", "KINETICA_PASSWORD": "s3cret"}
    config.write_text("")
    settings = load({"config": str(config)}, environ).pointed_at(RUN_URL, "bob", insist=False)
    assert (settings.url, settings.user, bool(settings.password)) == (RUN_URL, "bob", False)
    assert all(
        words in settings.left_out for words in ("http://other:9191", RUN_URL, "not used", "KINETICA_URL")
    )
    assert "s3cret" not in settings.left_out
    same = {**environ, "KINETICA_URL": f"{RUN_URL}/"}
    kept = load({"config": str(config)}, same).pointed_at(RUN_URL, "bob", insist=False)
    assert (kept.user, kept.password.reveal(), kept.left_out) == ("ana", "s3cret", "")
    without = load({"config": str(config)}, {"KINETICA_URL": "http://other:9191"})
    assert without.pointed_at(RUN_URL, "bob", insist=False).left_out == ""


@pytest.mark.parametrize(("of_the_run", "user"), [("bob", "bob"), ("(token ab12cd34)", ""), ("(nobody)", "")])
def test_a_url_that_is_insisted_on_keeps_the_runs_user(config: Path, of_the_run: str, user: str) -> None:
    """--url names the server another way, and is no reason to lose the user; a token's digest is no user."""
    config.write_text("")
    flags = {"config": str(config), "url": "http://tunnel:9191"}
    settings = load(flags, {"KINETICA_PASSWORD": "s3cret"}).pointed_at(RUN_URL, of_the_run, insist=True)
    assert (settings.url, settings.user, settings.password.reveal()) == ("http://tunnel:9191", user, "s3cret")


def test_a_login_is_read_again_from_the_file_that_it_came_from(config: Path, tmp_path: Path) -> None:
    """Token or password, as it is in the file now; None where the file is gone, and nothing at all for a secret from
    the environment or one that was typed."""
    place = tmp_path / "secret"
    place.write_text("first\n")
    for flag, kind in (("password_file", "password"), ("oauth_token_file", "token")):
        settings = read(config, flags={flag: str(place)})
        login = Login("ana", settings.password, settings.token)
        again = settings.reader_of(login)
        place.write_text("second\n")
        assert getattr(again(), kind).reveal() == "second"
        assert again().user == "ana"
        place.unlink()
        assert again() is None
        assert settings.reader_of(Login("ana", Secret("typed"))) is None
        place.write_text("first\n")
    from_environment = read(config, KINETICA_PASSWORD="first")
    assert from_environment.reader_of(Login("ana", from_environment.password)) is None


def test_a_file_for_one_server_is_not_read_again_for_another(config: Path, tmp_path: Path) -> None:
    """Neither for the demo server nor for the one that an earlier run went to: its login is refused there at most."""
    place = tmp_path / "secret"
    place.write_text("first\n")
    settings = read(config, flags={"password_file": str(place), "url": "http://production:9191"})
    demo = settings.logged_in_at("http://demo:1", "demo", "first")
    assert demo.reader_of(Login("demo", demo.password)) is None
    earlier = settings.pointed_at(RUN_URL, "ana", insist=False)
    assert earlier.reader_of(Login("ana", earlier.password)) is None


@pytest.mark.parametrize(("kind", "key"), [("password", "password_file"), ("token", "oauth_token_file")])
@pytest.mark.parametrize(
    ("mode", "exposed"), [(0o600, False), (0o400, False), (0o640, True), (0o604, True), (0o666, True)]
)
def test_a_secret_that_others_can_read_is_remarked_on(
    config: Path, tmp_path: Path, kind: str, key: str, mode: int, exposed: bool
) -> None:
    """By the mode of the file that is in use; another one, which is not used, is none of our business."""
    place = secret_file(tmp_path, kind, "s3cret")
    Path(place).chmod(mode)
    assert read(config, flags={key: place}).exposed == ((place,) if exposed else ())
    variable = {"password": "KINETICA_PASSWORD", "token": "KINETICA_OAUTH_TOKEN"}[kind]
    assert read(config, f'{key} = "{place}"', **{variable: "other"}).exposed == ()


def test_a_byte_order_mark_is_no_part_of_a_password(config: Path, tmp_path: Path) -> None:
    """An editor that writes one makes a password that no server accepts, and that nobody sees."""
    place = secret_file(tmp_path, "password", "\ufeffs3cret\n")
    with pytest.raises(
        SettingsError, match=r"password file .* begins with a byte order mark .BOM."
    ) as caught:
        read(config, flags={"password_file": place})
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("user", "why"),
    [
        ("ad:min", "has a colon in it"),
        (":", "has a colon in it"),
        ("ad\udcffmin", "not UTF-8"),
        ("ad\nmin", "control character"),
    ],
)
def test_a_user_that_would_be_another_login_is_refused(config: Path, user: str, why: str) -> None:
    """By flag, environment and config file; with a token it is not sent, and does not matter."""
    for flags, environ in (({"user": user}, {}), ({}, {"KINETICA_USER": user})):
        with pytest.raises(SettingsError, match=why):
            read(config, flags=flags, **environ)
        assert read(config, flags=flags, **environ, KINETICA_OAUTH_TOKEN="t0ken").user == user
