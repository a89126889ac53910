"""Sending: from a frozen issue to the relay, with a balanced account.

Entry points: `start` (freeze an issue, fix its recipients, plan failed deliveries again, send one test mail),
`sender` (one `send` from start to end) and `dry_run` (write mails to a folder instead). The other modules,
in the order in which they are called: `recipients` plans deliveries, `sender_lock` shows that a sender is
running, `worker_pool` runs several `worker`s, `queue` claims deliveries and prepares a `job` for each,
`issue_mail` looks up people and renders their mails, `outcomes` decides the next state of a delivery,
`sessions` holds the open sessions, `send_job` is the input of a send, `send_state` is the state its parts
share, `group_commit` commits intents and outcomes, `progress` counts. `smtp` talks to one relay; `relays`
chooses among several and limits the rate of each. `options` holds the settings that sending needs.

Effects: SMTP connections, lock files, the database through `store`; for a dry run, a folder.
"""
