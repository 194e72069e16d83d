"""The ready-made step that sums up what was known of each row's customer, machine or place before its decision."""

from collections.abc import Mapping, Sequence

from core.errors import SqlError
from core.prepare.readymade_form import Check, Given, Note, Parameter, ReadyMade, free_name, is_float, source_parameter
from core.prepare.sqltext import comment, name_sql, number_sql

MANY_PAIRS = 50_000_000
_OF_ROWS = ("count", "days_since_last")


Feature = tuple[str, str, float | None, str]
"""What, of which measure or "", over how many days or None, and the column's name."""


def _keys(given: Given) -> tuple[tuple[str, str], ...]:
    """Return (column of the decisions, column of the events) for each part of the key."""
    here, there = given.columns("keys"), given.columns("event_keys")
    if len(here) != len(there):
        raise SqlError(
            f"{len(here)} columns on one side, {len(there)} on the other.", hint="Choose the same number, in order."
        )
    return tuple(zip(here, there, strict=True))


def _named(given: Given) -> tuple[Feature, ...]:
    """Return every feature, in order."""
    measures, windows = given.columns("measures"), given.numbers("windows")
    if any(days <= 0 for days in windows):
        raise SqlError("A window has no days.", hint="Give days above 0, or none for the whole past.")
    spans: Sequence[float | None] = windows or (None,)
    names, found = list(given.schema("source")), []
    for what in given.choices("what"):
        if what not in _OF_ROWS and not measures:
            raise SqlError(f"The {what} of which column?", hint="Choose a column of the events.")
        for measure in ("",) if what in _OF_ROWS else measures:
            for days in (None,) if what in ("last", "days_since_last") else spans:
                wanted = "_".join(part for part in (given.table("events"), measure, what, _span(days)) if part)
                names.append(free_name(wanted, names))
                found.append((what, measure, days, names[-1]))
    return tuple(found)


def _span(days: float | None) -> str:
    return "" if days is None else f"{number_sql(days)}d".replace(".", "_")


def _feature(given: Given, what: str, measure: str, days: float | None) -> str:
    """Return one aggregate over the events before a decision."""
    time, value = f"e.{name_sql(given.column('event_time'))}", f"e.{name_sql(measure)}"
    decided = f"d.{name_sql(given.column('time'))}"
    window = "" if days is None else f" FILTER ({time} >= {_decided(given, decided)} - {_interval(days)})"
    if what == "count":
        return f"count({time}){window}"
    if what == "days_since_last":
        return f"date_diff('second', CAST(max({time}) AS TIMESTAMP), CAST({decided} AS TIMESTAMP)) / 86400.0"
    if what == "last":  # among those at one moment the highest; arg_max passes over missing values
        return f"arg_max({value}, ({time}, {value}))"
    function = "avg" if what == "mean" else what
    # Sums of floats depend on the order of adding: by size it is always the same one.
    order = f" ORDER BY {value}" if what in ("sum", "mean") and is_float(given.type_of("events", measure)) else ""
    return f"{function}({value}{order}){window}"


def _interval(days: float) -> str:
    if float(days).is_integer():
        return f"INTERVAL {int(days)} DAYS"
    return f"INTERVAL {round(days * 86_400)} SECONDS"


def _why(given: Given, rest: str) -> str:
    source, events, time = given.table("source"), given.table("events"), given.column("time")
    when, moment = (f"the day of {time}", "day") if _by_day(given) else (time, "moment")
    return comment(
        f"What {events} held of each row of {source} strictly before {when}:"
        f" nothing of that very {moment} or later is read.\n{rest}Nothing earlier: counts are 0, the rest is empty."
    )


def _by_day(given: Given) -> bool:
    """Say whether events only tell their day and decisions their hour: what came first on one day is not known."""
    event, decision = given.type_of("events", given.column("event_time")), given.type_of("source", given.column("time"))
    return event.upper() == "DATE" and decision.upper() != "DATE"


def _decided(given: Given, time: str) -> str:
    """Return the moment, an expression, before which an event has to be."""
    return f"CAST({time} AS DATE)" if _by_day(given) else time


