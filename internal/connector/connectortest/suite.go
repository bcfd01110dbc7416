// Package connectortest is one suite for every connector: what the engine may
// rely on, whichever side it talks to. A connector's own tests call Run over
// its simulator.
package connectortest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// Fault is one thing that goes wrong with the next matching call.
type Fault string

// The faults of the suite. Each strikes the next call of its kind once.
const (
	// LostAnswer lets a write happen and cuts the connection instead of answering.
	LostAnswer Fault = "lost_answer"
	// HalfAnswer lets a write happen and sends half of the answer.
	HalfAnswer Fault = "half_answer"
	// PageOnRead answers a read by 200 and an HTML page.
	PageOnRead Fault = "page_on_read"
	// PageOnWrite answers a write by 200 and an HTML page, without doing it.
	PageOnWrite Fault = "page_on_write"
	// ExpiredToken has the access token refused once, on a write.
	ExpiredToken Fault = "expired_token"
	// Refused answers a write by the side's refusal for load (429 or the like).
	Refused Fault = "refused"
	// PageOnConsents answers a question about opt-outs by 200 and an HTML page.
	PageOnConsents Fault = "page_on_consents"
	// LostUnsubscribe lets an opt-out happen and cuts the connection instead of answering.
	LostUnsubscribe Fault = "lost_unsubscribe"
)

// Account is one org or portal, the connector to it, and what a person does in
// it. The functions fail the test themselves.
type Account struct {
	Connector connector.Connector
	ID        string // what Identity must say
	Create    func(fields map[string]string) (id string)
	Update    func(id string, fields map[string]string)
	Delete    func(id string)
	Restore   func(id string)                           // nil: the side has no such thing
	Merge     func(primary, other string) (kept string) // nil likewise
	// Get is a live record as a person sees it.
	Get func(id string) (fields map[string]string, live bool)
	// Settle lets time pass until all changes so far lie before the safe edge of
	// a windowed scan.
	Settle func()
	Break  func(Fault)
	// OptOut has the person behind an address opt out, OptedOut says whether somebody did;
	// nil where the side keeps no opt-outs by address.
	OptOut   func(address string)
	OptedOut func(address string) bool
	// LosePositions makes every feed position stored so far expire.
	LosePositions func()
}

// Setup names what the suite works with.
type Setup struct {
	Side   core.Side
	Object core.Object
	Name   string // a text field that every create carries
	Text   string // another text field, blank by default
	// Key is the unique field that the suite has Ensure create; Group its
	// property group.
	Key, Group string
	// BadField and BadValue are refused for the record that carries them.
	BadField, BadValue string
	// Missing is a well-formed id that no record has.
	Missing string
	// Page is the connector's page size in a scan of everything; the suite makes
	// a little more than two pages of records.
	Page int
	// NoFeed leaves the feed out.
	NoFeed bool
	// Lacks are faults that the simulator cannot produce; their tests are skipped.
	Lacks []Fault
	// New opens an account for one test; it need not be empty.
	New func(t *testing.T) *Account
}

// Run runs the whole suite.
func Run(t *testing.T, s Setup) {
	for _, part := range []struct {
		name string
		test func(*testing.T, *world)
	}{
		{"Identity", testIdentity}, {"Describe", testDescribe}, {"Ensure", testEnsure}, {"Users", testUsers},
		{"ReadByID", testReadByID}, {"ReadDeleted", testReadDeleted}, {"ReadMerged", testReadMerged}, {"ReadByKey", testReadByKey},
		{"ReadMany", testReadMany}, {"ReadPage", testReadPage},
		{"ScanAll", testScanAll}, {"ScanDeleted", testScanDeleted}, {"ScanWindow", testScanWindow}, {"ScanTies", testScanTies},
		{"WriteRoundTrip", testWriteRoundTrip}, {"WriteOneBad", testWriteOneBad}, {"WriteGone", testWriteGone}, {"WriteArchive", testWriteArchive},
		{"WriteUniqueTwice", testUniqueTwice}, {"WriteUniqueTwiceInOneCall", testUniqueTwiceAtOnce},
		{"WriteLostAnswer", testLostAnswer}, {"WriteHalfAnswer", testHalfAnswer}, {"WritePage", testWritePage},
		{"WriteExpiredToken", testExpiredToken}, {"WriteRefused", testRefused},
		{"Consents", testConsents}, {"Unsubscribe", testUnsubscribe}, {"ConsentsPage", testConsentsPage}, {"UnsubscribeLostAnswer", testUnsubscribeLost},
		{"Feed", testFeed}, {"FeedPositionLost", testPositionLost},
	} {
		t.Run(part.name, func(t *testing.T) {
			part.test(t, &world{Setup: s, Account: s.New(t), t: t})
		})
	}
}

