"""What several tables, pages and runs tell together of a few people: who stands in which cell, and what must be hidden."""
