package store

import (
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tandem/internal/core"
)

// bulk is a statement over a small table of rows given by the caller. Its text
// has {rows} where that table stands; the table is called r. SQLite runs it once
// a row, which is its fastest way; PostgreSQL once with all rows as JSON.
type bulk struct {
	columns []column
	single  string // $1 … are the columns of one row
	many    string // $1 … are the columns of manyRows rows, one after the other
	json    string // $1 is a JSON array of rows
}

type column struct{ name, kind string }

// bulkRows is how many rows PostgreSQL gets in one statement at most.
const bulkRows = 1000

// manyRows is how many rows one statement takes on SQLite: most of the cost of a
// small statement is in starting it.
const manyRows = 50

// newBulk takes the columns as "conn int, id text, base blob".
func newBulk(columns, text string) *bulk {
	b := &bulk{}
	var single, types []string
	for i, c := range strings.Split(columns, ", ") {
		name, kind, _ := strings.Cut(c, " ")
		b.columns = append(b.columns, column{name, kind})
		single = append(single, fmt.Sprintf("$%d AS %s", i+1, name))
		types = append(types, name+" "+map[string]string{"int": "BIGINT", "text": "TEXT", "blob": "BYTEA"}[kind])
	}
	b.single = strings.ReplaceAll(text, "{rows}", "(SELECT "+strings.Join(single, ", ")+") AS r")
	b.many = b.manyText(text)
	b.json = strings.ReplaceAll(text, "{rows}", "jsonb_to_recordset(CAST($1 AS jsonb)) AS r("+strings.Join(types, ", ")+")")
	return b
}

// manyText is the statement over manyRows rows. A cross join keeps SQLite from
// reading the large table first, as an outer one does by itself.
func (b *bulk) manyText(text string) string {
	// Parameters without numbers have no names, which the driver would look up
	// one by one.
	row := "(" + strings.Repeat("?,", len(b.columns)-1) + "?)"
	rows := strings.Repeat(row+",", manyRows-1) + row
	var names []string
	for i, c := range b.columns {
		names = append(names, fmt.Sprintf("column%d AS %s", i+1, c.name))
	}
	table := "(SELECT " + strings.Join(names, ", ") + " FROM (VALUES " + rows + ")) AS r"
	return strings.NewReplacer("LEFT JOIN", "LEFT JOIN", "JOIN", "CROSS JOIN", "{rows}", table).Replace(text)
}

// execRows runs the statement over the rows and gives the number of rows changed.
func (t *Tx) execRows(b *bulk, rows [][]any) (changed int64, err error) {
	if !t.writes {
		return 0, ErrReadOnly
	}
	err = t.calls(b, rows, func(query string, args []any) error {
		n, err := t.execAny(query, args)
		changed += n
		return err
	})
	return changed, err
}

// eachRow runs the query over the rows and calls scan for every row it gives.
func (t *Tx) eachRow(b *bulk, rows [][]any, scan func(*sql.Rows) error) error {
	return t.calls(b, rows, func(query string, args []any) error { return t.each(query, args, scan) })
}

func (t *Tx) calls(b *bulk, rows [][]any, call func(query string, args []any) error) error {
	if !t.s.d.oneStatement {
		for ; len(rows) >= manyRows; rows = rows[manyRows:] {
			if err := call(b.many, slices.Concat(rows[:manyRows]...)); err != nil {
				return err
			}
		}
		for _, row := range rows {
			if err := call(b.single, row); err != nil {
				return err
			}
		}
		return nil
	}
	for len(rows) > 0 {
		n := min(len(rows), bulkRows)
		if err := call(b.json, []any{b.encode(rows[:n])}); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

func (b *bulk) encode(rows [][]any) string {
	out := []byte{'['}
	for i, row := range rows {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, '{')
		for j, value := range row {
			if j > 0 {
				out = append(out, ',')
			}
			out = append(strconv.AppendQuote(out, b.columns[j].name), ':')
			out = appendJSON(out, value)
		}
		out = append(out, '}')
	}
	return string(append(out, ']'))
}

// appendJSON knows the types that statements take: int64, string and bytes
// (PostgreSQL's hexadecimal form).
func appendJSON(out []byte, value any) []byte {
	switch v := value.(type) {
	case int64:
		return strconv.AppendInt(out, v, 10)
	case []byte:
		out = append(out, `"\\x`...)
		return append(hex.AppendEncode(out, v), '"')
	case string:
		text, _ := json.Marshal(clean(v)) // a string always has a JSON form
		return append(out, text...)
	}
	panic(fmt.Sprintf("store: a row holds a %T", value))
}

// refRows are rows (conn, kind, id) for a query by refs, each once: the events of one
// record name it many times. A ref of a kind that the store has never seen is left out:
// no row has it.
func (t *Tx) refRows(conn int64, refs []core.Ref) ([][]any, error) {
	rows, met := make([][]any, 0, len(refs)), make(map[core.Ref]bool, len(refs))
	for _, r := range refs {
		if met[r] {
			continue
		}
		met[r] = true
		kind, err := t.kindID(r)
		if err != nil {
			return nil, err
		}
		if kind != unknownName {
			rows = append(rows, []any{conn, kind, r.ID})
		}
	}
	return rows, nil
}
