package console

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/oidc"
	"tandem/internal/store"
)

// Desk is what the console asks of the process that it runs in. All functions are safe
// for concurrent use; connection is one of Connections.
type Desk struct {
	Store *store.Store
	Now   func() time.Time
	Log   *slog.Logger
	// Connections gives the names of the connections in the order of the settings.
	Connections func() []string
	// Status tells how a connection stands.
	Status func(ctx context.Context, connection string) (engine.Status, error)
	// Stored gives a connection as the store knows it, to read of it alone.
	Stored func(ctx context.Context, connection string) (*engine.Engine, *engine.Conn, error)
	// Do has a command carried out where the connection is worked on, which may be another
	// process, and fills result with what it tells, nil for nothing.
	Do func(ctx context.Context, verb string, o Order, result any) error
	// Looked gives a look that takes its time, with why it found nothing; the zero one where
	// there never was one.
	Looked func(ctx context.Context, connection, what string) (store.Look, error)
	// Gate signs connections in to their sides.
	Gate Gate
	// Tell turns an error into what a person reads.
	Tell func(error) Trouble
	// Door is the identity provider by which people sign in besides passwords, nil for none.
	Door *Door
	// Telling is who is told what needs a person.
	Telling func() Telling
	// SettleTelling has others be told from now on; a blank secret is the one that is kept.
	SettleTelling func(ctx context.Context, by string, n config.Notify) error
	// Demo lets everybody in who has the link that Invite gives, with the rights of an
	// admin and without a password: for simulated sides only.
	Demo bool
}

// Order says what a command is about; each looks at its own part.
type Order struct {
	Connection string
	By         string // who asks, for the audit log
	Pair       core.Pair
	IDs        []string
	Refs       []core.Ref
	Category   core.Category
	Brakes     []string
	Sides      []core.Side
	Pick       engine.Pick // of an import
	Named      string      // ids that an import takes, one a line or in a column of CSV
	Due        bool
	Plan       int64
	Part       engine.PlanPart // of the plan
	Run        int64
	Undo       engine.UndoArgs
	// Settings are those to apply, as YAML, made from the version Base; DryRun tells what
	// they would do alone.
	Settings string
	Base     int64
	DryRun   bool
	// List is a list of mappings, Fields are the two that a mapping of it joins.
	List   string
	Fields [2]string
	Enough int    // records to look at; 0 for all
	Look   string // that takes its time
	Back   string // the page that the look is for
}

// Applied tells what applying settings did, or would do.
type Applied struct {
	Version int64              `json:"version"` // that counts
	Changed bool               `json:"changed"`
	Meaning []string           `json:"meaning,omitempty"`
	DryRun  bool               `json:"dry_run,omitempty"`
	Scope   []engine.Admission `json:"scope,omitempty"`
	People  *engine.Choice     `json:"people,omitempty"`      // where another contacts.from_hubspot counts
	Calls   map[string]int     `json:"spent_calls,omitempty"` // that finding out took
}

// SettingsChanged is the code of settings that were made from a version that is not the
// newest any more.
const SettingsChanged = "settings_changed"

// Trouble is an error as a person gets to see it.
type Trouble struct {
	Code    string `json:"code,omitempty"`
	Message string `json:"message"`
	Mend    string `json:"mend,omitempty"` // what to do, blank where nothing can be told
}

// Console answers browsers.
type Console struct {
	Desk
	hashing chan struct{} // bounds how many passwords are hashed at a time
	tries   *tries
	glances glances
	lately  calledLately
	demoKey string // digest of the demo's link, which stays good
}

// New makes a console.
func New(d Desk) *Console {
	return &Console{Desk: d, hashing: make(chan struct{}, hashers), tries: newTries(d.Now), glances: glances{of: map[string]*glance{}}}
}

// Handler answers all paths of the console, and those that it does not know.
func (c *Console) Handler() http.Handler {
	return hardened(http.NewCrossOriginProtection().Handler(http.MaxBytesHandler(&c.routes().mux, maxForm)))
}

// Patterns are those of the paths that the console answers, as [http.ServeMux] has them.
func (c *Console) Patterns() []string { return c.routes().patterns }

// routes are the paths of the console, each with what answers it.
type routes struct {
	mux      http.ServeMux
	patterns []string
}

// Handle has a path answered.
func (r *routes) Handle(pattern string, h http.Handler) {
	r.mux.Handle(pattern, h)
	r.patterns = append(r.patterns, pattern)
}

// HandleFunc has a path answered.
func (r *routes) HandleFunc(pattern string, h http.HandlerFunc) { r.Handle(pattern, h) }

func (c *Console) routes() *routes {
	mux := &routes{}
	mux.HandleFunc("GET /assets/{file}", serveAsset)
	c.openRoutes(mux)
	c.pageRoutes(mux)
	c.mappingRoutes(mux)
	c.connectRoutes(mux)
	c.addRoutes(mux)
	c.disconnectRoutes(mux)
	c.lookRoutes(mux)
	c.reviewRoutes(mux)
	mux.Handle("/", c.as(store.Viewer, func(v *visit) error { return notFound("There is no such page.") }))
	return mux
}

// openRoutes are those that nobody has to be signed in for.
func (c *Console) openRoutes(mux *routes) {
	mux.HandleFunc("GET /sign-in", c.open(c.signInPage))
	mux.HandleFunc("POST /sign-in", c.open(c.signIn))
	mux.HandleFunc("GET "+doorPath, c.open(c.leave))
	mux.HandleFunc("GET "+oidc.AnswerPath, c.open(c.comeBack))
	mux.HandleFunc("GET /welcome/{token}", c.open(c.welcomePage))
	mux.HandleFunc("POST /welcome/{token}", c.open(c.welcome))
}