def _history(given: Given) -> str:
    named = _named(given)
    if given.choice("form") == "running":
        return _running(given, named)
    decided, event_time = _decided(given, f"d.{name_sql(given.column('time'))}"), name_sql(given.column("event_time"))
    lines = [f"{_feature(given, what, measure, days)} AS {name_sql(name)}" for what, measure, days, name in named]
    match = " AND ".join(f"e.{name_sql(there)} = d.{name_sql(here)}" for here, there in _keys(given))
    body = ",\n    ".join(lines)
    return (
        f"{_why(given, '')}\nSELECT\n  d.*,\n  h.*\nFROM {name_sql(given.table('source'))} AS d\nLEFT JOIN LATERAL (\n"
        f"  SELECT\n    {body}\n  FROM {name_sql(given.table('events'))} AS e\n"
        f"  WHERE {match} AND e.{event_time} < {decided}\n) AS h ON true"
    )


def _running(given: Given, named: Sequence[Feature]) -> str:
    """Write the same as running totals over the events, of which each decision takes the last before it."""
    time, event_time = name_sql(given.column("time")), name_sql(given.column("event_time"))
    totals: dict[str, str] = {}  # a running aggregate over the events to its name
    outputs, spans = [], [days for days in dict.fromkeys(days for _, _, days, _ in named) if days is not None]

    def total(aggregate: str) -> str:
        return totals.setdefault(aggregate, f"total_{len(totals) + 1}")

    for what, measure, days, name in named:
        value = name_sql(measure) if measure else ""
        before = f"h{spans.index(days) + 1}" if days is not None else ""
        exact = _exact(given, measure) if what in ("sum", "mean") else ""
        if what == "count":
            made = _less(total(f"count({event_time})"), before)
        elif what in ("sum", "mean"):
            some = f"nullif({_less(total(f'count({value})'), before)}, 0)"
            added = f"CASE WHEN {some} IS NOT NULL THEN {_less(total(f'sum({exact})'), before)} END"
            made = f"CAST({added} AS DOUBLE)" + (f" / {some}" if what == "mean" else "")
        elif what == "days_since_last":
            last = f"h.{total(f'max({event_time})')}"
            made = f"date_diff('second', CAST({last} AS TIMESTAMP), CAST(d.{time} AS TIMESTAMP)) / 86400.0"
        elif days is not None:
            raise SqlError(
                f"The {what} over {days:g} days cannot be had from running totals.",
                hint="Choose the plain form, or take it over the whole past.",
            )
        else:
            made = "h." + total(f"arg_max({value}, ({event_time}, {value}))" if what == "last" else f"{what}({value})")
        outputs.append(f"{made} AS {name_sql(name)}")
    keys, decided = _keys(given), _decided(given, f"d.{time}")
    by = ", ".join(name_sql(there) for _, there in keys)
    joins = []
    for alias, back in (("h", ""), *((f"h{n}", f" - {_interval(days)}") for n, days in enumerate(spans, 1))):
        match = " AND ".join(f"{alias}.{name_sql(there)} = d.{name_sql(here)}" for here, there in keys)
        joins.append(f"ASOF LEFT JOIN past AS {alias} ON {match} AND {decided}{back} > {alias}.{event_time}")
    columns = ",\n    ".join([by, event_time, *(f"{one} OVER so_far AS {name}" for one, name in totals.items())])
    body, joined = ",\n  ".join(outputs), "\n".join(joins)
    rest = "Each event carries the totals up to itself, and a decision takes those of the last event before it.\n"
    return (
        f"{_why(given, rest)}\nWITH past AS (\n  SELECT\n    {columns}\n  FROM {name_sql(given.table('events'))}\n"
        f"  WHERE {event_time} IS NOT NULL\n  WINDOW so_far AS (\n    PARTITION BY {by} ORDER BY {event_time}\n"
        f"    RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW\n  )\n)\nSELECT\n  d.*,\n  {body}\n"
        f"FROM {name_sql(given.table('source'))} AS d\n{joined}"
    )


def _exact(given: Given, measure: str) -> str:
    """Return what is added up: floats as decimals, whose sums do not depend on what else is there."""
    value = name_sql(measure)
    if not is_float(given.type_of("events", measure)):
        return value
    return f"CASE WHEN isfinite({value}) THEN CAST({value} AS DECIMAL(38, 9)) END"


def _less(total: str, before: str) -> str:
    """Return a running total up to the decision, less what it was where the window begins."""
    now = f"coalesce(h.{total}, 0)"
    return f"({now} - coalesce({before}.{total}, 0))" if before else now


