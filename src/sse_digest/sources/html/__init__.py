"""Reading HTML: elements, fields, dates, images, structured data."""
