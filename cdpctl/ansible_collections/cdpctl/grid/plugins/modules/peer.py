#!/usr/bin/python
# Copyright (c) The cdpctl developers
# MIT License (see LICENSE or https://opensource.org/licenses/MIT)
"""Stop, start or restart peers of a grid."""

from __future__ import annotations

DOCUMENTATION = r"""
module: peer
short_description: Stop, start or restart peers of an orchestration grid
version_added: 0.1.0
description:
  - Stops, starts or restarts peers of a BMC TrueSight (Atrium) Orchestration grid with the program cdpctl.
  - A CDP or an HA-CDP is never stopped.
  - Peers that already have the wanted state are left alone, so a second run changes nothing.
    V(restarted) always restarts.
  - A selection that matches no peer changes nothing and only warns. Names that do not exist fail.
  - The task counts as changed if the CDP accepted a request for a peer, or may have, even if the peer did
    not reach the state.
author:
  - The cdpctl developers (@cdpctl)
options:
  state:
    description:
      - The wanted state of the peers.
      - V(restarted) stops and starts them, O(batch) at a time, and confirms each step.
    type: str
    choices: [stopped, started, restarted]
    required: true
  all:
    description: Every AP and LAP.
    type: bool
    default: false
  wait:
    description:
      - Wait until every peer has the state. A restart always waits.
      - If V(false), the task ends once the CDP has accepted the request.
    type: bool
    default: true
  batch:
    description: With O(state=restarted), the peers to restart at a time, such as V(2) or V(25%).
    type: str
  max_failures:
    description: With O(state=restarted), the failures to tolerate.
    type: int
extends_documentation_fragment:
  - cdpctl.grid.grid
attributes:
  check_mode:
    support: full
    description: A dry run. Nothing is sent. The task counts as changed if something would be sent.
  diff_mode:
    support: full
    description: Shows the status of each peer before and after.
seealso:
  - module: cdpctl.grid.peer_info
"""

EXAMPLES = r"""
- name: Stop two peers and wait until they are stopped
  cdpctl.grid.peer:
    profile: prod
    names: [AP1, AP2]
    state: stopped

- name: Start every LAP of a grid without a profile
  cdpctl.grid.peer:
    url: https://cdp.example.com:38080
    username: operator
    password: "{{ vault_cdp_password }}"
    ca_bundle: /etc/ssl/certs/company.pem
    types: [lap]
    state: started

- name: Restart all running APs, a quarter of them at a time
  cdpctl.grid.peer:
    profile: prod
    types: [ap]
    state: restarted
    batch: 25%
    max_failures: 1
    timeout: 30m
"""

RETURN = r"""
results:
  description: The result of each peer, in the order given.
  returned: when the grid could be read
  type: list
  elements: dict
  contains:
    name:
      description: The peer's name.
      type: str
    type:
      description: V(CDP), V(HA-CDP), V(AP), V(LAP), or the server's own word.
      type: str
    ok:
      description: Whether the outcome is ok.
      type: bool
    outcome:
      description: >-
        V(accepted), V(confirmed), V(unchanged), V(planned), V(not_found), V(refused), V(failed),
        V(timed_out), V(unknown) or V(skipped).
      type: str
    status:
      description: The status when last seen, as the server wrote it.
      type: str
    message:
      description: The reason for the outcome.
      type: str
    http_status:
      description: The HTTP status of the answer that decided the outcome.
      type: int
    elapsed:
      description: Seconds since the run began.
      type: float
  sample: [{name: AP1, type: AP, ok: true, outcome: confirmed, status: STOPPED, message: stopped after 2.1 s,
            http_status: 204, elapsed: 2.1}]
summary:
  description: The number of peers, and how many are ok.
  returned: when the grid could be read
  type: dict
  sample: {requested: 2, ok: 2, not_ok: 0}
left_down:
  description: Peers that a restart stopped and did not start again.
  returned: with state=restarted
  type: list
  elements: str
exit_code:
  description: The exit code of cdpctl (C(cdpctl help exit-codes)).
  returned: always
  type: int
error:
  description: Why the whole run failed, with C(code), C(message), C(hint) and C(http_status).
  returned: always
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.cdpctl.grid.plugins.module_utils.program import SHARED, error_text, run, selection

_VERBS = {"stopped": "stop", "started": "start", "restarted": "restart"}
_TARGETS = {"stopped": "STOPPED", "started": "RUNNING", "restarted": "RUNNING"}
# The CDP accepted a request for these peers, or may have.
_CHANGED = ("accepted", "confirmed", "timed_out", "unknown")
_SUCCESS = (200, 202, 204)
_ENDS = ("RUNNING", "STOPPED")


def main():
    """Run the task."""
    module = AnsibleModule(
        argument_spec={
            **SHARED,
            "state": {"type": "str", "choices": list(_VERBS), "required": True},
            "all": {"type": "bool", "default": False},
            "wait": {"type": "bool", "default": True},
            "batch": {"type": "str"},
            "max_failures": {"type": "int"},
        },
        supports_check_mode=True,
    )
    params = module.params
    state = params["state"]
    words = ["peer", _VERBS[state], *selection(params), *(["--all"] if params["all"] else [])]
    if state == "restarted":
        words += [f"--batch={params['batch']}"] if params["batch"] else []
        words += [] if params["max_failures"] is None else [f"--max-failures={params['max_failures']}"]
    elif params["batch"] or params["max_failures"] is not None:
        module.fail_json(msg="batch and max_failures go with state: restarted")
    elif params["wait"]:
        words.append("--wait")
    # A task is the confirmation.
    words += ["--yes", *(["--dry-run"] if module.check_mode else [])]
    before = _statuses(module) if module._diff else {}  # noqa: SLF001 - how Ansible says that --diff was given
    document = run(module, words, params["names"] or ())
    results = document.get("results", [])
    changed = any(map(_is_changed, results)) or bool(document.get("left_down"))
    if module.check_mode:
        changed = any(each["outcome"] == "planned" for each in results)
    outcome = {**document, "changed": changed}
    if module._diff:  # noqa: SLF001 - as above
        outcome["diff"] = _difference(results, before, _TARGETS[state])
    if not params["names"] and (document.get("error") or {}).get("code") == "not_found":
        # A selection such as status: [RUNNING] matches nothing the second time.
        module.warn("no peer is selected")
        module.exit_json(**{**outcome, "results": []})
    if document["exit_code"]:
        module.fail_json(msg=error_text(document), **outcome)
    module.exit_json(**outcome)


def _is_changed(result):
    """Return whether the CDP accepted a request for a peer, or may have."""
    # A peer that failed after a success has left its state. A success may also have a refusal in its body.
    left = (result["status"] or "RUNNING").upper() not in _ENDS
    failed_later = result["outcome"] == "failed" and result["http_status"] in _SUCCESS and left
    return result["outcome"] in _CHANGED or failed_later


def _statuses(module):
    """Return the status of every peer by name. Empty if the grid cannot be read."""
    listed = run(module, ["peer", "list"])
    return {peer["name"]: peer["status"] for peer in listed.get("peers", ())}


def _difference(results, before, target):
    """Return what --diff shows: the status of each peer before and after."""

    def lines(statuses):
        return "".join(f"{name}: {status or 'unknown'}\n" for name, status in statuses)

    after = [(each["name"], target if each["outcome"] == "planned" else each["status"]) for each in results]
    return {
        "before_header": "peers",
        "after_header": "peers",
        "before": lines((name, before.get(name)) for name, _status in after),
        "after": lines(after),
    }


if __name__ == "__main__":
    main()
