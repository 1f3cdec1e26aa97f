-- open_past: the intervals of open opportunities that have ended.
-- check: unique by opportunity, basis, valid_from; no two of an opportunity and basis overlap.
from operational.open_then
where valid_to < date '9999-12-31'
