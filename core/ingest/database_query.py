"""What is asked of a database: a table, or one SELECT and nothing else."""

import re
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokens import TokenType

from core.errors import LoadError, SqlRefusedError

_DIALECTS = {
    "postgresql": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "mssql": "tsql",
    "sqlite": "sqlite",
    "oracle": "oracle",
    "snowflake": "snowflake",
    "bigquery": "bigquery",
    "redshift": "redshift",
    "databricks": "databricks",
    "trino": "trino",
    "clickhouse": "clickhouse",
    "teradatasql": "teradata",
}
_NAME = r'(?:[^\W\d][\w$]*|"(?:[^"]|"")+"|`[^`]+`|\[[^\]]+\])'
_TABLE = re.compile(rf"\s*({_NAME})(?:\s*\.\s*({_NAME}))?(?:\s*\.\s*({_NAME}))?\s*;?\s*")
_WRITES = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Create, exp.Drop, exp.Alter, exp.Into, exp.Command)
_BEGINS = {TokenType.SELECT, TokenType.WITH, TokenType.L_PAREN}


@dataclass(frozen=True, slots=True)
class TableName:
    """A table as somebody wrote it; ``schema`` is "" when they left it out."""

    schema: str
    name: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name


def asked_of(said: str, dialect: str) -> TableName | str:
    """Return the table, or the SELECT without a closing semicolon.

    Raises
    ------
    LoadError
        When nothing is said.
    SqlRefusedError
        When it is more than one statement, or one that is not a SELECT or would write.
    """
    if not said.strip():
        raise LoadError("Neither a table nor a query is said.", hint="Give a table's name or one SELECT.")
    found = _TABLE.fullmatch(said)
    if found and found.group(3) is None:
        parts = [_plain(part) for part in found.groups() if part]
        return TableName(parts[0] if len(parts) > 1 else "", parts[-1])
    return _one_select(said, _DIALECTS.get(dialect, ""))


def _plain(name: str) -> str:
    if name[0] == '"':
        return name[1:-1].replace('""', '"')
    return name[1:-1] if name[0] in "`[" else name


def _one_select(said: str, dialect: str) -> str:
    """Check what can be checked here; the transaction is read only besides, where the database knows that."""
    hint = "Give a table's name or one SELECT."
    try:
        tokens = sqlglot.tokenize(said, read=dialect or None)
    except TokenError as error:
        raise SqlRefusedError("The query has a quote or a comment that is not closed.", hint=hint) from error
    while tokens and tokens[-1].token_type == TokenType.SEMICOLON:
        said = said[: tokens[-1].start]
        tokens = tokens[:-1]
    if any(token.token_type == TokenType.SEMICOLON for token in tokens):
        raise SqlRefusedError("The query is more than one statement.", hint=hint)
    if not tokens or tokens[0].token_type not in _BEGINS:
        first = tokens[0].text.upper() if tokens else "Nothing"
        raise SqlRefusedError(f"A query begins with SELECT or WITH; this one begins with {first}.", hint=hint)
    try:
        tree = sqlglot.parse_one(said, read=dialect or None)
    except ParseError:
        return said.rstrip()  # The database says what is wrong, and where, in its own words.
    written = tree.find(*_WRITES)
    if written is not None or not isinstance(tree, exp.Query):
        what = written.key.upper() if written is not None else tree.key.upper()
        raise SqlRefusedError(f"The query holds {what}, which does more than read.", hint=hint)
    return said.rstrip()
