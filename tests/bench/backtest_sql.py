"""The first qualifying days under the two rules of `rules/backtest.yaml`, in SQL and in Polars."""

from __future__ import annotations

from pathlib import Path
from typing import Any

WEIGHTS = {
    "Signed In": 1,
    "Feature Used": 1,
    "File Uploaded": 2,
    "Project Created": 5,
    "Report Exported": 4,
    "Teammate Invited": 8,
    "Billing Page Viewed": 6,
    "API Key Created": 8,
    "Integration Connected": 10,
    "Upgrade Clicked": 15,
    "Seat Limit Reached": 12,
}
DAY = 86_400_000
Answer = dict[str, dict[str, int]]
_LINES = """
select messageId as message_id, userId as user_id, event, plan, account,
       epoch_ms(timestamp) as ms from (
  select messageId, userId, event, timestamp, properties.plan as plan, context.groupId as account
  from read_json('{file}', format = 'newline_delimited', columns = {{messageId: 'VARCHAR', userId: 'VARCHAR',
    event: 'VARCHAR', timestamp: 'TIMESTAMP', properties: 'STRUCT(plan VARCHAR)',
    context: 'STRUCT(groupId VARCHAR)'}}))
"""
_TABLE = """
select message_id, user_id, event, plan, context_group_id as account, epoch_ms(timestamp) as ms
from read_parquet('{file}')
"""
_DAYS = """
with events as ({source}),
once as (
  select any_value(account) as account, any_value(user_id) as user_id, any_value(event) as event,
         any_value(plan) as plan, any_value(ms) // {day} as day
  from events group by message_id),
days as (
  select account, day, sum(case event {cases} else 0 end) as points,
         count(*) filter (event = 'Teammate Invited') as invites,
         list(distinct user_id) as users, any_value(plan) as plan
  from once group by account, day),
windows as (
  select account, day, plan,
    sum(points) over (partition by account order by day range between 13 preceding and current row) as points,
    sum(invites) over week as invites,
    len(list_distinct(flatten(list(users) over week))) as users
  from days
  window week as (partition by account order by day range between 6 preceding and current row))
select 'score' as rule, account, min(day) from windows where points >= 50 group by account
union all
select 'team', account, min(day) from windows
where invites >= 3 and users >= 2 and plan = 'trial' group by account
"""


def duckdb_days(file: Path, threads: int) -> Answer:
    """Return the first day of each account under each rule."""
    import duckdb  # noqa: PLC0415 - it is there or not

    source = (_TABLE if file.suffix == ".parquet" else _LINES).format(file=file)
    cases = " ".join(f"when '{name}' then {points}" for name, points in WEIGHTS.items())
    session = duckdb.connect(config={"threads": threads})
    found: Answer = {}
    for rule, account, day in session.execute(_DAYS.format(source=source, cases=cases, day=DAY)).fetchall():
        found.setdefault(rule, {})[account] = day
    return found


def polars_days(file: Path) -> Answer:
    """Return the first day of each account under each rule."""
    import polars as pl  # noqa: PLC0415 - it is there or not

    once = _frame(pl, file).unique("message_id", keep="any")
    days = (
        once.with_columns(points=pl.col("event").replace_strict(WEIGHTS, default=0, return_dtype=pl.Int64))
        .group_by("account", "day")
        .agg(
            pl.col("points").sum(),
            invites=(pl.col("event") == "Teammate Invited").sum().cast(pl.Int64),
            users=pl.col("user_id").unique(),
            plan=pl.col("plan").first(),
        )
        .sort("account", "day")
    )
    fortnight = days.rolling("day", period="14i", group_by="account").agg(pl.col("points").sum())
    week = days.rolling("day", period="7i", group_by="account").agg(
        pl.col("invites").sum(),
        pl.col("plan").last(),
        users=pl.col("users").explode().n_unique(),
    )
    team = (pl.col("invites") >= 3) & (pl.col("users") >= 2) & (pl.col("plan") == "trial")
    first = pl.col("day").min()
    score, teams = pl.collect_all(
        [
            fortnight.filter(pl.col("points") >= 50).group_by("account").agg(first),
            week.filter(team).group_by("account").agg(first),
        ]
    )
    return {"score": dict(score.iter_rows()), "team": dict(teams.iter_rows())}


def _frame(pl: Any, file: Path) -> Any:
    """Return the events of either file under the same names."""
    if file.suffix == ".parquet":
        frame = pl.scan_parquet(file).rename({"context_group_id": "account"})
        at = pl.col("timestamp").dt.epoch("ms")
    else:
        text, struct = pl.String, pl.Struct
        schema = {
            "messageId": text,
            "userId": text,
            "event": text,
            "timestamp": text,
            "properties": struct({"plan": text}),
            "context": struct({"groupId": text}),
        }
        frame = pl.scan_ndjson(file, schema=schema).select(
            "event",
            "timestamp",
            message_id="messageId",
            user_id="userId",
            plan=pl.col("properties").struct.field("plan"),
            account=pl.col("context").struct.field("groupId"),
        )
        at = pl.col("timestamp").str.to_datetime("%Y-%m-%dT%H:%M:%S%.3fZ", time_unit="ms").dt.epoch("ms")
    return frame.select("message_id", "user_id", "event", "plan", "account", day=at // DAY)
