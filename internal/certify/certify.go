package certify

import (
	"context"
	"net/http"
	"time"

	"google.golang.org/grpc"

	"tandem/internal/core"
)

// Door sends one request to a side with the connection's token and gives the
// answer back unjudged. The request's URL has a path and a query only. A request
// that brings an Authorization header keeps it; an empty one means no token.
type Door func(*http.Request) (*http.Response, error)

// Options of a run.
type Options struct {
	// Doors lead to the two sides.
	Doors [2]Door
	// Grants are the token answers that the doors' transports saw; nil for none.
	Grants *Grants
	// Bus is a connection to Salesforce's Pub/Sub API; nil where the connection does
	// not listen to change events.
	Bus grpc.ClientConnInterface
	// EventWithin is how long an event or a refusal of the bus is waited for; both take
	// a second or two. Zero is a minute.
	EventWithin time.Duration
	// Version is the pinned version of Salesforce's REST API, as "v65.0".
	Version string
	// Journal says that the connection reads HubSpot's webhooks journal.
	Journal bool
	// WebhookApp is the app whose webhooks the connection takes, and DeveloperKey the key
	// of the one who owns it; blank keeps them unchecked.
	WebhookApp, DeveloperKey string
	// Write allows checks that make marked records. Leftovers and Mark are
	// required then.
	Write bool
	// Mark makes this run's records known: it is part of every name. Lower-case
	// letters and digits.
	Mark string
	// Leftovers is the list of what has to be removed.
	Leftovers *Leftovers
	// Now tells the time.
	Now func() time.Time
	// Wait returns after a time, or with the context's error.
	Wait func(context.Context, time.Duration) error
}

// Check is one thing that Tandem relies on.
type Check struct {
	// ID is lower-case words with dots and never changes its meaning.
	ID   string
	Side core.Side
	// Relies says what Tandem relies on, and what for.
	Relies string
	// Fact names the vendor's document that says so.
	Fact string
	// Writes says that the check makes records.
	Writes bool
	run    func(*probe)
}

// Checks are all checks in the order in which they run.
func Checks() []Check {
	var out []Check
	for side, areas := range [2][][]Check{
		core.Salesforce: {orgAuth, orgLimits, orgDescribe, orgQuery, orgReplication, orgComposite, orgGlobal, orgEvents,
			orgRecords, orgCollections, orgTrees, orgUpsert, orgBulk, orgPersons, orgEventWrites},
		core.HubSpot: {portalAuth, portalLimits, portalRecords, portalBatchRead, portalSearch, portalSchema, portalLists, portalJournal, portalWebhooks,
			portalConsent, portalWrites, portalBatchWrites, portalIdentity, portalLinks, portalGone, portalOptOuts, portalOwnValues},
	} {
		for _, area := range areas {
			for _, c := range area {
				c.Side = core.Side(side)
				out = append(out, c)
			}
		}
	}
	return out
}

// Run makes the checks, removes what they made and what an earlier run left, and
// reports. The error is the context's; the report stands for what was done until
// then.
func Run(ctx context.Context, o Options) (Report, error) {
	r := Report{Write: o.Write, APIVersion: o.Version}
	if o.Leftovers != nil {
		r.Left = o.remove(ctx)
	}
	for _, c := range Checks() {
		if ctx.Err() != nil {
			break
		}
		r.Checks = append(r.Checks, o.check(ctx, c))
	}
	if o.Leftovers != nil {
		r.Left = o.remove(ctx)
	}
	r.count()
	return r, context.Cause(ctx)
}

// check makes one check.
func (o Options) check(ctx context.Context, c Check) Result {
	res := Result{ID: c.ID, Side: c.Side.Label(), Relies: c.Relies, Fact: c.Fact}
	if c.Writes && !o.Write {
		res.Outcome, res.Reason = Skipped, "it makes records, which this run may not"
		return res
	}
	p := &probe{ctx: ctx, o: o, side: c.Side}
	from := o.Now()
	c.run(p)
	res.Took = timingClass(o.Now().Sub(from))
	res.Differences = p.differences
	switch {
	case len(p.differences) > 0:
		res.Outcome = Different
	case p.failed != "":
		res.Outcome, res.Reason = NotRun, p.failed
	case p.skipped != "":
		res.Outcome, res.Reason = Skipped, p.skipped
	default:
		res.Outcome = Same
	}
	return res
}
