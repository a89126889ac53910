"""People: who is on a list, and how an admin adds and removes them.

Read `subscribing` first (add, remove, suppress one person), then `import_csv`, which imports a file that
`csv_reader` reads line by line, and `export_csv`. `column_names` recognises columns by their names, and
`consent_columns` those in which other programs record who unsubscribed. `email_address` checks addresses;
`options` holds the settings of a list.

Effects: the database, through `store`; files that the caller names.
"""
