"""The pages this installation serves: feeds, unsubscribing, the mailbox of the demo."""
