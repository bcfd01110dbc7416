// Package storetest is the suite that every database of the store must pass, and
// what tests of other packages need to open a store.
package storetest

import (
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/store"
)

// Run runs the suite. address gives the address of a new, empty store at each
// call.
func Run(t *testing.T, address func(testing.TB) string) {
	s := suite{address: address}
	for _, test := range []struct {
		name string
		run  func(suite, *testing.T)
	}{
		{"Open", suite.testOpen},
		{"Lock", suite.testLock},
		{"Commit", suite.testCommit},
		{"Names", suite.testNames},
		{"Text", suite.testText},
		{"Connections", suite.testConnections},
		{"Settings", suite.testSettings},
		{"Cursors", suite.testCursors},
		{"Dirty", suite.testDirty},
		{"DirtyLaws", suite.testDirtyLaws},
		{"Links", suite.testLinks},
		{"LinksOf", suite.testLinksOf},
		{"ACC14_OneToOne", suite.testOneToOne},
		{"ACC14_LinkLaws", suite.testLinkLaws},
		{"Seen", suite.testSeen},
		{"Shown", suite.testShown},
		{"INC_Members", suite.testMembers},
		{"Journal", suite.testJournal},
		{"JournalPrune", suite.testJournalPrune},
		{"JournalRedact", suite.testJournalRedact},
		{"R19_Tombstones", suite.testTombstones},
		{"R19_Erase", suite.testErase},
		{"OPT7_Consent", suite.testConsent},
		{"R19_ConsentErased", suite.testConsentErased},
		{"OPT7_Ticks", suite.testTicks},
		{"OPT7_TicksBeside", suite.testTicksBeside},
		{"OPT6_INST7_BoxesHeld", suite.testBoxesHeld},
		{"Intents", suite.testIntents},
		{"ERR1_Issues", suite.testIssues},
		{"ERR1_Unsynced", suite.testUnsynced},
		{"LIM4_Apart", suite.testApart},
		{"R19_Merged", suite.testMerged},
		{"LIM29_Former", suite.testFormer},
		{"A7_Fields", suite.testFields},
		{"ACT3_Happenings", suite.testHappenings},
		{"R19_HappeningsErased", suite.testHappeningsErased},
		{"Plans", suite.testPlans},
		{"Runs", suite.testRuns},
		{"RunForget", suite.testRunForget},
		{"EngineRuns", suite.testEngineRuns},
		{"LinksBlocked", suite.testLinksBlocked},
		{"Commands", suite.testCommands},
		{"Brakes", suite.testBrakes},
		{"BrakeLinks", suite.testBrakeLinks},
		{"BrakeSample", suite.testBrakeSample},
		{"AuditAndSecrets", suite.testAuditAndSecrets},
		{"Accounts", suite.testAccounts},
		{"Sessions", suite.testSessions},
		{"Tokens", suite.testTokens},
		{"Preflights", suite.testPreflights},
		{"ERR2_Notices", suite.testNotices},
		{"ERR2_Told", suite.testTold},
		{"ERR2_News", suite.testNews},
		{"SUS1_DueSince", suite.testDueSince},
		{"Invites", suite.testInvites},
		{"AuditBack", suite.testAuditBack},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(s, t) })
	}
}

type suite struct{ address func(testing.TB) string }

// SQLite is the address of a new SQLite store in the test's folder.
func SQLite(t testing.TB) string {
	return "sqlite://" + filepath.Join(t.TempDir(), "tandem.db")
}

// Start is the time that the clock of Open shows first.
var Start = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// Open opens a store for a test and closes it at its end. Without a clock in the
// options it is always Start.
func Open(t testing.TB, address string, o store.Options) *store.Store {
	t.Helper()
	if o.Now == nil {
		o.Now = func() time.Time { return Start }
	}
	s, err := store.Open(t.Context(), address, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeStore(t, s) })
	return s
}

func closeStore(t testing.TB, s *store.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Errorf("close the store: %v", err)
	}
}

// Connect gives the id of the connection of that name, made when there is none.
func Connect(t testing.TB, s *store.Store, name string) int64 {
	t.Helper()
	var c store.Connection
	err := s.Update(t.Context(), func(tx *store.Tx) (err error) {
		c, err = tx.ConnectionEnsure(name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return c.ID
}

// fixture is a store with one connection and a clock that tests move.
type fixture struct {
	*testing.T
	s    *store.Store
	conn int64
	ms   *atomic.Int64 // the clock
}

func (s suite) fixture(t *testing.T) *fixture {
	f := &fixture{T: t, ms: new(atomic.Int64)}
	f.ms.Store(Start.UnixMilli())
	f.s = Open(t, s.address(t), store.Options{Now: f.now})
	f.conn = Connect(t, f.s, "acme")
	return f
}

func (f *fixture) now() time.Time { return time.UnixMilli(f.ms.Load()).UTC() }

func (f *fixture) later(d time.Duration) time.Time {
	return time.UnixMilli(f.ms.Add(d.Milliseconds())).UTC()
}

// update and view run fn and end the test at an error.
func (f *fixture) update(fn func(*store.Tx) error) {
	f.Helper()
	if err := f.s.Update(f.Context(), fn); err != nil {
		f.Fatal(err)
	}
}

func (f *fixture) view(fn func(*store.Tx) error) {
	f.Helper()
	if err := f.s.View(f.Context(), fn); err != nil {
		f.Fatal(err)
	}
}

// refuse runs fn, which must fail with the code, and rolls back.
func (f *fixture) refuse(code store.Code, fn func(*store.Tx) error) {
	f.Helper()
	err := f.s.Update(f.Context(), fn)
	if store.CodeOf(err) != code {
		f.Errorf("error %v has code %q, want %q", err, store.CodeOf(err), code)
	}
}

func account(id string) core.Ref {
	return core.Ref{Side: core.Salesforce, Object: core.Account, ID: id}
}

func companyRef(id string) core.Ref {
	return core.Ref{Side: core.HubSpot, Object: core.Companies, ID: id}
}

func contact(id string) core.Ref {
	return core.Ref{Side: core.Salesforce, Object: core.Contact, ID: id}
}

func lead(id string) core.Ref { return core.Ref{Side: core.Salesforce, Object: core.Lead, ID: id} }
