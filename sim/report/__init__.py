"""The report: one HTML file with figures, tables and sentences computed from the findings."""
