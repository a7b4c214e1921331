# Copyright (c) The cdpctl developers
# MIT License (see LICENSE or https://opensource.org/licenses/MIT)
"""The options that both modules share: which peers, which grid, which program."""

from __future__ import annotations


class ModuleDocFragment:
    """Read by ansible-doc."""

    DOCUMENTATION = r"""
options:
  names:
    description: Names of peers, case-sensitive.
    type: list
    elements: str
  types:
    description: Only peers of these types.
    type: list
    elements: str
    choices: [ap, lap]
    aliases: [type]
  match:
    description: Only peers whose name matches one of these shell patterns.
    type: list
    elements: str
  status:
    description: Only peers with one of these statuses.
    type: list
    elements: str
  not_status:
    description: Only peers with none of these statuses.
    type: list
    elements: str
  groups:
    description: Peers of these groups of the profile.
    type: list
    elements: str
    aliases: [group]
  exclude:
    description: Leave out peers whose name matches one of these shell patterns.
    type: list
    elements: str
  profile:
    description: A cdpctl profile of the user that runs the task, with URL, user and TLS settings.
    type: str
  url:
    description: The CDP's URL, if no profile gives it.
    type: str
  username:
    description: The user to log in as.
    type: str
  password:
    description: The password of O(username). It is passed in the environment, never as an argument.
    type: str
  ca_bundle:
    description: PEM file with the CAs to trust, on the host that runs the task.
    type: path
  timeout:
    description: >-
      The deadline of the whole run, V(90s) or V(10m). Without it cdpctl's own defaults hold.
    type: str
  executable:
    description: The cdpctl program on the host that runs the task. The default is to search the PATH.
    type: path
requirements:
  - cdpctl on the host that runs the task
"""
