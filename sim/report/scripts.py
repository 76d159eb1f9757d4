"""The library that draws figures in a browser, as the plotly package ships it."""


def plotly_script() -> str:
    """The text of plotly.js."""
    from plotly.offline import get_plotlyjs

    script: str = get_plotlyjs()
    return script
