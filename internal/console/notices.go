package console

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"tandem/internal/config"
	"tandem/internal/notify"
	"tandem/internal/store"
)

// Telling is who is told by the settings what needs a person.
type Telling struct {
	Ways []Way
	// Settings say the rest, without secrets.
	Settings config.Notify
	InFile   bool // the settings file says who is told
	// Unread is why what was settled here cannot be read, so that nobody is told; nil where it
	// can be.
	Unread *Trouble
}

// Way is one way in which people are told.
type Way struct{ Name, To string }

// Tried is what became of a test by one way.
type Tried struct {
	Way     string   `json:"way"`
	To      string   `json:"to"`
	Trouble *Trouble `json:"trouble,omitempty"` // nil for taken
}

// TestNotifications is the command that sends a test by every way.
const TestNotifications = "test notifications"

// noticesShown is how many notices the page lists.
const noticesShown = 50

// notices is what the page about notifications shows.
type notices struct {
	all     []store.Notice
	tried   []Tried
	trouble *Trouble // with what was filled in
	given   config.Notify
	said    string
}

func (c *Console) notificationsPage(v *visit) error {
	n := notices{given: c.Telling().Settings}
	if v.r.URL.Query().Has("saved") {
		n.said = "That counts now. Send a test to see whether it arrives."
	}
	return c.showNotices(v, n)
}

func (c *Console) showNotices(v *visit, n notices) error {
	err := c.Store.View(v.r.Context(), func(tx *store.Tx) (err error) { n.all, err = tx.Notices(noticesShown); return err })
	if err != nil {
		return err
	}
	return v.show(noticesView(v, c.Telling(), n))
}

// testNotifications sends a test by every way, at once.
func (c *Console) testNotifications(v *visit) error {
	var tried []Tried
	if err := c.Do(v.r.Context(), TestNotifications, v.order(), &tried); err != nil {
		return err
	}
	return c.showNotices(v, notices{tried: tried, given: c.Telling().Settings})
}

// filledNotify is who is to be told by what was filled in. A blank secret stands for the one
// that is kept, and so does the address of a webhook, which may be one.
func filledNotify(v *visit) config.Notify {
	text := func(key string) string { return strings.TrimSpace(v.r.PostFormValue(key)) }
	secret := func(key string) config.Secret { return config.Secret(text(key)) }
	n := config.Notify{Every: text("every"), Console: text("console"), To: strings.FieldsFunc(text("to"), func(r rune) bool { return strings.ContainsRune(" ,;\r\n", r) })}
	for _, kind := range []notify.Kind{notify.KindRunFailed, notify.KindIssues} {
		if text(string(kind)) == "" {
			n.LeaveOut = append(n.LeaveOut, string(kind))
		}
	}
	if text("address") != "" {
		n.SMTP = &config.SMTP{Address: text("address"), From: text("from"), TLS: text("tls"), Username: text("username"), Password: secret("password")}
	}
	if text("no_webhook") == "" {
		n.Webhook = &config.NoticeHook{URL: text("url"), Secret: secret("secret"), OwnNetwork: text("own_network") != ""}
	}
	return n
}

// saveNotifications has other people be told, or others ways be taken.
func (c *Console) saveNotifications(v *visit) error {
	n := notices{given: filledNotify(v)}
	err := c.SettleTelling(v.r.Context(), v.who.Name, n.given)
	if err == nil {
		return v.to("/notifications?saved=1")
	}
	var wrong *config.Error
	t := c.Tell(err)
	switch {
	case errors.As(err, &wrong):
		t = Trouble{Message: wrong.Key + ": " + wrong.Message, Mend: wrong.Mend}
	case t.Code == "failed":
		return err
	}
	n.trouble = &t
	v.w.WriteHeader(http.StatusUnprocessableEntity)
	return c.showNotices(v, n)
}

// Notice is something that people were told by one way, as a program reads it.
type Notice struct {
	ID    string    `json:"id" doc:"by which the receiver knows it"`
	Way   string    `json:"way" enum:"mail,webhook"`
	Made  time.Time `json:"made"`
	Sent  time.Time `json:"sent,omitzero" doc:"when it was taken"`
	Again time.Time `json:"again,omitzero" doc:"when it is tried again"`
	Tries int       `json:"tries"`
	Error string    `json:"error,omitempty" doc:"of the last try"`
	Says  string    `json:"says"`
}

// NoticeOf is a stored notice for programs.
func NoticeOf(n store.Notice) Notice {
	return Notice{ID: n.Key, Way: n.Way, Made: n.Made, Sent: n.Sent, Again: n.Due, Tries: n.Tries, Error: n.Error, Says: Says(n)}
}

// Says is what a notice tells, on one line.
func Says(n store.Notice) string { return notify.Says(n.Body) }

// Fate is what became of a notice.
func Fate(n store.Notice) string {
	switch {
	case !n.Sent.IsZero():
		return "taken"
	case n.Due.IsZero():
		return "given up after " + count(n.Tries, "try", "tries")
	case n.Tries == 0:
		return "on its way"
	}
	return fmt.Sprintf("tried %s, again at %s", count(n.Tries, "time", "times"), n.Due.UTC().Format(time.TimeOnly+" UTC"))
}

// everyWords say how often issues and failed runs are told.
var everyWords = map[string]string{
	notify.Instant: "at once; more of the same once a day",
	notify.Daily:   "once a day",
	notify.Weekly:  "once a week",
}

// smtp is the mail server of a form, blank fields where there is none.
func (n *notices) smtp() config.SMTP {
	if n.given.SMTP == nil {
		return config.SMTP{TLS: "offered"}
	}
	return *n.given.SMTP
}

// hook is the webhook of a form, blank fields where there is none.
func (n *notices) hook() config.NoticeHook {
	if n.given.Webhook == nil {
		return config.NoticeHook{}
	}
	return *n.given.Webhook
}

// tells reports that a kind of news is told.
func (n *notices) tells(kind notify.Kind) bool {
	return !slices.Contains(n.given.LeaveOut, string(kind))
}
