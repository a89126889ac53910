"""Statements on deliveries, recipients and relays."""
