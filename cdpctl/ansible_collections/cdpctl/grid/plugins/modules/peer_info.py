#!/usr/bin/python
# Copyright (c) The cdpctl developers
# MIT License (see LICENSE or https://opensource.org/licenses/MIT)
"""List the peers of a grid."""

from __future__ import annotations

DOCUMENTATION = r"""
module: peer_info
short_description: List the peers of an orchestration grid
version_added: 0.1.0
description:
  - Reads the peers of a BMC TrueSight (Atrium) Orchestration grid with cdpctl, and changes nothing.
author:
  - The cdpctl developers (@cdpctl)
extends_documentation_fragment:
  - cdpctl.grid.grid
attributes:
  check_mode:
    support: full
    description: The module only reads.
  diff_mode:
    support: none
    description: Nothing changes.
seealso:
  - module: cdpctl.grid.peer
"""

EXAMPLES = r"""
- name: Read the peers that are not running
  cdpctl.grid.peer_info:
    profile: prod
    not_status: [RUNNING]
  register: grid

- name: Fail if one of them is an AP
  ansible.builtin.assert:
    that: grid.peers | selectattr('type', 'eq', 'AP') | list | length == 0
"""

RETURN = r"""
peers:
  description: The peers, in the order of the CDP.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The peer's name.
      type: str
    type:
      description: V(CDP), V(HA-CDP), V(AP), V(LAP), or the server's own word.
      type: str
    status:
      description: The status, as the server wrote it.
      type: str
    host:
      description: The machine it runs on.
      type: str
    os:
      description: Its operating system.
      type: str
    version:
      description: The product's version.
      type: str
    description:
      description: Its description.
      type: str
  sample: [{name: AP1, type: AP, status: RUNNING, host: h1, os: Linux, version: 8.2.00, description: ""}]
missing:
  description: The names in O(names) that the grid does not have.
  returned: success
  type: list
  elements: str
url:
  description: The CDP that was read.
  returned: always
  type: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.cdpctl.grid.plugins.module_utils.program import SHARED, error_text, run, selection


def main():
    """Run the task."""
    module = AnsibleModule(argument_spec=dict(SHARED), supports_check_mode=True)
    names, words = module.params["names"], selection(module.params)
    document = _listed(module, words)
    missing = []
    if names:
        # A peer that the selection leaves out is not missing.
        listed = _by_name(_listed(module, []) if words else document)
        missing = [name for name in names if name not in listed]
        chosen = _by_name(document)
        document["peers"] = [peer for name in names for peer in chosen.get(name, ())]
    module.exit_json(changed=False, missing=missing, **document)


def _listed(module, words):
    """Return the document of `peer list`. If it failed, the task fails."""
    document = run(module, ["peer", "list", *words])
    if document["exit_code"]:
        module.fail_json(msg=error_text(document), **document)
    return document


def _by_name(document):
    """Return the entries of each name. A CDP may list a name more than once."""
    entries = {}
    for peer in document["peers"]:
        entries.setdefault(peer["name"], []).append(peer)
    return entries


if __name__ == "__main__":
    main()
