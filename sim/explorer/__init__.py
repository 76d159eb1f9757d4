"""The explorer: other settings of a scenario and what comes of them, within a glance.

A :class:`sim.explorer.session.Session` takes settings and gives figures; it knows no server. The server hands
both to and from a page.
"""
