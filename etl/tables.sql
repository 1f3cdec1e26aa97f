-- The warehouse: what the reports read, and the only thing that they share with the ETL.
--
-- Rules that hold for every relation of facts:
--   * owner_id, team_id say whose the row is: for deeds the person and team of that moment, for states the holder then.
--   * source_id, campaign_id, customer_id, product_ids are what filters speak of; product_mask has bit (product.bit % 64) set for each
--     product, so that a filter tests the mask first and the list only where more than 64 products exist. Which products a record
--     contains is a state: a row holds for days on which they stood so, also where it tells a deed.
--   * A row counts at the end of a state day S when (basis = 0 or basis = B) and valid_from <= S and valid_to > S, with B = 1 where
--     the report shows what is known today, and B = 2 where it shows a past day as it stood then. basis 0: both views agree.
--     B = 1 goes by business dates, whenever they were written down; B = 2 by the later of business date and day of recording.
--   * valid_to of a row that still holds is 9999-12-31. Unknown amounts are 0, with amount_known false where it matters.
--   * The holder of today, by whom a drill-through decides what it may show, stands in the records (opportunity_record ...), not on facts.

-- ── dimensions ───────────────────────────────────────────────────────────────────────────────────────────────────────────────
create table mart.team (team_id integer, name varchar, name_key varchar, leader_id integer, active boolean);
create table mart.person (user_id integer, login varchar, name varchar, name_key varchar, team_id integer, active boolean, is_rep boolean);
create table mart.source (source_id integer, name varchar, name_key varchar, channel varchar, active boolean);
create table mart.campaign (
    campaign_id integer, name varchar, source_id integer, product_id integer, from_on date, until_on date, cost decimal(18, 2)
);
create table mart.product (product_id integer, code varchar, name varchar, name_key varchar, category varchar, bit integer, active boolean);
create table mart.stage (stage_id integer, name varchar, position integer, probability decimal(5, 4), meaning varchar, active boolean);
-- how a stage was called and weighed between two days
create table mart.stage_version (
    stage_id integer, valid_from date, valid_to date, name varchar, position integer, probability decimal(5, 4)
);
create table mart.reason (reason_id integer, name varchar, name_key varchar, kind varchar, names_competitor boolean);
create table mart.competitor (competitor_id integer, name varchar, name_key varchar);
create table mart.factor (factor_id integer, name varchar, name_key varchar, active boolean);
create table mart.cost_category (category_id integer, name varchar, name_key varchar);
create table mart.settings (
    company_name varchar, zone varchar, currency varchar, fiscal_year_first_month integer, opportunity_neglected_days integer,
    ranking_visible boolean, is_demo boolean
);
create table mart.setting_version (valid_from date, valid_to date, opportunity_neglected_days integer);

-- ── records: what a drill-through names, and who holds it today ──────────────────────────────────────────────────────────────
create table mart.customer (customer_id integer, name varchar, owner_id integer, team_id integer, industry varchar, region varchar);
create table mart.opportunity_record (
    opportunity_id integer, title varchar, customer_id integer, lead_id integer, owner_id integer, team_id integer, status varchar,
    stage_id integer, amount decimal(18, 2), created_on date, closed_on date, expected_close_on date, next_step varchar,
    next_step_on date, last_followed_up_on date
);
create table mart.contract_record (
    contract_id integer, number varchar, customer_id integer, opportunity_id integer, owner_id integer, team_id integer, status varchar,
    amount decimal(18, 2), signed_on date, has_plan boolean
);

-- ── facts ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
-- lead: one row per lead, a deed of the day it arrived, credited to the rep and team it arrived at. Its acts count from their days on.
create table mart.lead (
    lead_id integer, day date, owner_id integer, team_id integer, source_id integer, campaign_id integer, customer_id integer,
    product_ids integer[], product_mask ubigint, first_handled_on date, converted_on date, failed_on date,
    contact_name varchar, company varchar, holder_id integer, holder_team_id integer
);

-- created: one row per new opportunity (and basis), credited to the first team and first rep it was assigned to; null while it waits.
-- amount: the expected amount when created.
create table mart.created (
    opportunity_id integer, day date, valid_from date, valid_to date, basis utinyint, owner_id integer, team_id integer,
    source_id integer, campaign_id integer, customer_id integer, product_ids integer[], product_mask ubigint,
    amount decimal(18, 2), amount_known boolean
);

