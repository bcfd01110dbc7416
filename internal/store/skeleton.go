// Package store keeps the engine's durable state on SQLite or PostgreSQL.
package store

import (
	"context"
	"errors"
	"io"
	"time"

	"tandem/internal/core"
)

var errSkeleton = errors.New("store: not built yet")

type Options struct {
	Now                       func() time.Time // required unless ReadOnly
	ReadOnly                  bool             // no lock, no migration, no writes
	Guest                     bool             // no lock, no migration; writes allowed beside a running engine (commands, settings)
	Random                    io.Reader        // nil: crypto/rand
	BeforeCommit, AfterCommit func(n int64) error
}
type Store struct{}
type Tx struct{}

func Open(ctx context.Context, dsn string, o Options) (*Store, error) { return nil, errSkeleton }
func (s *Store) Update(ctx context.Context, fn func(*Tx) error) error { return errSkeleton }
func (s *Store) View(ctx context.Context, fn func(*Tx) error) error   { return errSkeleton }
func (s *Store) Close() error                                         { return nil }
func (s *Store) Epoch() Epoch                                         { return Epoch{} }
func (s *Store) Size(ctx context.Context) (int64, error)              { return 0, errSkeleton }
func (s *Store) Analyze(ctx context.Context) error                    { return errSkeleton }

type Epoch struct {
	Identity string // random, drawn when the store was created
	Opens    int64  // engines that have opened it, this one included
}

type Connection struct {
	ID           int64
	Name         string
	Accounts     [2]string
	Paused       bool
	Suspended    string
	Switched     map[core.Pair]time.Time
	Disconnected time.Time
}

func (t *Tx) ConnectionEnsure(name string) (Connection, error) { return Connection{}, errSkeleton }
func (t *Tx) ConnectionSave(c Connection) error                { return errSkeleton }
func (t *Tx) Connections() ([]Connection, error)               { return nil, errSkeleton }

type Settings struct {
	Version int64
	Body    []byte
	By      string
	At      time.Time
}

func (t *Tx) SettingsAppend(conn int64, body []byte, by string) (int64, error) { return 0, errSkeleton }
func (t *Tx) SettingsLatest(conn int64) (Settings, bool, error) {
	return Settings{}, false, errSkeleton
}
func (t *Tx) SettingsAt(conn, version int64) (Settings, error) { return Settings{}, errSkeleton }
func (t *Tx) SettingsList(conn int64) ([]Settings, error)      { return nil, errSkeleton }

type Cursor struct {
	Side  core.Side
	Name  string
	Value string
	At    time.Time
}

func (t *Tx) Cursor(conn int64, side core.Side, name string) (Cursor, bool, error) {
	return Cursor{}, false, errSkeleton
}
func (t *Tx) CursorSet(conn int64, side core.Side, name, value string) error { return errSkeleton }
func (t *Tx) CursorClear(conn int64, side core.Side, name string) error      { return errSkeleton }
func (t *Tx) Cursors(conn int64) ([]Cursor, error)                           { return nil, errSkeleton }

type Stats struct {
	Due, Waiting int
	Oldest, Next time.Time
}

func (t *Tx) Mark(conn int64, entries []core.Dirty) error { return errSkeleton }
func (t *Tx) Due(conn int64, pair core.Pair, now time.Time, limit int, skip func(core.Ref) bool) ([]core.Dirty, error) {
	return nil, errSkeleton
}
func (t *Tx) DirtyOf(conn int64, refs []core.Ref) (map[core.Ref]core.Dirty, error) {
	return nil, errSkeleton
}
func (t *Tx) Settle(conn int64, entries []core.Dirty) (left int, err error) { return 0, errSkeleton }
func (t *Tx) Postpone(conn int64, d core.Dirty, notBefore time.Time) error  { return errSkeleton }
func (t *Tx) DirtyStats(conn int64) (map[core.Pair]Stats, error)            { return nil, errSkeleton }

