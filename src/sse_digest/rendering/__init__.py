"""What mail, feeds and pages share: templates, catalogues, the places they lie in."""
