package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/console"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// request are the arguments of a task; each task looks at its own.
type request struct {
	Connection string          `json:"connection"`
	By         string          `json:"by"`
	Pair       core.Pair       `json:"pair,omitempty"`
	IDs        []string        `json:"ids,omitempty"`
	Sides      []core.Side     `json:"sides,omitempty"`
	Refs       []core.Ref      `json:"refs,omitempty"`
	Pick       engine.Pick     `json:"pick,omitzero"`
	Named      string          `json:"named,omitempty"` // ids, one a line or in a column of CSV
	Linked     bool            `json:"linked,omitempty"`
	Due        bool            `json:"due,omitempty"`
	Plan       int64           `json:"plan,omitempty"`
	Part       engine.PlanPart `json:"part,omitzero"` // of the plan
	Run        int64           `json:"run,omitempty"`
	Undo       engine.UndoArgs `json:"undo,omitzero"`
	Category   string          `json:"category,omitempty"`
	Brakes     []string        `json:"brakes,omitempty"`
	Settings   string          `json:"settings,omitempty"`
	FromFile   bool            `json:"from_file,omitempty"` // the settings are those of the settings file now
	DryRun     bool            `json:"dry_run,omitempty"`   // tell what the settings would do; they do not count
	Base       int64           `json:"base,omitempty"`      // the version that the settings were made from; 0 for any
	List       string          `json:"list,omitempty"`      // of mappings
	Fields     [2]string       `json:"fields,omitzero"`     // that a mapping joins
	Enough     int             `json:"enough,omitempty"`    // records to look at; 0 for all
	Look       string          `json:"look,omitempty"`      // that takes its time
	Back       string          `json:"back,omitempty"`      // the page that the look is for

	Events []connector.Event `json:"events,omitempty"` // of a webhook
}

// task is a piece of acting work on one connection. It runs where the engine is:
// in this process, or in the one that finds it as a stored command.
type task func(ctx context.Context, w *world, rq request) (any, error)

// onSides is a task that needs both sides reached.
func onSides(fn func(context.Context, *wired, request) (any, error)) task {
	return func(ctx context.Context, w *world, rq request) (any, error) {
		c, err := w.wire(ctx, rq.Connection)
		if err != nil {
			return nil, err
		}
		return fn(ctx, &wired{sides: c.sides, engine: c.engine.As(rq.By), conn: c.conn}, rq)
	}
}

// inStore is a task that needs the store alone: it works while a side is down.
func inStore(fn func(context.Context, *wired, request) (any, error)) task {
	return func(ctx context.Context, w *world, rq request) (any, error) {
		c, err := w.offline(ctx, rq.Connection)
		if err != nil {
			return nil, err
		}
		return fn(ctx, &wired{engine: c.engine.As(rq.By), conn: c.conn}, rq)
	}
}

// offline gives a connection without reaching its sides, unless they are
// reached already.
func (w *world) offline(ctx context.Context, name string) (*wired, error) {
	if c := w.live(name); c != nil {
		return c, nil
	}
	settings, err := w.effective(ctx, name)
	if err != nil {
		return nil, err
	}
	e, err := engine.New(ctx, w.options(), nil)
	if err != nil {
		return nil, err
	}
	conn, err := e.Offline(ctx, settings)
	return &wired{engine: e, conn: conn}, err
}

// tasks are all acting tasks by the verb that stored commands name.
func tasks() map[string]task {
	return map[string]task{
		"explain": doExplain, "plan": patiently(doPlan), "apply": doApply,
		"begin plan": inStore(doBeginPlan), makePlanVerb: doMakePlan, "begin apply": inStore(doBeginApply), applyPartVerb: doApply,
		"import": importing, "owners": onSides(doOwners), "backfill": inStore(doBackfill), "resync": doResync, "retry": inStore(doRetry),
		"link": onSides(doLink), "meet": patiently(doMeet), "names": patiently(doNames), "unlink": inStore(doUnlink), "apart": inStore(doApart), takeBackVerb: inStore(doTakeBackApart), "scope": onSides(doScope),
		"open": inStore(doOpen), "pause": inStore(doPause), "cancel": inStore(doCancel), "undo": inStore(doUndo), "associations": inStore(doAssociations), "plan undo": onSides(doPlanUndo), "calls": doCalls, "resume": doResume, "disconnect": doDisconnect, console.BeginDisconnect: doBeginDisconnect,
		"settings": doSettings, "work": doWork, "once": doOnce, "sync": doSync, webhookVerb: doWebhook, "find": onSides(doFind), "field sheet": onSides(doFieldSheet), "try mapping": onSides(doTryMapping), "begin preview": inStore(doBeginPreview),
		"begin look": inStore(doBeginLook), lookVerb: doLook, "stop look": inStore(doStopLook),
		"check": doCheck, "rewire": doRewire, console.TestNotifications: doTestNotifications,
	}
}

