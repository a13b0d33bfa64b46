"""Pictures: each function takes one result and returns one plotly Figure. Plotly loads when the first is drawn."""

# Bound here, not on first use: each function has the name of its module, which would stand in its place once imported.
from cxgap.plot.asymmetry import asymmetry
from cxgap.plot.before_after import before_after
from cxgap.plot.burden import burden
from cxgap.plot.caterpillar import caterpillar
from cxgap.plot.causes import causes
from cxgap.plot.chain import chain
from cxgap.plot.change import change
from cxgap.plot.control import control
from cxgap.plot.curve import curve
from cxgap.plot.drivers import drivers
from cxgap.plot.dumbbell import dumbbell
from cxgap.plot.factors import factors
from cxgap.plot.forest import forest
from cxgap.plot.heatmap import heatmap
from cxgap.plot.hours import hours
from cxgap.plot.incidents import incidents
from cxgap.plot.journey import journey
from cxgap.plot.kano import kano
from cxgap.plot.messages import messages
from cxgap.plot.money import money
from cxgap.plot.outcome import outcome
from cxgap.plot.patience import patience
from cxgap.plot.portfolio import portfolio
from cxgap.plot.promise import promise
from cxgap.plot.promise_plan import promise_plan
from cxgap.plot.quadrant import quadrant
from cxgap.plot.quality import quality
from cxgap.plot.ranks import ranks
from cxgap.plot.response import response
from cxgap.plot.ridgeline import ridgeline
from cxgap.plot.scree import scree
from cxgap.plot.surface import surface
from cxgap.plot.switches import switches
from cxgap.plot.targets import targets
from cxgap.plot.thermometer import thermometer
from cxgap.plot.trend import trend

__all__ = [
    "asymmetry",
    "before_after",
    "burden",
    "caterpillar",
    "causes",
    "chain",
    "change",
    "control",
    "curve",
    "drivers",
    "dumbbell",
    "factors",
    "forest",
    "heatmap",
    "hours",
    "incidents",
    "journey",
    "kano",
    "messages",
    "money",
    "outcome",
    "patience",
    "portfolio",
    "promise",
    "promise_plan",
    "quadrant",
    "quality",
    "ranks",
    "response",
    "ridgeline",
    "scree",
    "surface",
    "switches",
    "targets",
    "thermometer",
    "trend",
]
