"""The gate.

A mail that breaks a rule is not sent, and the sender learns which rule, where, and what to do.

`check` is the entry; `rules` names the rules. `header_rules`, `markup_rules`, `contrast_rules` and
`text_rules` judge one part of a mail each. Pure.
"""
