-- open_now: the intervals of open opportunities that still hold.
-- check: unique by opportunity and basis; the sum of amounts is that of the following opportunities, to the cent.
from operational.open_then
where valid_to = date '9999-12-31'