func (t *Tx) LinksOf(conn int64, refs []core.Ref) (map[core.Ref]*core.Link, error) {
	return nil, errSkeleton
}
func (t *Tx) LinkInsert(conn int64, links ...*core.Link) error { return errSkeleton }
func (t *Tx) LinkSave(conn int64, links ...*core.Link) error   { return errSkeleton }
func (t *Tx) Link(conn, id int64) (*core.Link, error)          { return nil, errSkeleton }
func (t *Tx) Links(conn int64, pair core.Pair, state core.LinkState, afterID int64, limit int) ([]*core.Link, error) {
	return nil, errSkeleton
}
func (t *Tx) LinkCounts(conn int64) (map[core.Pair]map[core.LinkState]int, error) {
	return nil, errSkeleton
}
func (t *Tx) AliasAdd(conn int64, old core.Ref, link int64) error { return errSkeleton }

type Seen struct {
	Stamp   time.Time
	Pass    int64
	Deleted bool
}
type SeenRow struct {
	Ref core.Ref
	Seen
}

func (t *Tx) SeenOf(conn int64, refs []core.Ref) (map[core.Ref]Seen, error) { return nil, errSkeleton }
func (t *Tx) SeenPut(conn int64, rows []SeenRow) error                      { return errSkeleton }
func (t *Tx) SeenBefore(conn int64, side core.Side, object core.Object, pass int64, afterID string, limit int) ([]SeenRow, error) {
	return nil, errSkeleton
}
func (t *Tx) SeenCount(conn int64, side core.Side, object core.Object) (int, error) {
	return 0, errSkeleton
}

type EntryKind string

const (
	EntryDecision EntryKind = "decision"
	EntryIntent   EntryKind = "intent"
	EntryOutcome  EntryKind = "outcome"
	EntryConflict EntryKind = "conflict"
	EntryNote     EntryKind = "note"
)

type Entry struct {
	Seq    int64
	At     time.Time // zero: the transaction's time
	Run    int64
	Pair   core.Pair
	Ref    core.Ref
	LinkID int64
	Kind   EntryKind
	Body   []byte // JSON
}

func (t *Tx) JournalAppend(conn int64, entries []Entry) error { return errSkeleton }
func (t *Tx) History(conn int64, refs []core.Ref, beforeSeq int64, limit int) ([]Entry, error) {
	return nil, errSkeleton
}
func (t *Tx) JournalOfRun(run, afterSeq int64, limit int) ([]Entry, error)    { return nil, errSkeleton }
func (t *Tx) Conflicts(conn, afterSeq int64, limit int) ([]Entry, error)      { return nil, errSkeleton }
func (t *Tx) JournalRedact(conn int64, ref core.Ref) error                    { return errSkeleton }
func (t *Tx) JournalPrune(olderThan time.Time, maxBytes int64) (int64, error) { return 0, errSkeleton }

type Intent struct {
	Op      core.Op
	LinkID  int64
	Dirty   core.Ref
	Call    string
	At      time.Time
	Unknown time.Time // zero until IntentUnknown
}

func (t *Tx) IntentsPut(conn int64, intents []Intent) error { return errSkeleton }
func (t *Tx) IntentsOpen(conn int64) ([]Intent, error)      { return nil, errSkeleton }
func (t *Tx) IntentsOf(conn int64, refs []core.Ref) (map[core.Ref]bool, error) {
	return nil, errSkeleton
}
func (t *Tx) IntentsSettle(conn int64, keys []string) error               { return errSkeleton }
func (t *Tx) IntentUnknown(conn int64, key string, since time.Time) error { return errSkeleton }

type IssueFilter struct {
	Pair     core.Pair
	Category core.Category
	Field    string
	After    int64
	Limit    int
}
type IssueCount struct {
	Pair     core.Pair
	Category core.Category
	Count    int
}

func (t *Tx) IssueOpen(conn int64, issues ...core.Issue) error            { return errSkeleton }
func (t *Tx) IssueClose(conn int64, ref core.Ref, fields ...string) error { return errSkeleton }
func (t *Tx) IssuesOf(conn int64, refs []core.Ref) (map[core.Ref][]core.Issue, error) {
	return nil, errSkeleton
}
func (t *Tx) Issues(conn int64, f IssueFilter) ([]core.Issue, error) { return nil, errSkeleton }
func (t *Tx) IssueCounts(conn int64) ([]IssueCount, error)           { return nil, errSkeleton }