-- open_past, open_now: one row per interval in which an opportunity stood "following" unchanged at the end of each day; past ones in
-- the order of valid_to, the few that still hold apart. Read together as open_then. products_varied: whether the opportunity's products
-- ever changed.
create table mart.open_past (
    opportunity_id integer, valid_from date, valid_to date, basis utinyint, owner_id integer, team_id integer, source_id integer,
    campaign_id integer, customer_id integer, product_ids integer[], product_mask ubigint, products_varied boolean, stage_id integer,
    amount decimal(18, 2), amount_known boolean, expected_close_on date, created_on date, assigned_on date
);
create table mart.open_now as from mart.open_past limit 0;
create view mart.open_then as select * from mart.open_past union all select * from mart.open_now;

-- open_known: the same by business dates as they were known from known_from until before known_to, with the products of those days: what
-- stood open on one day, in the eyes of another. Only of opportunities of which something was written down after its day (basis 2), or
-- whose products varied.
create table mart.open_known as select *, null::date as known_from, null::date as known_to from mart.open_past limit 0;

-- pipeline_change: one row per event that changed what stood open, credited to the holder whose open amount changed; a move between
-- owners is two. step: new, reopened, grown, received (delta above zero), shrunk, won, lost, stopped, given (below zero); pulled_in,
-- pushed_out are moves of the expected date from close_before to close_after and add nothing. stage_id: at the event.
create table mart.pipeline_change (
    opportunity_id integer, seq integer, step varchar, day date, valid_from date, valid_to date, basis utinyint, owner_id integer,
    team_id integer, source_id integer, campaign_id integer, customer_id integer, product_ids integer[], product_mask ubigint,
    stage_id integer, delta decimal(18, 2), close_before date, close_after date
);

-- closed: one row per closing that stood for a while (won: per amount of its contract), a deed of the owner then. valid_to: the day it
-- was reopened, voided or amended. amount: won: the contract's; else the expected amount at closing. stage_id: the stage before.
-- cycle_days: from creation to day.
create table mart.closed (
    opportunity_id integer, contract_id integer, day date, valid_from date, valid_to date, basis utinyint, status varchar,
    owner_id integer, team_id integer, source_id integer, campaign_id integer, customer_id integer, product_ids integer[],
    product_mask ubigint, stage_id integer, reason_id integer, competitor_id integer, amount decimal(18, 2), amount_known boolean,
    cycle_days integer
);

-- closed_line: closed, split by product in proportion to the opportunity's lines (won: the contract's), the rest on the largest line;
-- product_id null where no lines are stated. Sums to closed.amount per opportunity and interval.
create table mart.closed_line as select *, null::integer as product_id from mart.closed limit 0;

-- signed: one row per contract and amount (an amendment begins the next), a deed of the signer on the day of signing. valid_to: the day
-- of the amendment or of the void.
create table mart.signed (
    contract_id integer, opportunity_id integer, day date, valid_from date, valid_to date, basis utinyint, owner_id integer,
    team_id integer, source_id integer, campaign_id integer, customer_id integer, product_ids integer[], product_mask ubigint,
    amount decimal(18, 2)
);

-- signed_line: signed, split by product; product_id null where the contract states no lines. Sums to signed per contract and interval.
create table mart.signed_line (
    contract_id integer, product_id integer, day date, valid_from date, valid_to date, basis utinyint, owner_id integer,
    team_id integer, source_id integer, campaign_id integer, customer_id integer, product_ids integer[], product_mask ubigint,
    amount decimal(18, 2)
);

-- balance: one row per contract and interval in which its amount, money, status and carer stood unchanged; from signing on, without
-- voided time. outstanding = greatest(amount - received, 0); prepaid = greatest(received - amount, 0) (a prepayment of instalments
-- not yet due is met, not prepaid).
create table mart.balance (
    contract_id integer, opportunity_id integer, valid_from date, valid_to date, basis utinyint, status varchar, owner_id integer, team_id integer,
    source_id integer, campaign_id integer, customer_id integer, product_ids integer[], product_mask ubigint, signed_on date,
    amount decimal(18, 2), received decimal(18, 2), cost decimal(18, 2), outstanding decimal(18, 2), prepaid decimal(18, 2),
    last_receipt_on date, has_plan boolean
);

-- cost_state: one row per cost and interval: from the day it was paid, as long as the contract's carer and status stood.
create table mart.cost_state (
    cost_id integer, contract_id integer, category_id integer, day date, valid_from date, valid_to date, basis utinyint, status varchar,
    owner_id integer, team_id integer, source_id integer, campaign_id integer, customer_id integer, product_ids integer[],
    product_mask ubigint, amount decimal(18, 2)
);

