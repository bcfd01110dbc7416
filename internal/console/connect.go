package console

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/store"
)

// connectState is the page of how a connection reaches its two sides.
type connectState struct {
	signedIn [2]SignedIn
	accounts [2]string
	ended    bool // the connection is disconnected
	found    Preflight
	at       time.Time // when it was found; zero before the first look
	changed  bool      // the settings were since
	back     string    // where a side sends the browser to
	added    bool      // the connection was, at the console
	look     store.Look
	failed   *Trouble // why the last look found nothing
	unmade   *Trouble // why the fields could not be created, where that was tried last
	made     bool     // the fields were created since the last look
	said     string
	left     []string // for an admin of a side to do
	trouble  *Trouble
	tried    *Credentials // that the trouble is about
}

// connectRoutes are those of the page.
func (c *Console) connectRoutes(mux *routes) {
	mux.Handle("GET /c/{connection}/connect", c.as(store.Viewer, c.connectPage))
	mux.Handle("POST /c/{connection}/connect/check", c.as(store.Operator, c.checkSides))
	mux.Handle("GET /c/{connection}/connect/live", c.as(store.Viewer, c.checkLive))
	for pattern, page := range map[string]func(*visit) error{
		"GET /connect/back":                           c.connectAnswer,
		"POST /c/{connection}/connect/{side}":         c.enterSide,
		"POST /c/{connection}/connect/{side}/browser": c.leaveFor,
		"POST /c/{connection}/connect/{side}/forget":  c.forgetSide,
		"POST /c/{connection}/connect/prepare":        c.prepareSides,
	} {
		mux.Handle(pattern, c.as(store.Admin, page))
	}
}

func (c *Console) connectPage(v *visit) error {
	s, err := c.connectState(v)
	if err != nil {
		return err
	}
	if v.r.URL.Query().Has("added") {
		s.said = v.connection + " was added, with everything switched off. Sign in to both sides here, check them, then choose under Settings what syncs."
	}
	if side, err := sideAt(v.r.URL.Query().Get("connected")); err == nil {
		s.said = side.Label() + " is connected. Nothing is switched on by that: check both sides, then choose under Settings what syncs."
	}
	if side, err := sideAt(v.r.URL.Query().Get("forgotten")); err == nil {
		s.said = "The sign-in to " + side.Label() + " was forgotten. Nothing syncs until somebody signs in again; changes made meanwhile sync then."
	}
	return v.show(connectView(v, s))
}

func (c *Console) connectState(v *visit) (*connectState, error) {
	e, _, err := c.Stored(v.r.Context(), v.connection)
	if err != nil {
		return nil, err
	}
	v.now = c.Now() // what was asked for may have taken its time
	s := &connectState{back: v.origin() + "/connect/back", added: c.Gate.Added(v.connection)}
	if s.signedIn, err = c.Gate.SignedIn(v.r.Context(), v.connection); err != nil {
		return nil, err
	}
	if s.look, err = c.Looked(v.r.Context(), v.connection, LookCheck); err != nil {
		t := c.Tell(err)
		s.failed = &t
	}
	making, unmade := c.Looked(v.r.Context(), v.connection, LookPrepare)
	err = e.View(v.r.Context(), func(tx *store.Tx) error {
		row, err := tx.Connection(v.connection)
		if err != nil {
			return err
		}
		s.accounts, s.ended = row.Accounts, !row.Disconnected.IsZero()
		found, kept, ok, err := preflightOf(tx, row.ID)
		if err != nil || !ok {
			return err
		}
		s.found, s.at = found, kept.At
		latest, _, err := tx.SettingsLatest(row.ID)
		s.changed = latest.At.After(kept.At) || s.signedIn[core.Salesforce].At.After(kept.At) || s.signedIn[core.HubSpot].At.After(kept.At)
		return err
	})
	if err != nil {
		return nil, err
	}
	return s, c.addMaking(s, making, unmade)
}

// addMaking adds what became of the fields that were to be created, until both sides are
// looked at again; while they are created that is followed.
func (c *Console) addMaking(s *connectState, l store.Look, unmade error) error {
	switch {
	case l.Open():
		s.look = l
	case unmade != nil && !l.Ended.Before(s.look.Ended):
		t := c.Tell(unmade)
		s.unmade = &t
	case unmade == nil && !l.Found.IsZero() && !l.Found.Before(s.at):
		done, _, err := foundBy[Prepared](l)
		s.made, s.left = true, done.Left
		return err
	}
	return nil
}

// checkSides has both sides looked at, and shows what was found.
func (c *Console) checkSides(v *visit) error {
	o := v.order()
	o.Look = LookCheck
	if l, err := c.beginLook(v, o); err != nil && l.Error == "" {
		return err
	}
	return v.to(v.at("connect"))
}

// checkLive sends how far a preflight or the creation of fields is, and then what was found.
func (c *Console) checkLive(v *visit) error {
	what := LookCheck
	if l, _ := c.Looked(v.r.Context(), v.connection, LookPrepare); l.Open() {
		what = LookPrepare
	}
	return c.followed(v, what, func(context.Context) (templ.Component, error) {
		s, err := c.connectState(v)
		return preflightFound(v, s), err
	})
}

// prepareSides has Tandem's own fields made, and both sides looked at again.
func (c *Console) prepareSides(v *visit) error {
	if err := c.note(v, v.who.Name, "create fields", map[string]string{"connection": v.connection}); err != nil {
		return err
	}
	o := v.order()
	o.Look = LookPrepare
	if l, err := c.beginLook(v, o); err != nil && l.Error == "" {
		return err
	}
	return v.to(v.at("connect"))
}

