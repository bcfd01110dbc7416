package engine

import (
	"context"
	"reflect"
	"slices"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/policy"
)

// Choice says what another contacts.from_hubspot would make of the HubSpot contacts that
// have no partner: a lead, a contact, or nothing (LIM-5).
type Choice struct {
	Records int        `json:"records"` // looked at: all contacts that this user sees
	Linked  int        `json:"linked"`  // of them: they keep their partner, whatever it is
	Becomes []Becoming `json:"becomes"`
}

// Becoming counts the contacts that would become the same.
type Becoming struct {
	// What is what they become: lead, contact or person_account, or why they become nothing.
	What string   `json:"what"`
	Now  int      `json:"now"`  // with the settings that count
	Then int      `json:"then"` // with the new ones
	Some []Sample `json:"some,omitempty"`
}

// Why a HubSpot contact becomes nothing in Salesforce.
const (
	BecomesNoRule   = "no_rule"      // no rule holds for it
	BecomesNoAnswer = "no_answer"    // a rule that might hold cannot be evaluated
	BecomesLeftOut  = "out_of_scope" // the settings leave it out, it has no address, or its link was ended
)

// becomings is the order in which they are told.
var becomings = []string{config.BecomesContact, config.BecomesLead, config.BecomesPerson, BecomesNoRule, BecomesNoAnswer, BecomesLeftOut}

// otherPeople reports that HubSpot contacts may become something else.
func otherPeople(was, next config.Connection) bool {
	switchedOn := !was.Contacts.Sync && len(next.Contacts.FromHubSpot.Rules) > 0
	return next.Contacts.Sync && (switchedOn || !reflect.DeepEqual(was.Contacts.FromHubSpot, next.Contacts.FromHubSpot))
}

// Choice tells what another contacts.from_hubspot would make of whom; nil where that does
// not change. It reads every HubSpot contact with the fields that decide, and no
// record of Salesforce: who is found there is linked, and not made. It writes nothing. The second
// result is the calls that took, by side.
func (e *Engine) Choice(ctx context.Context, was, next Setup) (*Choice, map[string]int, error) {
	old, is := was.Settings, next.Settings
	if !otherPeople(old, is) {
		return nil, nil, nil
	}
	c := newConn(is, next.Sides)
	before := c.spent()
	if err := c.LoadSchemas(ctx); err != nil {
		return nil, nil, err
	}
	then, err := e.chooser(ctx, c, is)
	if err != nil {
		return nil, nil, err
	}
	now, err := e.chooser(ctx, c, old)
	if err != nil && !isMisfit(err) { // nobody becomes anything by what cannot be read
		return nil, nil, err
	}
	out, err := e.compareChoices(ctx, c, now, then)
	return out, c.spent().less(before).bySide(), err
}

// chooser is what settings make of HubSpot contacts, nil where they make nobody.
type chooser struct {
	*entrance
	rules conn.PersonRules
}

func (e *Engine) chooser(ctx context.Context, c *Conn, s config.Connection) (*chooser, error) {
	if !s.Contacts.Sync {
		return nil, nil
	}
	in, err := e.entrance(ctx, c, s, changedScope{pair: core.ContactPair, side: core.HubSpot, keys: []string{"contacts.filter.from_hubspot"}}, core.Contacts)
	if err != nil {
		return nil, err
	}
	rules, err := c.PersonRules(s.Contacts.FromHubSpot)
	if err != nil {
		return nil, err
	}
	return &chooser{in, rules}, nil
}

func (ch *chooser) fields() []string {
	if ch == nil {
		return nil
	}
	return slices.Concat(ch.entrance.fields(), ch.rules.Fields())
}

// becomes is what a contact without a partner becomes.
func (ch *chooser) becomes(rec *core.Record) string {
	if ch == nil || conn.EmailOf(rec) == "" {
		return BecomesLeftOut
	}
	switch ch.admits(rec) {
	case policy.NotMember:
		return BecomesLeftOut
	case policy.UnknownMembership:
		return BecomesNoAnswer
	}
	word, err := ch.rules.Of(rec)
	switch {
	case err != nil:
		return BecomesNoAnswer
	case word == "":
		return BecomesNoRule
	}
	return word
}

func (e *Engine) compareChoices(ctx context.Context, c *Conn, now, then *chooser) (*Choice, error) {
	fields := slices.Concat(now.fields(), then.fields(), c.NameFields(core.HubSpot, core.Contacts), []string{conn.AddressField[core.HubSpot]})
	slices.Sort(fields)
	scan := connector.Scan{Object: core.Contacts, Fields: c.Present(core.HubSpot, core.Contacts, slices.Compact(fields))}
	out, by := &Choice{}, map[string]*Becoming{}
	for _, what := range becomings {
		by[what] = &Becoming{What: what}
	}
	err := c.Sides[core.HubSpot].Scan(connector.WithPriority(ctx, connector.Backfill), scan, func(p connector.Page) error {
		links, erased, err := e.standingOf(ctx, c, p.Records)
		if err != nil {
			return err
		}
		for i := range p.Records {
			rec := &p.Records[i]
			if state := links[rec.Ref]; state == "" && erased[rec.Ref] {
				links[rec.Ref] = core.LinkParked
			}
			out.count(by, rec, c.NameOf(rec), links[rec.Ref], now, then)
		}
		Tell(ctx, Far{Stage: core.HubSpot.Label() + " " + string(core.Contacts), Done: out.Records})
		return nil
	})
	for _, what := range becomings {
		if one := by[what]; one.Now > 0 || one.Then > 0 || c.Settings.Contacts.FromHubSpot.Makes(what) {
			out.Becomes = append(out.Becomes, *one)
		}
	}
	return out, err
}

func (o *Choice) count(by map[string]*Becoming, rec *core.Record, name string, link core.LinkState, now, then *chooser) {
	o.Records++
	was, is := BecomesLeftOut, BecomesLeftOut
	switch link {
	case core.LinkActive:
		o.Linked++
		return
	case "":
		was, is = now.becomes(rec), then.becomes(rec)
	}
	by[was].Now++
	by[is].Then++
	by[is].Some = sample(by[is].Some, rec, name)
}
