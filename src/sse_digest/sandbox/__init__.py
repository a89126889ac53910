"""What only `demo` and `drill` need: a local mailbox, SMTP servers, a drill and its report."""