// pageRoutes are those of people who are signed in, by the role that they need.
func (c *Console) pageRoutes(mux *routes) {
	for pattern, page := range map[string]func(*visit) error{
		"GET /{$}":                    c.overviewPage,
		"GET /live":                   c.overviewLive,
		"GET /rules":                  c.rulesPage,
		"POST /sign-out":              c.signOut,
		"GET /c/{connection}/records": c.findPage,
		"GET /c/{connection}/records/{pair}/{id}": c.recordPage,
		"GET /c/{connection}/live/{pair}/{id}":    c.recordLive,
		"GET /c/{connection}/runs":                c.runsPage,
		"GET /c/{connection}/runs/{run}":          c.runPage,
		"GET /c/{connection}/runs/{run}/live":     c.runLive,
		"GET /c/{connection}/plans":               c.plansPage,
		"GET /c/{connection}/plans/{plan}":        c.planPage,
		"GET /c/{connection}/plans/{plan}/live":   c.planLive,
		"GET /c/{connection}/issues":              c.issuesPage,
		"GET /c/{connection}/issues.csv":          c.issuesSheet,
		"GET /c/{connection}/settings":            c.settingsPage,
		"GET /c/{connection}/settings/{tab}":      c.settingsPage,
		"GET /c/{connection}/settings/versions":   c.versionsPage,
		"GET /c/{connection}/settings.yaml":       c.settingsFile,
	} {
		mux.Handle(pattern, c.as(store.Viewer, page))
	}
	for pattern, action := range map[string]func(*visit) error{
		"POST /c/{connection}/records/{pair}/{id}/resync": c.resync,
		"POST /c/{connection}/records/{pair}/{id}/unlink": c.unlink,
		"POST /c/{connection}/records/{pair}/{id}/link":   c.link,
		"POST /c/{connection}/issues/retry":               c.retryIssues,
		"GET /c/{connection}/runs/{run}/undo":             c.undoPage,
		"GET /c/{connection}/runs/{run}/undo/live":        c.undoLive,
		"POST /c/{connection}/runs/{run}/undo":            c.undo,
		"POST /c/{connection}/runs/{run}/cancel":          c.cancelRun,
		"GET /c/{connection}/import":                      c.importPage,
		"POST /c/{connection}/import":                     c.startImport,
		"POST /c/{connection}/plans":                      c.startPlan,
		"POST /c/{connection}/plans/{plan}/apply":         c.applyPlan,
		"POST /c/{connection}/pause":                      c.pause,
		"POST /c/{connection}/resume":                     c.resume,
	} {
		mux.Handle(pattern, c.as(store.Operator, action))
	}
	for pattern, page := range map[string]func(*visit) error{
		"GET /people":          c.peoplePage,
		"POST /people/invite":  c.invite,
		"POST /people/role":    c.changeRole,
		"POST /people/remove":  c.removeAccount,
		"POST /people/session": c.endSession,
		"POST /people/token":   c.makeToken,
		"POST /people/untoken": c.endToken,
		"GET /audit":           c.auditPage,

		"GET /notifications":       c.notificationsPage,
		"POST /notifications":      c.saveNotifications,
		"POST /notifications/test": c.testNotifications,

		"POST /c/{connection}/settings":        c.saveSettings,
		"POST /c/{connection}/settings/{tab}":  c.lookAtForm,
		"POST /c/{connection}/settings/again":  c.lookAgain,
		"GET /c/{connection}/settings/import":  c.importSettingsPage,
		"POST /c/{connection}/settings/import": c.lookAtFile,
		"POST /c/{connection}/settings/back":   c.lookAtVersion,

		"GET /c/{connection}/settings/look":      c.lookPage,
		"GET /c/{connection}/settings/look/live": c.lookLive,
	} {
		mux.Handle(pattern, c.as(store.Admin, page))
	}
}

// mappingRoutes are those of field mappings.
func (c *Console) mappingRoutes(mux *routes) {
	const list = "/c/{connection}/mappings/{list}"
	mux.Handle("GET /c/{connection}/mappings", c.as(store.Viewer, c.mappingsPage))
	mux.Handle("GET "+list, c.as(store.Viewer, c.mappingsPage))
	mux.Handle("GET "+list+"/one", c.as(store.Viewer, c.mappingPage))
	mux.Handle("POST "+list+"/backfill", c.as(store.Operator, c.backfill))
	mux.Handle("POST "+list+"/propose", c.as(store.Admin, c.proposeMappings))
	mux.Handle("GET "+list+"/proposed", c.as(store.Admin, c.proposedPage))
	mux.Handle("GET "+list+"/proposed/live", c.as(store.Admin, c.proposedLive))
	mux.Handle("POST "+list+"/proposed", c.as(store.Admin, c.addProposed))
	mux.Handle("POST "+list+"/one", c.as(store.Admin, c.lookAtMapping))
	mux.Handle("POST "+list+"/try", c.as(store.Admin, c.tryMapping))
	mux.Handle("POST "+list+"/drop", c.as(store.Admin, c.lookWithoutMapping))
	mux.Handle("POST "+list+"/preview", c.as(store.Admin, c.previewMappings))
}