def _checks(given: Given) -> tuple[Check, ...]:
    keys = _keys(given)
    source, events = name_sql(given.table("source")), name_sql(given.table("events"))
    time, event_time = name_sql(given.column("time")), name_sql(given.column("event_time"))
    here = ", ".join(f"{name_sql(a)} AS k{n}" for n, (a, _) in enumerate(keys))
    there = ", ".join(f"{name_sql(b)} AS k{n}" for n, (_, b) in enumerate(keys))
    using = ", ".join(f"k{n}" for n in range(len(keys)))
    query = (
        f"WITH decisions AS (SELECT {here}, count(*) AS n, count({time}) AS n_timed, min({time}) AS first,"
        f" max({time}) AS last, count(DISTINCT {time}) AS moments FROM {source} GROUP BY ALL),\n"
        f"events AS (SELECT {there}, count(*) AS n, min({event_time}) AS first FROM {events} GROUP BY ALL)\n"
        "SELECT CAST(sum(d.n) AS BIGINT) AS n, CAST(sum(d.n - d.n_timed) AS BIGINT) AS n_untimed,"
        " CAST(sum(d.n) FILTER (e.n IS NULL) AS BIGINT) AS n_strange,"
        f" CAST(sum(d.n) FILTER (e.first >= {_decided(given, 'd.last')}) AS BIGINT) AS n_late,"
        " CAST(sum(d.moments * coalesce(e.n, 0)) AS BIGINT) AS pairs"
        f" FROM decisions AS d LEFT JOIN events AS e USING ({using})"
    )
    unknown = f"SELECT count(*) - count({event_time}) AS n_untimed, count(*) AS n FROM {events}"
    return Check(query, lambda row: _told(given, row)), Check(unknown, lambda row: _told_events(given, row))


def _told(given: Given, row: Mapping[str, object]) -> Note:
    n, untimed, strange, late, pairs = (
        int(str(row[key] or 0)) for key in ("n", "n_untimed", "n_strange", "n_late", "pairs")
    )
    said = f"{n - strange - late:,} of {n:,} rows may have a history in {given.table('events')}."
    parts = (
        f"{strange:,} have a key that never occurs there" if strange else "",
        f"{late:,} come before the first event of their key" if late else "",
        f"{untimed:,} have no {given.column('time')}" if untimed else "",
    )
    told = "; ".join(part for part in parts if part)
    said += f" {told}." if told else ""
    if pairs > MANY_PAIRS:
        plain = given.choice("form") == "plain"
        way = " Choose running totals for that many." if plain else ""
        said += f" There are {pairs:,} pairs of a decision and an event.{way}"
        return Note("warning" if plain or strange > 0.5 * n else "note", said)
    return Note("warning" if strange > 0.5 * n else "note" if told else "fine", said)


def _told_events(given: Given, row: Mapping[str, object]) -> Note:
    untimed, n = int(str(row["n_untimed"])), int(str(row["n"]))
    if not untimed:
        return Note("fine", f"Each of the {n:,} events has a time.")
    return Note("note", f"{untimed:,} of {n:,} events have no {given.column('event_time')}; they are never read.")


HISTORY = ReadyMade(
    "history",
    "Sum up the past",
    "What had happened before each decision?",
    (
        source_parameter("The rows that are decided on."),
        Parameter("keys", "Whose past?", "columns", of="source", help="For example the customer."),
        Parameter(
            "time", "Decided at", "column", of="source", types=("time",), help="Only what is strictly earlier is read."
        ),
        Parameter("events", "Where the past is written", "table"),
        Parameter("event_keys", "The same key there", "columns", of="events", help="In the same order."),
        Parameter("event_time", "Known since", "column", of="events", types=("time",)),
        Parameter(
            "what",
            "What to know",
            "choices",
            choices=(
                ("count", "how many"),
                ("sum", "sum"),
                ("mean", "mean"),
                ("min", "lowest"),
                ("max", "highest"),
                ("last", "last value"),
                ("days_since_last", "days since the last one"),
            ),
            default=("count", "days_since_last"),
        ),
        Parameter("measures", "Of which columns", "columns", of="events", optional=True),
        Parameter(
            "form",
            "How it is written",
            "choice",
            choices=(("plain", "plainly: easy to read"), ("running", "as running totals: quick on long histories")),
            default="plain",
        ),
        Parameter(
            "windows", "Over how many days", "numbers", optional=True, help="Such as 7, 30, 365; empty: the whole past."
        ),
    ),
    _history,
    _checks,
)
