package console

import (
	"fmt"
	"time"

	"tandem/internal/notify"
	"tandem/internal/store"
)

// Telling is who is told by the settings what needs a person.
type Telling struct {
	Every string
	Ways  []Way
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
	all   []store.Notice
	tried []Tried
}

func (c *Console) notificationsPage(v *visit) error { return c.showNotices(v, nil) }

func (c *Console) showNotices(v *visit, tried []Tried) error {
	n := notices{tried: tried}
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
	return c.showNotices(v, tried)
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
