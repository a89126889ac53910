"""Choose among several relays, and limit the rate of each.

`failover` chooses the relay for each connection. `relay_state` keeps the state of one relay in use.
`throttle` calculates when the next message may begin (pure). `relay_status` reads the stored state of each
relay for an operator.
"""
