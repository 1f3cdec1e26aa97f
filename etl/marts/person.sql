-- person: one row per user.
select
    id as user_id, login, name, name_key, team_id, active,
    exists (from operational.user_roles where user_id = users.id and role = 'rep') as is_rep
from operational.users
