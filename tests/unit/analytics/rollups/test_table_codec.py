"""Tables through Arrow and Parquet, shifted and joined."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.rollups.table_codec import (
    decode_table,
    encode_table,
    filter_rows,
    join_tables,
    shift_table,
    to_arrow,
    to_pandas,
)


def make_table(rows: int = 5) -> pd.DataFrame:
    random = np.random.default_rng(3)
    ways = [("A", "B"), (), ("B",), ("A", "A"), ("Übersee",)]
    return pd.DataFrame(
        {
            "zone": pd.Series([way[0] if way else "" for way in ways], dtype="str"),
            "visitor": np.arange(5) + (1 << 40),
            "entered_s": random.uniform(size=5),
            "sigma_m": np.array([1, np.nan, 3, np.inf, 5], np.float32),
            "stops": np.arange(5, dtype=np.int32),
            "is_seen": [True, False, True, True, False],
            "zones": pd.Series(ways, dtype=object),
            "left_s": pd.Series([tuple(float(at) for at in range(len(way))) for way in ways], dtype=object),
        }
    ).iloc[:rows]


@pytest.mark.parametrize("rows", [5, 2, 0])
def test_a_table_survives_encoding(rows: int) -> None:
    table = make_table(rows)
    pd.testing.assert_frame_equal(to_pandas(decode_table(encode_table(to_arrow(table)))), table)


def test_chosen_columns_come_with_the_zone() -> None:
    content = encode_table(to_arrow(make_table()))
    assert decode_table(content, ("stops",)).column_names == ["zone", "stops"]


def test_other_bytes_are_refused() -> None:
    content = encode_table(to_arrow(make_table()))
    for damaged in (content[:-9], b"", b"PAR1" + b"0" * 50):
        with pytest.raises((OSError, ValueError)):
            decode_table(damaged)


def test_parts_are_moved_and_put_below_each_other() -> None:
    table = make_table()
    other = table.assign(zone=pd.Series(["C"] * 5, dtype="str"))
    parts = [to_arrow(table), decode_table(encode_table(to_arrow(other))), to_arrow(table.iloc[:0])]
    moved = [
        shift_table(part, times=("entered_s", "left_s"), by_s=100.0, visitors_by=7 * number)
        for number, part in enumerate(parts)
    ]
    joined = join_tables(moved)
    assert joined["zone"].tolist() == [*table["zone"], *"CCCCC"]
    assert joined["visitor"].tolist() == [*table["visitor"], *(table["visitor"] + 7)]
    np.testing.assert_array_equal(joined["entered_s"], np.tile(table["entered_s"] + 100.0, 2))
    assert joined["left_s"][8] == (100.0, 101.0)
    assert joined["zones"].tolist() == 2 * table["zones"].tolist()
    assert joined.dtypes.tolist() == table.dtypes.tolist()


def test_rows_are_chosen_by_name() -> None:
    chosen = to_pandas(filter_rows(to_arrow(make_table()), "zone", ["A", "", "unknown"]))
    assert chosen["zone"].tolist() == ["A", "", "A"]