-- instalment_state: one row per instalment and interval in which what was due and met, carer and status stood unchanged.
-- open = amount - met. status: the contract's.
create table mart.instalment_state (
    contract_id integer, no integer, valid_from date, valid_to date, basis utinyint, status varchar, owner_id integer, team_id integer,
    source_id integer, campaign_id integer, customer_id integer, product_ids integer[], product_mask ubigint, due_on date,
    amount decimal(18, 2), met decimal(18, 2), open decimal(18, 2), met_on date
);

-- allocation: one row per amount that a receipt put on an instalment (no null: prepaid), negative where a refund took it back.
create table mart.allocation (
    contract_id integer, no integer, receipt_id integer, day date, basis utinyint, amount decimal(18, 2), received_on date
);

-- received: one row per receipt or refund, a deed of the contract's signer on the day of the money. A cancelled one only stands in the
-- view of the days between its recording and its cancelling (basis 2).
create table mart.received (
    receipt_id integer, contract_id integer, opportunity_id integer, day date, valid_from date, valid_to date, basis utinyint,
    owner_id integer, team_id integer, source_id integer, campaign_id integer, customer_id integer, product_ids integer[],
    product_mask ubigint, amount decimal(18, 2)
);

-- follow_up: one row per follow-up, a deed of its writer.
create table mart.follow_up (
    follow_up_id integer, opportunity_id integer, day date, valid_from date, valid_to date, basis utinyint, owner_id integer,
    team_id integer, source_id integer, campaign_id integer, customer_id integer, product_ids integer[], product_mask ubigint
);

-- encounter: one row per opportunity and competitor, and stretch of days on which the opportunity's status and amount stood; a deed of the
-- opportunity's holder on the day of the first record against that competitor. amount: the expected one while it is open, else 0.
create table mart.encounter (
    opportunity_id integer, competitor_id integer, day date, valid_from date, valid_to date, basis utinyint, owner_id integer,
    team_id integer, source_id integer, campaign_id integer, customer_id integer, product_ids integer[], product_mask ubigint,
    status varchar, amount decimal(18, 2)
);

-- competition: one row per competition record and stretch of days on which the same quote was the latest. product_id: ours, against which
-- the competitor stands; our_unit_price: after discount, null where no quote has that product.
create table mart.competition (
    record_id integer, opportunity_id integer, competitor_id integer, product_id integer, day date, valid_from date, valid_to date,
    basis utinyint, owner_id integer, team_id integer, source_id integer, campaign_id integer, customer_id integer,
    product_ids integer[], product_mask ubigint, their_unit_price decimal(18, 2), our_unit_price decimal(18, 2)
);

-- competition_factor: one row per factor of a competition record. side: strength or weakness, of ours.
create table mart.competition_factor (
    record_id integer, opportunity_id integer, competitor_id integer, factor_id integer, side varchar, product_id integer, day date,
    valid_from date, valid_to date, basis utinyint, owner_id integer, team_id integer, source_id integer, campaign_id integer,
    customer_id integer, product_ids integer[], product_mask ubigint
);

-- target: one row per month, unit and validity. unit: company, team or rep.
create table mart.target (
    target_id integer, month date, unit varchar, team_id integer, owner_id integer, amount decimal(18, 2), valid_from date, valid_to date
);

-- cohort: what became of leads, through the opportunity that the lead itself created: one row per win, signing and receipt, credited
-- as the lead's arrival. step: won, signed or received. day: the lead's arrival; valid_from, valid_to as on the fact behind it.
create table mart.cohort (
    lead_id integer, opportunity_id integer, contract_id integer, receipt_id integer, step varchar, day date, step_day date,
    valid_from date, valid_to date, basis utinyint, owner_id integer, team_id integer, source_id integer, campaign_id integer,
    customer_id integer, product_ids integer[], product_mask ubigint, amount decimal(18, 2)
);

-- ── what the warehouse knows of itself ───────────────────────────────────────────────────────────────────────────────────────
-- state: one row. position: up to where the change log is in (etl/changes.py says what it counts); mark: which database's log that is;
-- applied_at: when (UTC).
create table mart.state (position bigint, mark varchar, applied_at timestamp, built_at timestamp, schema_revision varchar);
-- version: the position at which a table of this schema last changed, and that at which it last did for everybody: master data, names, and
-- what was built or changed in bulk.
create table mart.version (relation varchar primary key, position bigint, everybody bigint);
-- touched: one row per step and record (or records alike) of which rows changed that are not everybody's: in which relations, and who had or
-- has any row of that record, as people and as teams. Who reaches neither reads there what they read before.
create table mart.touched (position bigint, relations varchar[], owners integer[], teams integer[]);
