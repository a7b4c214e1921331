"""A callback plugin that writes every task's result as a line of JSON, for the tests of the collection."""

import json
import os
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):  # type: ignore[misc]
    """Loaded by ansible-playbook."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "recorder"

    def v2_runner_on_ok(self, result: Any) -> None:
        """Take the result of a task that went well."""
        self._record(result, failed=False)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """Take the result of a task that failed."""
        self._record(result, failed=True)

    def _record(self, result: Any, *, failed: bool) -> None:
        words = {**result.result, "task": result.task.get_name(), "host": result.host.name, "failed": failed}
        with Path(os.environ["RECORDED_RESULTS"]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(words) + "\n")
