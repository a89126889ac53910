"""Several relays: which one takes a message, how fast, and why it waits.

`failover` sends each worker to the first relay that takes it; `relay_state` is one relay in use;
`throttle` says when the next message may begin (pure); `relay_status` shows an operator what was stored
down of each.
"""
