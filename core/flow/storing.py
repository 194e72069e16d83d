"""How a source gets into a table of the project: in one pass where it is a text in good order, else by way of a reader.

A pass that meets a value which is not of its column's type spoils its transaction, so ``Misfit`` is raised and the
whole transaction begins again, with what was learnt.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from core.ingest import ReaderSettings, Source, read_source
from core.ingest.beside import Beside, digest
from core.ingest.column_types import columns_of
from core.ingest.stopping import until
from core.ingest.strict import Plan, is_of_a_value, plan, rejected_before, settle
from core.workspace import Job, Project
from core.workspace.connection import within_reach
from core.workspace.tables import quoted, write_table


@dataclass(slots=True)
class Storing:
    """One source on its way into a project.

    Attributes
    ----------
    path, settings : the source, and what is known about it.
    table : the table that is written, of the project.
    folder : for copies and samples, of this source only.
    """

    path: Path
    settings: ReaderSettings
    table: str
    folder: Path
    _plan: Plan | None = None
    _is_planned: bool = False
    _sha256: Beside[str] | None = None

    def store(
        self, project: Project, cursor: duckdb.DuckDBPyConnection, reader: duckdb.DuckDBPyConnection, job: Job
    ) -> Source:
        """Write the source's rows to the table inside the cursor's transaction, and return what it is.

        Raises
        ------
        Misfit
            When the transaction has to begin again; what was learnt is kept here.
        LoadError
            When the source is not one that can be read.
        """
        if not self._is_planned:
            self._is_planned = True
            self.folder.mkdir(parents=True, exist_ok=True)
            if self.path.is_file():
                self._sha256 = Beside(lambda stopped: digest(self.path, lambda: stopped() or job.cancelled()))
                self._plan = plan(self.path, reader, self.settings, self.folder)
        if self._plan is None:
            return self._by_reader(cursor, reader, job)
        return self._in_one_pass(self._plan, project, cursor, reader, job)

    def close(self) -> None:
        """Let go of what runs beside."""
        if self._sha256 is not None:
            self._sha256.stop()

    def _by_reader(self, cursor: duckdb.DuckDBPyConnection, reader: duckdb.DuckDBPyConnection, job: Job) -> Source:
        with until(job.check):
            source = read_source(self.path, reader, self.settings, folder=self.folder)
        job.check()
        rows = reader.sql(f"SELECT * FROM {quoted(source.table)}").to_arrow_reader(50_000)
        write_table(cursor, self.table, rows)
        reader.execute(f"DROP TABLE {quoted(source.table)}")
        return replace(source, table=self.table)

    def _in_one_pass(
        self,
        chosen: Plan,
        project: Project,
        cursor: duckdb.DuckDBPyConnection,
        reader: duckdb.DuckDBPyConnection,
        job: Job,
    ) -> Source:
        beside = Beside(lambda stopped: chosen.read_bytes(lambda: stopped() or job.cancelled()))
        try:
            self._pass(chosen, project, cursor, reader)
            seen = beside.result()
        except duckdb.InterruptException:
            raise
        except duckdb.Error as error:
            self._plan = chosen.relaxed(reader) if is_of_a_value(error) else None
            raise Misfit(str(error)) from error
        finally:
            beside.stop()
        job.check()
        assumed = None if seen.is_odd else settle(chosen, cursor, self.table, seen)
        n_rows = int(cursor.execute(f"SELECT count(*) FROM {quoted(self.table)}").fetchall()[0][0])
        if assumed is None or not n_rows:
            self._plan = replace(chosen, is_careful=True) if seen.is_odd else None
            raise Misfit("the way over text columns is needed")
        columns = columns_of(cursor, self.table)
        before = rejected_before(chosen.found)
        return Source(
            replace(chosen.found.settings, types={column.name: column.type for column in columns}),
            columns,
            n_rows,
            self.path.stat().st_size,
            self._sha256.result() if self._sha256 else "",
            before[:100],
            len(before),
            self.table,
            (),
            chosen.found.assumed + assumed,
        )

    def _pass(
        self,
        chosen: Plan,
        project: Project,
        cursor: duckdb.DuckDBPyConnection,
        reader: duckdb.DuckDBPyConnection,
    ) -> None:
        """Run the pass in the project's own connection, where that may read the file; else hand its rows over."""
        with within_reach(project.path, self.path) as near:
            if near is not None:
                cursor.execute(f"CREATE TABLE {quoted(self.table)} AS {chosen.select(near)}")
            else:
                rows = reader.sql(chosen.select(self.path)).to_arrow_reader(50_000)
                write_table(cursor, self.table, rows)


class Misfit(Exception):  # noqa: N818 - it is no error but the way back
    """The pass did not fit the source; a new transaction will."""
