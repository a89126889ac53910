"""Statements on deliveries, recipients and relays.

`deliveries` and `delivery_batches` have the transitions, `accounts` the questions; `operator` pauses and
cancels, `recipient_status` says who may be mailed now, `dead_addresses` keeps those that seem not to
exist, and `relays` the relays' pace and use.
"""
