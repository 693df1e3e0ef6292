"""Every command speaks both languages and shows how it is used."""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
from importlib import import_module

import pytest

from ingestd.cli import SUBJECTS, commands, main
from ingestd.cli.parsing import Command, build
from ingestd.words import Lang


def _help(command: Command, lang: Lang, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        main([*command.name.split(), "--help", "--lang", lang])
    assert ended.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("command", commands(), ids=lambda command: command.name)
def test_help_has_words_and_examples(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    """What it does and at least one example, in the language asked for."""
    chinese, english = _help(command, "zh", capsys), _help(command, "en", capsys)
    assert command.help.zh in "".join(chinese.split("\n"))
    assert command.help.en.split()[0] in english
    assert "示例:" in chinese
    assert "examples:" in english
    assert chinese.count("用法") == 1
    for example in command.examples:
        assert example in chinese
        assert example in english


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("command", commands(), ids=lambda command: command.name)
def test_examples_parse(command: Command, lang: Lang) -> None:
    """An example that the parser refuses is worse than none."""
    parser = build(commands(), lang, version="0")
    for example in command.examples:
        program, *arguments = shlex.split(example)
        assert program == "ingestd"
        parsed = parser.parse_args(arguments)
        assert parsed.command is command


def test_every_argument_is_explained() -> None:
    """No argument without help in either language."""
    for lang in ("zh", "en"):
        for parser in _leaves(build(commands(), lang, version="0")):
            for action in parser._actions:
                assert action.help, (parser.prog, action.dest)


def _leaves(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    found = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for child in action.choices.values():
                found += _leaves(child)
    return found or [parser]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["bogus"], ("没有命令 bogus", "ingestd --help")),
        (["bogus", "--lang", "en"], ("'bogus'", "see ingestd --help")),
        (["status"], ("缺少参数：--home", "ingestd status --help")),
        (["verify", "--home", "/nowhere"], ("--all",)),
        (["status", "--home", "/nowhere", "--lang", "en"], ("ingestd init",)),
    ],
)
def test_wrong_calls_say_what_to_do(
    arguments: list[str], words: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch
) -> None:
    """A wrong call ends with a status of its own and a message in the caller's language."""
    monkeypatch.delenv("INGESTD_HOME", raising=False)
    monkeypatch.delenv("INGESTD_LANG", raising=False)
    assert main(arguments) in (2, 4)
    told = capsys.readouterr().err
    for word in words:
        assert word in told


def test_the_module_is_the_command() -> None:
    """``python -m ingestd`` is the same program."""
    ran = subprocess.run([sys.executable, "-m", "ingestd", "--version"], capture_output=True, check=True)
    assert ran.stdout.startswith(b"ingestd ")


def test_only_what_is_asked_for_is_imported() -> None:
    """The table of first words is that of the modules themselves, and a daemon imports no other subject."""
    for name, words in SUBJECTS.items():
        found = {command.name.split()[0] for command in import_module(f"ingestd.cli.{name}").COMMANDS}
        assert found == set(words), name
    asked = (
        "import json, sys, ingestd.cli as cli; cli.commands('run'); "
        "print(json.dumps([name for name in cli.SUBJECTS if f'ingestd.cli.{name}' in sys.modules]))"
    )
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout
    assert json.loads(told) == ["homes", "daemons"]
