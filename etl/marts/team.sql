-- team: one row per team.
select id as team_id, name, name_key, leader_id, active
from operational.teams
