"""Pictures: each function takes one result and returns one plotly Figure. Plotly loads when the first is drawn."""

# Bound here, not on first use: each function has the name of its module, which would stand in its place once imported.
from cxgap.plot.chain import chain
from cxgap.plot.curve import curve
from cxgap.plot.dumbbell import dumbbell
from cxgap.plot.forest import forest
from cxgap.plot.heatmap import heatmap
from cxgap.plot.promise import promise
from cxgap.plot.quality import quality
from cxgap.plot.ranks import ranks
from cxgap.plot.scree import scree
from cxgap.plot.surface import surface
from cxgap.plot.thermometer import thermometer

__all__ = ["chain", "curve", "dumbbell", "forest", "heatmap", "promise", "quality", "ranks", "scree", "surface", "thermometer"]
