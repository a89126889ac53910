"""Verbs that send an issue and show its deliveries.

These are `send`, `status` (with `resolve`), `pause` (with `resume` and `cancel`), `report` and `drill`.
"""
