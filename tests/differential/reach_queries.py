"""Makes up queries over integer columns, of every form that a reach must see through."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

NAMES = ("a", "b", "c", "d", "e")


@dataclass(frozen=True)
class Source:
    """Something to select from."""

    sql: str
    columns: tuple[str, ...]


class QueryMaker:
    """Makes up one query after the other; each result is a bag that follows from its sources.

    Nothing in them depends on the order of rows: where some are left out, all columns decide.
    """

    def __init__(self, chance: Random, tables: list[Source]) -> None:
        self._chance = chance
        self._tables = tables
        self._number = 0

    def query(self, depth: int = 2) -> Source:
        """A query with at least one column."""
        forms = [
            self._plain, self._plain, self._starred, self._starred, self._starred,
            self._joined, self._joined, self._united,
            self._grouped, self._grouped, self._windowed, self._distinct, self._chained,
            self._recursive, self._correlated, self._correlated, self._cut, self._summed,
            self._lateral, self._unnested, self._pivoted, self._self_joined,
        ]  # fmt: skip
        return self._chance.choice(forms)(depth)

    # Parts

    def _source(self, depth: int) -> Source:
        if depth > 0 and self._chance.random() < 0.35:
            inner = self.query(depth - 1)
            return Source(f"({inner.sql})", inner.columns)
        return self._chance.choice(self._tables)

    def _alias(self) -> str:
        self._number += 1
        return f"t{self._number}"

    def _value(self, columns: list[str]) -> str:
        one, other = self._chance.choice(columns), self._chance.choice(columns)
        number = self._chance.randint(0, 4)
        return self._chance.choice(
            [
                one, one, one,
                f"{one} + {number}",
                f"{one} * {other}",
                f"CASE WHEN {one} > {number} THEN {other} ELSE 0 END",
                f"COALESCE({one}, {other}, {number})",
                str(number),
            ]
        )  # fmt: skip

    def _condition(self, columns: list[str]) -> str:
        one, other = self._chance.choice(columns), self._chance.choice(columns)
        number = self._chance.randint(0, 4)
        return self._chance.choice(
            [
                f"{one} > {number}",
                f"{one} <> {other}",
                f"{one} % 3 <> {number % 3}",
                f"{one} IS NOT NULL",
                f"({one} = {number} OR {other} < {number + 2})",
                f"{one} IN ({number}, {number + 1}, {number + 3})",
            ]
        )

    def _names(self, most: int = 4) -> list[str]:
        return self._chance.sample(NAMES, self._chance.randint(1, most))

    def _where(self, columns: list[str]) -> str:
        return f" WHERE {self._condition(columns)}" if self._chance.random() < 0.5 else ""

    def _list(self, columns: list[str], names: list[str]) -> str:
        return ", ".join(f"{self._value(columns)} AS {name}" for name in names)

    @staticmethod
    def _of(alias: str, columns: tuple[str, ...]) -> list[str]:
        return [f"{alias}.{column}" for column in columns]

    # Forms

    def _plain(self, depth: int) -> Source:
        source, alias, names = self._source(depth), self._alias(), self._names()
        columns = self._of(alias, source.columns)
        if self._chance.random() < 0.4:
            columns = list(source.columns)
        where = self._where(columns)
        return Source(
            f"SELECT {self._list(columns, names)} FROM {source.sql} AS {alias}{where}",
            tuple(names),
        )

    def _starred(self, depth: int) -> Source:
        source, alias = self._source(depth), self._alias()
        left_out = self._chance.choice(source.columns)
        if len(source.columns) > 1 and self._chance.random() < 0.4:
            kept = tuple(each for each in source.columns if each != left_out)
            star = f"{alias}.* EXCLUDE ({left_out})"
        else:
            kept, star = source.columns, self._chance.choice(["*", f"{alias}.*"])
        more = [name for name in NAMES if name not in source.columns][:1]
        added = "".join(f", {self._value(self._of(alias, source.columns))} AS {n}" for n in more)
        where = self._where(self._of(alias, source.columns))
        return Source(f"SELECT {star}{added} FROM {source.sql} AS {alias}{where}", (*kept, *more))

    def _joined(self, depth: int) -> Source:
        one, other = self._source(depth - 1), self._source(depth - 1)
        left, right, names = self._alias(), self._alias(), self._names()
        kind = self._chance.choice(["", "LEFT", "FULL", "RIGHT", "SEMI", "ANTI", "CROSS", "INNER"])
        shown = self._of(left, one.columns)
        if kind not in ("SEMI", "ANTI"):
            shown += self._of(right, other.columns)
        common = [each for each in one.columns if each in other.columns]
        if kind == "CROSS":
            how = ""
        elif common and self._chance.random() < 0.3:
            how = f" USING ({self._chance.choice(common)})"
        else:
            left_key = self._chance.choice(self._of(left, one.columns))
            right_key = self._chance.choice(self._of(right, other.columns))
            how = f" ON {left_key} = {right_key}"
            if self._chance.random() < 0.3:
                how += f" AND {self._condition(self._of(right, other.columns))}"
        where = self._where(shown)
        return Source(
            f"SELECT {self._list(shown, names)} FROM {one.sql} AS {left} "
            f"{kind} JOIN {other.sql} AS {right}{how}{where}",
            tuple(names),
        )

    def _self_joined(self, depth: int) -> Source:
        source, left, right = self._chance.choice(self._tables), self._alias(), self._alias()
        names = self._names(3)
        key, other = self._chance.choice(source.columns), self._chance.choice(source.columns)
        shown = self._of(left, source.columns) + self._of(right, source.columns)
        return Source(
            f"SELECT {self._list(shown, names)} FROM {source.sql} AS {left} "
            f"JOIN {source.sql} AS {right} ON {left}.{key} = {right}.{other} + 1",
            tuple(names),
        )

    def _united(self, depth: int) -> Source:
        one, other = self.query(depth - 1) if depth > 0 else self._flat(), self._flat()
        kind = self._chance.choice(["UNION ALL", "UNION ALL", "UNION", "INTERSECT", "EXCEPT"])
        if self._chance.random() < 0.2 and kind.startswith("UNION"):
            names = tuple(dict.fromkeys((*one.columns, *other.columns)))
            return Source(f"({one.sql}) {kind} BY NAME ({other.sql})", names)
        width = min(len(one.columns), len(other.columns))
        left, right = self._alias(), self._alias()
        first = ", ".join(self._of(left, one.columns[:width]))
        second = ", ".join(self._of(right, other.columns[:width]))
        if self._chance.random() < 0.3 and len(one.columns) == len(other.columns):
            first, second = "*", "*"
        return Source(
            f"SELECT {first} FROM ({one.sql}) AS {left} {kind} "
            f"SELECT {second} FROM ({other.sql}) AS {right}",
            one.columns[:width],
        )

    def _flat(self) -> Source:
        source = self._chance.choice(self._tables)
        return Source(f"SELECT {', '.join(source.columns)} FROM {source.sql}", source.columns)

    def _aggregate(self, columns: list[str]) -> str:
        one = self._chance.choice(columns)
        return self._chance.choice(
            [
                "COUNT(*)",
                f"COUNT({one})",
                f"COUNT(DISTINCT {one})",
                f"SUM({one})::BIGINT",
                f"MAX({one})",
                f"MIN({one})",
                f"COUNT(*) FILTER (WHERE {self._condition(columns)})",
            ]
        )

    def _grouped(self, depth: int) -> Source:
        source, alias = self._source(depth), self._alias()
        columns = self._of(alias, source.columns)
        key = self._chance.choice(columns)
        names = self._names(3)
        listed = [key, *(self._aggregate(columns) for _ in names[1:])]
        shown = ", ".join(f"{value} AS {name}" for value, name in zip(listed, names, strict=True))
        by = self._chance.choice(["1", key, "ALL"])
        having = ""
        if self._chance.random() < 0.4:
            having = f" HAVING {self._aggregate(columns)} > {self._chance.randint(0, 3)}"
        where = self._where(columns)
        return Source(
            f"SELECT {shown} FROM {source.sql} AS {alias}{where} GROUP BY {by}{having}",
            tuple(names),
        )

    def _summed(self, depth: int) -> Source:
        source, alias, names = self._source(depth), self._alias(), self._names(3)
        columns = self._of(alias, source.columns)
        shown = ", ".join(f"{self._aggregate(columns)} AS {name}" for name in names)
        return Source(
            f"SELECT {shown} FROM {source.sql} AS {alias}{self._where(columns)}", tuple(names)
        )

    def _windowed(self, depth: int) -> Source:
        source, alias, names = self._source(depth), self._alias(), self._names(3)
        columns = self._of(alias, source.columns)
        part, order = self._chance.choice(columns), self._chance.choice(columns)
        function = self._chance.choice(
            [
                f"RANK() OVER (PARTITION BY {part} ORDER BY {order})",
                f"SUM({order}) OVER (PARTITION BY {part})::BIGINT",
                f"COUNT(*) OVER (PARTITION BY {part})",
                f"MAX({part}) OVER (ORDER BY {order})",
                "COUNT(*) OVER ()",
            ]
        )
        listed = [function, *(self._value(columns) for _ in names[1:])]
        shown = ", ".join(f"{value} AS {name}" for value, name in zip(listed, names, strict=True))
        qualify = ""
        if self._chance.random() < 0.4:
            qualify = f" QUALIFY RANK() OVER (PARTITION BY {part} ORDER BY {order}) <= 2"
        return Source(f"SELECT {shown} FROM {source.sql} AS {alias}{qualify}", tuple(names))

    def _distinct(self, depth: int) -> Source:
        source, alias, names = self._source(depth), self._alias(), self._names(3)
        columns = self._of(alias, source.columns)
        if self._chance.random() < 0.3:
            key = self._chance.choice(source.columns)
            order = ", ".join([f"{alias}.{key}", *columns])
            return Source(
                f"SELECT DISTINCT ON ({alias}.{key}) {', '.join(columns)} "
                f"FROM {source.sql} AS {alias} ORDER BY {order}",
                source.columns,
            )
        shown = self._list(columns, names)
        return Source(f"SELECT DISTINCT {shown} FROM {source.sql} AS {alias}", tuple(names))

    def _chained(self, depth: int) -> Source:
        first = self.query(depth - 1) if depth > 0 else self._flat()
        name = f"w{self._alias()}"
        own = QueryMaker(self._chance, [Source(name, first.columns), *self._tables])
        own._number = self._number + 100
        last = own.query(0)
        if last.sql.lstrip("(").startswith("WITH"):
            last = Source(f"SELECT * FROM ({last.sql})", last.columns)
        return Source(f"WITH {name} AS ({first.sql}) {last.sql}", last.columns)

    def _recursive(self, depth: int) -> Source:
        source, name = self._chance.choice(self._tables), f"r{self._alias()}"
        one, other = self._chance.choice(source.columns), self._chance.choice(source.columns)
        return Source(
            f"WITH RECURSIVE {name}(a, b) AS (SELECT {one}, {other} FROM {source.sql} "
            f"UNION SELECT a + 1, b FROM {name} WHERE a < 4) SELECT a, b FROM {name}",
            ("a", "b"),
        )

    def _correlated(self, depth: int) -> Source:
        outer, inner = self._source(depth - 1), self._chance.choice(self._tables)
        left, right, names = self._alias(), self._alias(), self._names(3)
        out, ins = self._of(left, outer.columns), self._of(right, inner.columns)
        key = f"{self._chance.choice(ins)} = {self._chance.choice(out)}"
        inside = f"FROM {inner.sql} AS {right} WHERE {key}"
        scalar = f"(SELECT {self._aggregate(ins)} {inside})"
        listed = [self._value(out) for _ in names]
        where = ""
        match self._chance.randint(0, 3):
            case 0:
                listed[0] = scalar
            case 1:
                where = f" WHERE {self._chance.choice(['', 'NOT '])}EXISTS (SELECT * {inside})"
            case 2:
                where = (
                    f" WHERE {self._chance.choice(out)} IN "
                    f"(SELECT {self._chance.choice(inner.columns)} FROM {inner.sql})"
                )
            case _:
                where = f" WHERE {scalar} > {self._chance.randint(0, 2)}"
        shown = ", ".join(f"{value} AS {name}" for value, name in zip(listed, names, strict=True))
        return Source(f"SELECT {shown} FROM {outer.sql} AS {left}{where}", tuple(names))

    def _cut(self, depth: int) -> Source:
        source, alias = self._source(depth), self._alias()
        columns = self._of(alias, source.columns)
        order = ", ".join(self._chance.sample(columns, len(columns)))
        if self._chance.random() < 0.3:
            order = ", ".join(str(number + 1) for number in range(len(columns)))
        return Source(
            f"SELECT {', '.join(columns)} FROM {source.sql} AS {alias} "
            f"ORDER BY {order} LIMIT {self._chance.randint(1, 6)}",
            source.columns,
        )

    def _lateral(self, depth: int) -> Source:
        outer, inner = self._source(depth - 1), self._chance.choice(self._tables)
        left, right, new = self._alias(), self._alias(), self._alias()
        ins, out = self._of(right, inner.columns), self._of(left, outer.columns)
        return Source(
            f"SELECT {self._chance.choice(out)} AS a, {new}.v AS b FROM {outer.sql} AS {left}, "
            f"LATERAL (SELECT {self._aggregate(ins)} AS v FROM {inner.sql} AS {right} "
            f"WHERE {self._chance.choice(ins)} >= {self._chance.choice(out)}) AS {new}",
            ("a", "b"),
        )

    def _unnested(self, depth: int) -> Source:
        source, alias = self._source(depth), self._alias()
        columns = self._of(alias, source.columns)
        one, other = self._chance.choice(columns), self._chance.choice(columns)
        return Source(
            f"SELECT {self._value(columns)} AS a, UNNEST(RANGE(ABS({one}) % 3)) AS b, {other} AS c "
            f"FROM {source.sql} AS {alias}",
            ("a", "b", "c"),
        )

    def _pivoted(self, depth: int) -> Source:
        source = self._chance.choice(self._tables)
        one, other = self._chance.choice(source.columns), self._chance.choice(source.columns)
        alias = self._alias()
        return Source(
            f"SELECT * FROM (SELECT {one} AS k, {other} AS v FROM {source.sql}) AS {alias} "
            f"PIVOT (SUM(v) FOR k IN (1 AS d, 2 AS e))",
            ("d", "e"),
        )
