"""Statements on deliveries, recipients and relays.

`deliveries` and `delivery_batches` change the states of deliveries, `accounts` reads them, and `operator`
pauses and cancels them. `recipient_status` says who may be mailed now, `dead_addresses` handles addresses
that seem not to exist, and `relays` stores the relays' pace and use.
"""
