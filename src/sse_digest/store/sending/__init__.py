"""Statements on deliveries, recipients and relays.

`deliveries` and `delivery_batches` have the transitions, `accounts` the questions; `operator` pauses and
cancels, `recipient_status` says who may be mailed now, and `relays` keeps their pace and use.
"""
