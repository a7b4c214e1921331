# Copyright (c) The cdpctl developers
# MIT License (see LICENSE or https://opensource.org/licenses/MIT)
"""Runs cdpctl for the modules and returns its JSON document."""

from __future__ import annotations

import json
import os
import re
import sys

#: The options that both modules share, as AnsibleModule takes them.
SHARED = {
    "names": {"type": "list", "elements": "str"},
    "types": {"type": "list", "elements": "str", "choices": ["ap", "lap"], "aliases": ["type"]},
    "match": {"type": "list", "elements": "str"},
    "status": {"type": "list", "elements": "str"},
    "not_status": {"type": "list", "elements": "str"},
    "groups": {"type": "list", "elements": "str", "aliases": ["group"]},
    "exclude": {"type": "list", "elements": "str"},
    "profile": {"type": "str"},
    "url": {"type": "str"},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "ca_bundle": {"type": "path"},
    "timeout": {"type": "str"},
    "executable": {"type": "path"},
}
# The command of a warning is indented on a line of its own.
_WARNING = r"(?m)^warning: (.*(?:\n  .*)*)"
_SELECTING = {
    "types": "--type",
    "match": "--match",
    "status": "--status",
    "not_status": "--not-status",
    "groups": "--group",
    "exclude": "--exclude",
}
_CONNECTING = {"profile": "--profile", "url": "--url", "ca_bundle": "--ca-bundle", "timeout": "--timeout"}


def selection(params):
    """Return the words that select peers by what they are, `--exclude` included."""
    return [f"{option}={value}" for key, option in _SELECTING.items() for value in params[key] or ()]


def run(module, words, names=()):
    """Run cdpctl and return its document.

    Args:
        module: the task's module.
        words: the command and its options.
        names: the names of peers, passed after ``--``.

    Returns:
        The document. Without one, the task fails.
    """
    params = module.params
    for key, option in _CONNECTING.items():
        if params[key]:
            words = [*words, f"{option}={params[key]}"]
    # --timeout=VALUE and the like: a value that begins with a dash stays a value.
    command = [_executable(module), *words, "--no-input", "--output=json"]
    if names:
        command += ["--", *names]
    environ = {}
    if params["username"]:
        environ["CDPCTL_USERNAME"] = params["username"]
    if params["password"] is not None:
        environ["CDPCTL_PASSWORD"] = params["password"]
    code, out, err = module.run_command(command, environ_update=environ)
    try:
        document = json.loads(out)
    except ValueError:
        document = None
    if not isinstance(document, dict) or "exit_code" not in document:
        module.fail_json(msg=f"cdpctl ended with {code} and without a document", stderr=err, stdout=out)
    for text in re.findall(_WARNING, err):
        module.warn(" ".join(text.split()))
    return document


def error_text(document):
    """Return what went wrong, in one line."""
    error = document.get("error")
    if error:
        hint = error.get("hint")
        return error["message"] + (f" ({hint})" if hint else "")
    bad = [result for result in document.get("results", ()) if not result["ok"]]
    text = "; ".join(f"{result['name']}: {result['message']}" for result in bad)
    return text or f"cdpctl ended with {document['exit_code']}"


def _executable(module):
    asked = module.params["executable"]
    if asked:
        return asked
    found = module.get_bin_path("cdpctl")
    if found:
        return found
    # A virtual environment's Python runs the task, and its folder of programs is not on PATH.
    beside = os.path.join(os.path.dirname(sys.executable), "cdpctl")
    if os.access(beside, os.X_OK):
        return beside
    return module.fail_json(
        msg="cdpctl is not on the PATH of this host: install it there, set executable, "
        "or run the task on a host that has it (delegate_to: localhost)"
    )
