"""Verbs that send an issue and account for it.

`send`, `status` (with `resolve`), `pause` (with `resume` and `cancel`), `report` and `drill`.
"""
