"""Pictures: each function takes one GapTable and returns one plotly Figure. Plotly loads when the first is drawn."""

# Bound here, not on first use: each function has the name of its module, which would stand in its place once imported.
from cxgap.plot.dumbbell import dumbbell
from cxgap.plot.forest import forest
from cxgap.plot.heatmap import heatmap

__all__ = ["dumbbell", "forest", "heatmap"]