// session is a store to act on: as its engine, or as a guest of the engine that
// runs elsewhere.
type session struct {
	app   *app
	world *world       // nil for a guest
	guest *store.Store // nil for the engine
	end   func() error
}

// store is the store of the session.
func (s *session) store() *store.Store {
	if s.world != nil {
		return s.world.store
	}
	return s.guest
}

// act runs fn with a session. As the engine it carries out the commands of
// other processes meanwhile.
func (a *app) act(ctx context.Context, fn func(context.Context, *session) error) (err error) {
	s, err := a.session(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if closed := s.close(); err == nil {
			err = closed
		}
	}()
	_ = a.pairs(ctx) // watch looks at them beside the verb
	return fn(ctx, s)
}

func (a *app) session(ctx context.Context) (*session, error) {
	f, err := a.load()
	if err != nil {
		return nil, err
	}
	s := &session{app: a}
	if err = s.become(ctx, f); store.CodeOf(err) != store.Locked {
		return s, err
	}
	s.guest, err = store.Open(ctx, f.Store, store.Options{Now: a.now, Guest: true})
	return s, err
}

// become makes the session the store's engine.
func (s *session) become(ctx context.Context, f *config.File) error {
	s.app.boundMemory()
	w, err := s.app.openWorld(ctx, f)
	if err != nil {
		return err
	}
	if s.guest != nil {
		_ = s.guest.Close() // it only read and left commands
		s.guest = nil
	}
	s.world = w
	commands, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- w.outlast(commands, func() error { return w.commands(commands) }) }()
	s.end = sync.OnceValue(func() error { stop(); return <-done })
	return nil
}

func (s *session) close() error {
	if s.world == nil {
		return s.guest.Close()
	}
	err := s.end()
	if closed := s.world.Close(); err == nil {
		err = closed
	}
	return err
}

// do carries out a task, here or by the running engine, and fills result.
func (s *session) do(ctx context.Context, verb string, rq request, result any) error {
	rq.By = actor()
	var body []byte
	var err error
	if s.world != nil {
		body, err = s.world.carryOut(ctx, verb, rq)
	} else {
		body, err = s.ask(ctx, verb, rq)
	}
	if err != nil || result == nil {
		return err
	}
	return json.Unmarshal(body, result)
}

// carryOut runs a task in this process.
func (w *world) carryOut(ctx context.Context, verb string, rq request) ([]byte, error) {
	run, ok := tasks()[verb]
	if !ok {
		return nil, refused(fmt.Sprintf("this release does not know the command %q", verb), "update the process that runs the engine")
	}
	out, err := run(ctx, w, rq)
	if err != nil {
		return nil, err
	}
	return json.Marshal(out)
}

const (
	commandEvery = 200 * time.Millisecond // between two looks for commands or their end
	takeOverTry  = 2 * time.Second        // between two tries to become the engine
	commandStale = time.Hour              // who asked has gone away
)

// ask leaves a command for the running engine and waits for its end. When that
// engine goes away the session becomes the engine and does it itself.
func (s *session) ask(ctx context.Context, verb string, rq request) ([]byte, error) {
	args, err := json.Marshal(rq)
	if err != nil {
		return nil, err
	}
	var id int64
	err = s.guest.Update(ctx, func(tx *store.Tx) (err error) { id, err = tx.CommandPut(verb, args); return err })
	if err != nil {
		return nil, err
	}
	tick := time.NewTicker(commandEvery)
	defer tick.Stop()
	for tried := s.app.now(); ; {
		select {
		case <-ctx.Done():
			s.withdraw(id)
			return nil, ctx.Err()
		case <-tick.C:
		}
		c, err := command(ctx, s.guest, id)
		if err != nil || !c.Done.IsZero() {
			return c.Result, failure(c, err)
		}
		if s.app.now().Sub(tried) < takeOverTry {
			continue
		}
		tried = s.app.now()
		switch err := s.takeOver(ctx); {
		case err == nil:
			return s.own(ctx, id)
		case store.CodeOf(err) != store.Locked:
			return nil, err // the engine is gone, and its store cannot be opened here
		}
	}
}

