-- opportunity_record: one row per opportunity, as it stands today.
select
    id as opportunity_id, title, customer_id, lead_id, owner_id, team_id, status, stage_id, coalesce(expected_amount, 0) as amount,
    created_on, closed_on, expected_close_on, next_step, next_step_on, last_followed_up_on
from operational.opportunities
