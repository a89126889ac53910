"""The bytes of a mail: header, body, signature."""
