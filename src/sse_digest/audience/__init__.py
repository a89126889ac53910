"""People: who is on a list, and how they come onto it and off it by an admin's hand.

Read `subscribing` first (add, remove, suppress one person), then `import_csv`, which takes a whole file
that `csv_reader` reads line by line, and `export_csv`, its way back. `column_names` knows what columns
are called, `consent_columns` which of another program say who has left. `email_address` checks what a
person typed; `options` says what signing people up needs to know.

Effects: the database, through `store`; files that the caller names.
"""
