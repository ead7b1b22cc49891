package rules

import (
	"fmt"
	"strings"
)

// joins adds to each row's facts what its group has. A row without a group, or
// whose group has no contact in the window, gets what aggregates of nothing give.
func (q *query) joins() string {
	var b strings.Builder
	near := q.near.list()
	if q.group != nil {
		near = append(near, q.group.inOrder())
	}
	if len(near) > 0 {
		fmt.Fprintf(&b, "\nLEFT JOIN\n(\n    SELECT group_id AS near_group, now AS near_now,\n        %s\n    FROM %s\n    GROUP BY group_id, now\n) AS near ON near_group = in_group AND near_now = of_now",
			strings.Join(near, ",\n        "), q.neighbours())
	}
	if q.own.used() {
		fmt.Fprintf(&b, "\nLEFT JOIN\n(\n    SELECT group_id AS own_group, matter AS own_matter, now AS own_now,\n        %s\n    FROM %s\n    GROUP BY group_id, matter, now\n) AS own ON own_group = in_group AND own_matter = of_row AND own_now = of_now",
			strings.Join(q.own.list(), ",\n        "), q.neighbours())
	}
	for i, fix := range q.fixes {
		fmt.Fprintf(&b, "\nLEFT JOIN\n(\n%s\n) AS fixed%[2]d ON fix%[2]d_group = in_group AND fix%[2]d_matter = of_row AND fix%[2]d_now = of_now", indent(fix), i)
	}
	return b.String()
}

// neighbours is the relation, with complainants numbered if somebody asks.
func (q *query) neighbours() string {
	if !q.numbered {
		return q.prefix + "neighbours"
	}
	return fmt.Sprintf(`(
        SELECT *,
            person != 0 AND row_number() OVER (PARTITION BY now, group_id, matter, person ORDER BY ord) > 1 AS again,
            if(person = 0, 0, toInt64(dense_rank() OVER (PARTITION BY now, group_id, person = 0 ORDER BY first_ord))) AS who
        FROM (SELECT *, min(ord) OVER (PARTITION BY now, group_id, person) AS first_ord FROM %sneighbours)
    )`, q.prefix)
}

// fix names by how much the number of complainants of a group differs for one
// matter in it, if its own contacts count where own holds and the others' where
// others holds. A person whom two other matters know counts for every matter;
// one known to a single matter as another's counts for all but this one, unless
// it counts there as its own; one known to none as another's counts where it is
// its own. So each person gives at most as many corrections as it has matters.
func (q *query) fix(own, others string) string {
	n := len(q.fixes)
	q.fixes = append(q.fixes, fmt.Sprintf(`SELECT group_id AS fix%[1]d_group, now AS fix%[1]d_now, correction.1 AS fix%[1]d_matter, toInt64(sum(correction.2)) AS fix%[1]d
FROM
(
    SELECT group_id, now, arrayJoin(multiIf(
        empty(theirs), arrayMap(m -> (m, 1), its_own),
        length(theirs) = 1 AND NOT has(its_own, theirs[1]), [(theirs[1], -1)],
        [])) AS correction
    FROM
    (
        SELECT group_id, now, person, groupUniqArrayIf(matter, %[2]s) AS its_own, groupUniqArrayIf(matter, %[3]s) AS theirs
        FROM %[4]s
        WHERE person != 0
        GROUP BY group_id, now, person
    )
)
GROUP BY group_id, now, correction.1`, n, own, others, q.neighbours()))
	return fmt.Sprintf("fix%d", n)
}