// patience bounds every wait of the suite.
const patience = 3 * time.Minute

// world is one test of the suite.
type world struct {
	Setup
	*Account
	t    *testing.T
	made int
}

func (w *world) ctx() context.Context { return w.t.Context() }

// record makes a record as a person and gives its id.
func (w *world) record(name string) string {
	w.t.Helper()
	return w.Create(map[string]string{w.Name: name})
}

// arm has a fault strike next; a fault that the side lacks skips the test.
func (w *world) arm(f Fault) {
	w.t.Helper()
	if slices.Contains(w.Lacks, f) {
		w.t.Skipf("the simulator has no fault %s", f)
	}
	w.Break(f)
}

func (w *world) ref(id string) core.Ref { return core.Ref{Side: w.Side, Object: w.Object, ID: id} }

// key gives a value that no other record of this test's has.
func (w *world) key() string {
	w.made++
	return fmt.Sprintf("%s-%d", w.t.Name(), w.made)
}

// ensureKey has the unique field made.
func (w *world) ensureKey() {
	w.t.Helper()
	results, err := w.Connector.Ensure(w.ctx(), w.Object, []connector.FieldSpec{w.keySpec()})
	if err != nil {
		w.t.Fatal(err)
	}
	if s := results[0].State; !slices.Contains([]string{"present", "created", "granted"}, s) {
		w.t.Fatalf("the key field is %s: %s", s, results[0].Message)
	}
}

func (w *world) keySpec() connector.FieldSpec {
	return connector.FieldSpec{Name: w.Key, Label: "Counterpart of the suite", Type: "text", Length: 80, Unique: true,
		Description: "made by a test", Group: w.Group}
}

// create is an op that carries the unique key.
func (w *world) create(key, name string) core.Op {
	return core.Op{Key: "op-" + key, Kind: core.OpCreate, Target: w.ref(""), Fields: map[string]string{w.Name: name},
		UniqueField: w.Key, UniqueValue: key}
}

func (w *world) update(id string, fields map[string]string) core.Op {
	return core.Op{Key: "op-" + id, Kind: core.OpUpdate, Target: w.ref(id), Fields: fields}
}

// write sends ops and checks what every answer must hold.
func (w *world) write(ops ...core.Op) []core.Outcome {
	w.t.Helper()
	outcomes, err := w.Connector.Write(w.ctx(), ops)
	if err != nil {
		w.t.Fatalf("write: %v", err)
	}
	if len(outcomes) != len(ops) {
		w.t.Fatalf("%d outcomes for %d ops", len(outcomes), len(ops))
	}
	for i, o := range outcomes {
		if o.Key != ops[i].Key {
			w.t.Fatalf("outcome %d is of op %s, not %s", i, o.Key, ops[i].Key)
		}
		if o.Status == core.Applied && o.ID == "" && ops[i].Kind != core.OpUnsubscribe { // an address is no record
			w.t.Errorf("applied without an id: %+v", o)
		}
	}
	return outcomes
}

func (w *world) want(o core.Outcome, status core.Status, class core.Class) {
	w.t.Helper()
	if o.Status != status || (class != "" && o.Class != class) {
		w.t.Errorf("outcome %s/%s (%s: %s), want %s/%s", o.Status, o.Class, o.Code, o.Message, status, class)
	}
}

func (w *world) read(q connector.Query) []core.Record {
	w.t.Helper()
	q.Object = w.Object
	q.Fields = append(q.Fields, w.Name, w.Text)
	records, err := w.Connector.Read(w.ctx(), q)
	if err != nil {
		w.t.Fatalf("read: %v", err)
	}
	return records
}

// holders reads who holds a key.
func (w *world) holders(key string) []core.Record {
	w.t.Helper()
	return w.read(connector.Query{By: w.Key, Values: []string{key}})
}

// scan collects a scan's records by id; a record given twice fails the test.
func (w *world) scan(s connector.Scan) (found map[string]core.Record, covered time.Time) {
	w.t.Helper()
	found = map[string]core.Record{}
	s.Object, s.Fields = w.Object, []string{w.Name, w.Text}
	err := w.Connector.Scan(w.ctx(), s, func(p connector.Page) error {
		for _, r := range p.Records {
			if _, twice := found[r.Ref.ID]; twice {
				w.t.Errorf("record %s is given twice", r.Ref.ID)
			}
			found[r.Ref.ID] = r
		}
		covered = p.Covered
		return nil
	})
	if err != nil {
		w.t.Fatalf("scan: %v", err)
	}
	return found, covered
}
