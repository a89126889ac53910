"""Sending: from a frozen issue to the relay, with a balanced account.

Entry points: `start` (freeze an issue, fix its recipients, plan failed deliveries again, one test mail),
`sender` (one `send` from start to end) and `dry_run` (mails into a folder instead). Read on in the order
of the calls: `recipients` plans deliveries, `sender_lock` shows that a sender is running, `worker_pool` runs
several `worker`s, `queue` claims deliveries and writes their mails as a `job` each, `issue_mail` knows
people and contents, `outcomes` says where an outcome leads to, `sessions` holds open sessions,
`send_job` is what they are given and `send_state` what they share, `group_commit` writes intents and
outcomes down, `progress` counts. `smtp` speaks with one relay; `relays` chooses among several and keeps
their pace. `options` says what sending needs to know.

Effects: SMTP connections, lock files, the database through `store`; a folder for a dry run.
"""
