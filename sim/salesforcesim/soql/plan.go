package soql

import (
	"errors"
	"iter"
	"time"
)

// Query is a parsed statement.
type Query struct{ Text string }

// Parse reads one statement. Its errors are [*Error]s.
func Parse(text string) (*Query, error) { return nil, errors.New("parse query: not built yet") }

// Env is what a query may depend on besides data.
type Env struct {
	Now         time.Time      // for date literals
	Zone        *time.Location // the user's time zone: days, weeks and months begin in it; nil is UTC
	FiscalStart time.Month     // first month of the fiscal year; 0 is January
	UserID      string         // for USING SCOPE mine; empty leaves the scope wide
}

// Plan is a query bound to a schema, ready to run any number of times.
type Plan struct{}

// Plan binds the query to a schema.
func (q *Query) Plan(schema Schema, env Env) (*Plan, error) { return nil, errors.New("plan query: not built yet") }

// Object is the object named in FROM.
func (p *Plan) Object() *Object { return nil }

// CountOnly reports SELECT COUNT(): the answer has a totalSize and no records.
func (p *Plan) CountOnly() bool { return false }

// Aggregate reports that the records are aggregate rows.
func (p *Plan) Aggregate() bool { return false }

// Count gives the number of records of the result (for SELECT COUNT() the count itself).
func (p *Plan) Count(src Source) int { return 0 }

// Records runs the query.
func (p *Plan) Records(src Source) iter.Seq[*Record] { return nil }

// IDs runs the query and yields only the ids of its records, in order: what a query locator keeps.
func (p *Plan) IDs(src Source) iter.Seq[string] { return nil }

// Record builds the record of one id of the result again, without checking the filter.
func (p *Plan) Record(src Source, id string) (*Record, bool) { return nil, false }

// Header lists the selected fields as dotted names in SELECT order: the header of a bulk result.
func (p *Plan) Header() []string { return nil }

// Flat appends the values of a record in the order of Header.
func (p *Plan) Flat(dst []Value, rec *Record) []Value { return dst }

// BulkRefusal names the first part of the query that Bulk API 2.0 refuses (GROUP BY, OFFSET, TYPEOF, aggregate, sub-select,
// compound field, FIELDS()), or "".
func (p *Plan) BulkRefusal() string { return "" }