func command(ctx context.Context, st *store.Store, id int64) (c store.Command, err error) {
	err = st.View(ctx, func(tx *store.Tx) (err error) { c, err = tx.Command(id); return err })
	return c, err
}

func failure(c store.Command, err error) error {
	if err == nil && c.Error != "" {
		return unpack(c.Error)
	}
	return err
}

// withdraw takes back a command that nobody waits for any more.
func (s *session) withdraw(id int64) {
	p := &problem{Code: codeInterrupted, Message: "withdrawn", exit: exitNot}
	_ = s.guest.Update(context.Background(), func(tx *store.Tx) error { return tx.CommandDone(id, nil, p.pack()) })
}

func (s *session) takeOver(ctx context.Context) error {
	f, err := s.app.load()
	if err != nil {
		return err
	}
	return s.become(ctx, f)
}

// own waits for the command after this process became the engine: its command
// loop has found it.
func (s *session) own(ctx context.Context, id int64) ([]byte, error) {
	for {
		c, err := command(ctx, s.world.store, id)
		if err != nil || !c.Done.IsZero() {
			return c.Result, failure(c, err)
		}
		if err := connector.Pause(ctx, commandEvery); err != nil {
			return nil, err
		}
	}
}

// commands carries out what other processes ask for until ctx ends, and keeps the
// counts of calls for them to see. What is not done by then stays for the next
// engine.
func (w *world) commands(ctx context.Context) error {
	g, inner := errgroup.WithContext(ctx)
	taken := map[int64]bool{}
	for saved := w.app.now(); inner.Err() == nil; {
		open, err := w.openCommands(inner)
		if now := w.app.now(); err == nil && now.Sub(saved) >= saveCallsEvery {
			saved, err = now, w.saveCalls(inner)
		}
		if err != nil {
			g.Go(func() error { return err })
			break
		}
		for _, c := range open {
			if !taken[c.ID] && w.concerns(c) {
				taken[c.ID] = true
				g.Go(func() error { return w.command(inner, c) })
			}
		}
		_ = connector.Pause(inner, commandEvery) // the loop looks at inner itself
	}
	return unlessStopped(ctx, g.Wait())
}

// unlessStopped is err, or nil where ctx has ended: being stopped is no error.
func unlessStopped(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return nil
}

func (w *world) openCommands(ctx context.Context) (open []store.Command, err error) {
	err = w.store.View(ctx, func(tx *store.Tx) (err error) { open, err = tx.CommandsOpen(); return err })
	return open, err
}

// command carries out one command and stores its end.
func (w *world) command(ctx context.Context, c store.Command) error {
	body, err := w.answer(ctx, c)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	text := ""
	if err != nil {
		text = problemOf(err).pack()
	}
	err = w.store.Update(ctx, func(tx *store.Tx) error {
		if c.Verb == webhookVerb {
			return tx.CommandDrop(c.ID)
		}
		return tx.CommandDone(c.ID, body, text)
	})
	if store.CodeOf(err) == store.NotFound {
		return nil // withdrawn meanwhile
	}
	return err
}

func (w *world) answer(ctx context.Context, c store.Command) ([]byte, error) {
	if w.app.now().Sub(c.Created) > commandStale && c.Verb != webhookVerb && !ordered(c.Verb) {
		return nil, refused("the command is too old", "give it again")
	}
	var rq request
	if err := json.Unmarshal(c.Args, &rq); err != nil {
		return nil, fmt.Errorf("read command %d: %w", c.ID, err)
	}
	return w.carryOut(ctx, c.Verb, rq)
}

// engineMemory is what the engine's own heap is kept near: beside it stand the
// database's cache and the program itself, together under 100 MiB.
const engineMemory = 44 << 20

// boundMemory makes the collector work harder rather than let the heap grow. An
// operator's GOMEMLIMIT stands.
func (a *app) boundMemory() {
	if _, set := os.LookupEnv("GOMEMLIMIT"); a.alone && !set {
		debug.SetMemoryLimit(engineMemory)
	}
}