// sideAt is the side of a word of an address.
func sideAt(word string) (core.Side, error) {
	for _, side := range core.Sides {
		if side.String() == word {
			return side, nil
		}
	}
	return 0, notFound("There is no such side.")
}

// credentials are those of a posted form.
func (v *visit) credentials() (Credentials, error) {
	side, err := sideAt(v.r.PathValue("side"))
	text := func(key string) string { return strings.TrimSpace(v.r.PostFormValue(key)) }
	secret := func(key string) config.Secret { return config.Secret(text(key)) }
	return Credentials{Connection: v.connection, By: v.who.Name, Side: side, Way: text("way"), LoginURL: text("login"), ClientID: text("client_id"), ClientSecret: secret("client_secret"),
		Username: text("username"), Key: secret("key"), Token: secret("token")}, err
}

// enterSide signs a side in by what was filled in.
func (c *Console) enterSide(v *visit) error {
	given, err := v.credentials()
	if err != nil {
		return err
	}
	if err := c.Gate.Enter(v.r.Context(), given); err != nil {
		return c.showRefused(v, &given, err)
	}
	return c.connected(v, given)
}

// forgetSide drops what was kept of a sign-in.
func (c *Console) forgetSide(v *visit) error {
	side, err := sideAt(v.r.PathValue("side"))
	if err != nil {
		return err
	}
	if err := c.Gate.Forget(v.r.Context(), v.connection, v.who.Name, side); err != nil {
		return err
	}
	if err := c.note(v, v.who.Name, "forget sign-in", map[string]string{"connection": v.connection, "side": side.String()}); err != nil {
		return err
	}
	return v.to(v.at("connect") + "?forgotten=" + side.String())
}

// leaveFor shows where the browser goes to for signing a side in. It goes by a link: a form
// may not lead out of the console.
func (c *Console) leaveFor(v *visit) error {
	given, err := v.credentials()
	if err != nil {
		return err
	}
	given.Way = WayBrowser
	back := v.origin() + "/connect/back"
	address, err := c.Gate.Leave(v.r.Context(), given, v.key, back)
	if err != nil {
		return c.showRefused(v, &given, err)
	}
	to, err := url.Parse(address)
	if err != nil {
		return err
	}
	return v.show(leaveView(v, given, to, back))
}

// connectAnswer takes the answer that a side sent the browser back with.
func (c *Console) connectAnswer(v *visit) error {
	given, err := c.Gate.Return(v.r.Context(), v.key, v.r.URL.Query())
	if err == nil {
		return c.connected(v, given)
	}
	if given.Connection == "" {
		return err
	}
	v.connection = given.Connection
	return c.showRefused(v, nil, err)
}

func (c *Console) connected(v *visit, given Credentials) error {
	err := c.note(v, v.who.Name, "connect", map[string]string{"connection": given.Connection, "side": given.Side.String()})
	if err != nil {
		return err
	}
	return v.to(at(given.Connection, "connect") + "?connected=" + given.Side.String())
}

// showRefused shows the page with why nobody was let in, and what was filled in but for
// secrets.
func (c *Console) showRefused(v *visit, given *Credentials, why error) error {
	t := c.Tell(why)
	if t.Code == "failed" {
		return why
	}
	s, err := c.connectState(v)
	if err != nil {
		return err
	}
	s.trouble, s.tried = &t, given
	v.w.WriteHeader(http.StatusUnprocessableEntity)
	return v.show(connectView(v, s))
}

// filled is what was filled in last for a side and way, blank for nothing.
func (s *connectState) filled(side core.Side, way string) Credentials {
	if s.tried == nil || s.tried.Side != side || s.tried.Way != way {
		return Credentials{}
	}
	return *s.tried
}

// login is where a form offers to sign in to Salesforce.
func (s *connectState) login(way string) string {
	if tried := s.filled(core.Salesforce, way).LoginURL; tried != "" {
		return tried
	}
	host := s.signedIn[core.Salesforce].Host
	if way == WayApp && (host == "https://login.salesforce.com" || host == "https://test.salesforce.com") {
		return ""
	}
	return host
}

// wayWords say how a side is signed in to.
var wayWords = map[string]string{
	"":             "not signed in",
	WayBrowser:     "an app that a person allowed in the browser",
	WayApp:         "an app by itself (client credentials)",
	WayCertificate: "an app that trusts a certificate (JWT)",
	WayToken:       "a token of a private app",
	WaySession:     "a session's access token, which ends by itself",
}

// stateSaid says what a colour of a whole preflight means.
var stateSaid = map[string][2]string{
	Green:  {"Green", "Both sides are ready for what the settings ask."},
	Yellow: {"Yellow", "It works; some things are worth a look."},
	Red:    {"Red", "Something has to be mended before everything can sync."},
}

// stateTone is how a colour of a preflight is shown.
var stateTone = map[string]string{Green: "good", Yellow: "look", Red: "bad"}

// accountWords are what an account of a side is called.
var accountWords = [2]string{"Org", "Portal"}

// opens reports that a way of signing in is shown unfolded: it was just tried, or nobody is
// signed in and it is the first.
func (s *connectState) opens(side core.Side, way string) bool {
	if s.tried != nil && s.tried.Side == side {
		return s.tried.Way == way
	}
	return s.signedIn[side].Way == "" && way == WayBrowser
}

// words say how a side is signed in to, and who did it at the console.
func (s SignedIn) words() string {
	if s.By == "" {
		return wayWords[s.Way]
	}
	return wayWords[s.Way] + " (" + s.By + ")"
}
