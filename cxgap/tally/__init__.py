"""Rows become sums here, on whatever engine holds them; nothing else sees rows once a study has been read."""

from cxgap.tally.classes import Classes, are_many, classes
from cxgap.tally.frames import check_frame, columns_of, declared_order, in_order, keep_true, require, require_numbers
from cxgap.tally.grouped import numbered
from cxgap.tally.moments import tally_bounds, tally_moments, tally_repeats, tally_scores
from cxgap.tally.once import COPIES, SEVERAL, told_once
from cxgap.tally.pairs import tally_distinct, tally_pairs
from cxgap.tally.people import tally_people, tally_units
from cxgap.tally.products import Products, tally_products
from cxgap.tally.rows import rows_of
from cxgap.tally.scored import Asking, Parts, scored
from cxgap.tally.shards import SHARD, tally_shards, with_shards
from cxgap.tally.times import tally_times, tally_values

__all__ = [
    "COPIES",
    "SEVERAL",
    "SHARD",
    "Asking",
    "Classes",
    "Parts",
    "Products",
    "are_many",
    "check_frame",
    "classes",
    "columns_of",
    "declared_order",
    "in_order",
    "keep_true",
    "numbered",
    "require",
    "require_numbers",
    "rows_of",
    "scored",
    "tally_bounds",
    "tally_distinct",
    "tally_moments",
    "tally_pairs",
    "tally_people",
    "tally_products",
    "tally_repeats",
    "tally_scores",
    "tally_shards",
    "tally_times",
    "tally_units",
    "tally_values",
    "told_once",
    "with_shards",
]