type PlanState string

const (
	PlanBuilding  PlanState = "building"
	PlanReady     PlanState = "ready"
	PlanApplying  PlanState = "applying"
	PlanApplied   PlanState = "applied"
	PlanAbandoned PlanState = "abandoned"
)

type Plan struct {
	ID      int64
	Conn    int64
	Meta    []byte
	State   PlanState
	Counts  []byte
	Created time.Time
}
type ItemState string

const (
	ItemPending ItemState = "pending"
	ItemApplied ItemState = "applied"
	ItemRefused ItemState = "refused"
	ItemFailed  ItemState = "failed"
)

type PlanItem struct {
	Seq       int64
	Ref       core.Ref
	Reasons   core.Reasons
	Ops       []byte
	Decisions []byte
	State     ItemState
	Note      string
}

func (t *Tx) PlanCreate(conn int64, meta []byte) (int64, error)                { return 0, errSkeleton }
func (t *Tx) PlanAppend(plan int64, items []PlanItem) error                    { return errSkeleton }
func (t *Tx) Plan(id int64) (Plan, error)                                      { return Plan{}, errSkeleton }
func (t *Tx) Plans(conn int64, limit int) ([]Plan, error)                      { return nil, errSkeleton }
func (t *Tx) PlanItems(plan, afterSeq int64, limit int) ([]PlanItem, error)    { return nil, errSkeleton }
func (t *Tx) PlanItemDone(plan, seq int64, state ItemState, note string) error { return errSkeleton }
func (t *Tx) PlanSave(p Plan) error                                            { return errSkeleton }
func (t *Tx) PlanDrop(id int64) error                                          { return errSkeleton }

type RunState string

const (
	RunQueued    RunState = "queued"
	RunRunning   RunState = "running"
	RunPaused    RunState = "paused"
	RunDone      RunState = "done"
	RunFailed    RunState = "failed"
	RunCancelled RunState = "cancelled"
)

type Run struct {
	ID                      int64
	Conn                    int64
	Kind                    string
	Args                    []byte
	State                   RunState
	Total, Done, Failed     int64
	Checkpoint              string
	Created, Started, Ended time.Time
	Error                   string
}

func (t *Tx) RunCreate(r Run) (int64, error)            { return 0, errSkeleton }
func (t *Tx) RunSave(r Run) error                       { return errSkeleton }
func (t *Tx) Run(id int64) (Run, error)                 { return Run{}, errSkeleton }
func (t *Tx) Runs(conn int64, limit int) ([]Run, error) { return nil, errSkeleton }
func (t *Tx) RunPending(run int64, after core.Ref, limit int) ([]core.Dirty, error) {
	return nil, errSkeleton
}

type Command struct {
	ID            int64
	Verb          string
	Args          []byte
	Result        []byte
	Error         string
	Created, Done time.Time
}

func (t *Tx) CommandPut(verb string, args []byte) (int64, error)        { return 0, errSkeleton }
func (t *Tx) CommandsOpen() ([]Command, error)                          { return nil, errSkeleton }
func (t *Tx) CommandDone(id int64, result []byte, errText string) error { return errSkeleton }
func (t *Tx) Command(id int64) (Command, error)                         { return Command{}, errSkeleton }

type Brake struct {
	Kind    string
	Reason  string
	Details []byte // JSON
	At      time.Time
}

func (t *Tx) BrakeSet(conn int64, b Brake) error           { return errSkeleton }
func (t *Tx) Brakes(conn int64) ([]Brake, error)           { return nil, errSkeleton }
func (t *Tx) BrakeClear(conn int64, kind, by string) error { return errSkeleton }

type AuditEntry struct {
	Seq     int64
	At      time.Time
	Who     string
	Action  string
	Details []byte // JSON
}

func (t *Tx) AuditAppend(who, action string, details []byte) error  { return errSkeleton }
func (t *Tx) Audit(after int64, limit int) ([]AuditEntry, error)    { return nil, errSkeleton }
func (t *Tx) SecretSet(conn int64, name string, value []byte) error { return errSkeleton }
func (t *Tx) Secret(conn int64, name string) ([]byte, bool, error)  { return nil, false, errSkeleton }
