package cli

import (
	"context"
	"slices"
	"time"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/mapping"
)

// activityNeeds are the objects of a side that the types of activities touch that sync, and
// the fields of those whose mappings the settings write.
func (p *preflight) activityNeeds(side core.Side) (out []need) {
	a := &p.settings.Activities
	for _, o := range p.settings.FollowedObjects(side) {
		if pair, _ := p.settings.Pairs().Of(side, o); pair != core.ActivityPair {
			continue
		}
		n := need{object: o, child: true, write: o == core.Event && a.Meetings.FromHubSpot}
		switch {
		case side == core.HubSpot:
			n.write, n.fields = a.Of(o).FromSalesforce, p.mapped(core.Pair(config.ActivityLists[o]), side)
			n.create = n.write
		case o == core.Task:
			n.write, n.create = p.makesTasks(), p.makesTasks()
		}
		out = append(out, n)
	}
	if side == core.Salesforce && len(out) == 0 && a.On() {
		out = append(out, need{object: core.Task, child: true, write: true, create: true})
	}
	return out
}

// makesTasks reports that something of HubSpot becomes tasks.
func (p *preflight) makesTasks() bool {
	a := &p.settings.Activities
	return a.Timeline.On() || slices.ContainsFunc(core.StandardPairs.Objects(core.ActivityPair)[core.HubSpot], func(o core.Object) bool { return a.Of(o).FromHubSpot })
}

// activityMappings checks the mappings of activities that the settings write, each with
// the object of Salesforce that its activities come from or become.
func (p *preflight) activityMappings() {
	for _, hs := range p.settings.FollowedObjects(core.HubSpot) {
		maps := p.settings.Mappings[config.ActivityLists[hs]]
		if pair, _ := p.settings.Pairs().Of(core.HubSpot, hs); pair != core.ActivityPair || len(maps) == 0 {
			continue
		}
		sf := conn.FieldDefs(p.schemas[core.Salesforce][core.Task])
		if hs == core.Meetings {
			sf = append(sf, conn.FieldDefs(p.schemas[core.Salesforce][core.Event])...)
		}
		_, problems := mapping.CompileActivity(conn.FieldMaps(maps, p.zone()), false, "", sf, conn.FieldDefs(p.schemas[core.HubSpot][hs]))
		p.problems(problems)
		for _, m := range maps {
			if !slices.ContainsFunc(sf, func(d mapping.FieldDef) bool { return d.Name == m.Salesforce }) {
				p.add(red, core.Salesforce, config.ActivityLists[hs]+" "+m.Salesforce, "does not exist or is hidden from the integration", "give it field access, or take it out of the mappings", "LIM-24")
			}
		}
	}
}

// activities checks whether HubSpot tells of the activities that are to become tasks, by
// asking for the last minute of each.
func (p *preflight) activities(ctx context.Context) {
	t := &p.settings.Activities.Timeline
	portal, has := p.sides[core.HubSpot].(connector.Timeline)
	if !t.On() || !has {
		return
	}
	for _, kind := range []struct {
		of, name string
		set      config.TaskOf
	}{{"SENT", "e-mails that are sent", t.EmailSends}, {"OPEN", "e-mails that are opened", t.EmailOpens}, {"CLICK", "e-mails that are clicked", t.EmailClicks}} {
		if kind.set.Sync {
			p.happenings(ctx, portal, connector.HappeningSource{Kind: connector.MailHappening, Of: kind.of}, kind.name, "grant the app the scope content")
		}
	}
	if t.FormSubmissions.Sync {
		forms, err := portal.Forms(ctx)
		switch {
		case err != nil:
			p.add(red, core.HubSpot, "forms", "cannot be read: "+problemOf(err).Message, "grant the app the scope forms", "ACT-1")
		case len(forms) == 0:
			p.add(yellow, core.HubSpot, "forms", "there are none", "", "ACT-1")
		default:
			p.good(core.HubSpot, "forms", counted(len(forms), [2]string{"form", "forms"})+" can be read")
		}
	}
	p.eventTypes(ctx, portal, t.Events)
	p.add(yellow, core.HubSpot, "sales e-mail and documents", "HubSpot has no public API for opens and clicks of one-to-one e-mails and for views of documents, but the event types of Enterprise portals (docs/activities.md)", "", "ACT-1")
}

func (p *preflight) happenings(ctx context.Context, portal connector.Timeline, of connector.HappeningSource, name, mend string) {
	now := p.app.now()
	err := portal.Happenings(ctx, of, now.Add(-time.Minute), now, func([]connector.Happening) error { return nil })
	if err != nil {
		p.add(red, core.HubSpot, name, "cannot be read: "+problemOf(err).Message, mend, "ACT-1")
		return
	}
	p.good(core.HubSpot, name, "can be read")
}

func (p *preflight) eventTypes(ctx context.Context, portal connector.Timeline, events []config.EventOf) {
	if len(events) == 0 {
		return
	}
	const mend = "the events API needs an Enterprise subscription; take the events out of the settings, or ask for the right"
	types, err := portal.EventTypes(ctx)
	if err != nil {
		p.add(red, core.HubSpot, "event types", "cannot be read: "+problemOf(err).Message, mend, "ACT-1")
		return
	}
	for _, e := range events {
		if !slices.Contains(types, e.Event) {
			p.add(yellow, core.HubSpot, "event "+e.Event, "HubSpot lists no such type", "correct the name: GET /events/v3/events/event-types lists them", "ACT-1")
			continue
		}
		p.happenings(ctx, portal, connector.HappeningSource{Kind: connector.EventHappening, Of: e.Event}, "event "+e.Event, mend)
	}
}
