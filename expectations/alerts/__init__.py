"""The book of alerts: what is wrong, since when, whose it is, who was told and who answered.

An alert is one rule that is broken in one scope. `evaluation.evaluate` moves the alerts of a
`book.Book` (one SQLite file) through their life and writes the notices into its outbox, all in one
transaction; `sending.send_due` delivers them, at least once and in order. `decisions` holds what
people say about an alert, `digest` and `heartbeat` what is told without an evaluation.

No clock is read here: `as_of` (what the tables stand at) and `now` come from the caller.
"""
