package connector

import (
	"context"
	"time"
)

// HappeningKind says where a side keeps what happened.
type HappeningKind string

// Kinds of happenings.
const (
	MailHappening  HappeningKind = "mail"  // with a marketing e-mail: SENT, OPEN, CLICK …
	FormHappening  HappeningKind = "form"  // a form was submitted, by the form's id
	EventHappening HappeningKind = "event" // an occurrence of an event, by the name of its type
)

// HappeningSource is one list of happenings of a side.
type HappeningSource struct {
	Kind HappeningKind
	Of   string
}

// Happening is something that a person did, or that was done to one, which is no record
// of its own. It never changes.
type Happening struct {
	ID string // unique within the source
	At time.Time
	// Person is the id of the contact; blank where only the Address is told.
	Person  string
	Address string // in lower case
	// Mailing is the id of the marketing e-mail, Bot that the side takes it for a
	// machine's doing.
	Mailing string
	Bot     bool
	// Values are what is told beside, by name: url, page, a form's fields.
	Values map[string]string
}

// Form is a form of a web page.
type Form struct{ ID, Name string }

// Mailing is a marketing e-mail.
type Mailing struct{ ID, Name, Subject string }

// Timeline is a side that tells of happenings: HubSpot. The refusal of an app that lacks
// the right is of class rejected: no other work depends on it.
type Timeline interface {
	// Happenings streams what happened since a moment and before another, by the side's
	// clock, page by page in no order that counts. Of forms the window may begin earlier.
	// It stops at yield's error and returns it.
	Happenings(ctx context.Context, of HappeningSource, since, until time.Time, yield func([]Happening) error) error
	// Forms lists the forms that are in use.
	Forms(ctx context.Context) ([]Form, error)
	// Mailing reads a marketing e-mail; one that is gone is answered with its id alone.
	Mailing(ctx context.Context, id string) (Mailing, error)
	// EventTypes lists the types of events by name, whether or not the account has any.
	EventTypes(ctx context.Context) ([]string, error)
}
