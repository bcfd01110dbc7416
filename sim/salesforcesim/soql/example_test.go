package soql_test

import (
	"fmt"
	"strings"
	"time"

	"tandem/sim/salesforcesim/soql"
)

// store is the smallest possible store: one object, rows in a slice.
type store struct {
	account *soql.Object
	rows    []row
}

type row []string // by Field.Slot

func (r row) ID() string                       { return r[0] }
func (r row) Get(field *soql.Field) soql.Value { return soql.Text(r[field.Slot]) }

func (s store) Object(name string) (*soql.Object, bool) {
	return s.account, strings.EqualFold(name, s.account.Name)
}

func (s store) Scan(_ *soql.Object, _ []soql.Probe, yield func(soql.Row) bool) {
	for _, r := range s.rows {
		if !yield(r) {
			return
		}
	}
}

func (s store) Lookup(*soql.Object, string) (soql.Row, bool) { return nil, false }

func Example() {
	account := soql.NewObject("Account", []soql.Field{{Name: "Id", Type: "id", Slot: 0}, {Name: "Name", Type: "string", Slot: 1}}, nil)
	s := store{account: account, rows: []row{{"001000000000001AAA", "Zed"}, {"001000000000002AAA", "Acme"}}}

	q, err := soql.Parse("select name from account order by name")
	if err != nil {
		fmt.Println(err)
		return
	}
	plan, err := q.Plan(s, soql.Env{Now: time.Now()})
	if err != nil {
		fmt.Println(err)
		return
	}
	for record := range plan.Records(s) {
		for _, cell := range record.Cells {
			fmt.Println(record.Object.Name, cell.Name, cell.Value)
		}
	}
	// Output:
	// Account Name Acme
	// Account Name Zed
}
