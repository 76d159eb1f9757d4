"""Exports of ERP systems (bills of materials, vendors, items) as a scenario to begin with."""
