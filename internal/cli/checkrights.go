package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/connector/hubspot"
	"tandem/internal/connector/salesforce"
	"tandem/internal/console"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/owners"
	"tandem/internal/mapping"
)

// edition is INST-2: any edition with API access; Group Edition has none.
func (p *preflight) edition(id connector.Identity) {
	switch {
	case strings.Contains(id.Edition, "Group"):
		p.add(red, core.Salesforce, "edition", id.Edition+" has no API access", "use Professional with API access, Enterprise, Unlimited, Performance or Developer Edition", "INST-2")
	case id.Edition == "":
		p.add(yellow, core.Salesforce, "edition", "the org does not tell its edition", "give the integration user read access to Organization", "INST-2")
	default:
		p.good(core.Salesforce, "edition", id.Edition)
	}
}

// version is INST-14: the version is pinned, and the org still serves it.
func (p *preflight) version(id connector.Identity) {
	want := "v" + strings.TrimPrefix(p.settings.Salesforce.APIVersion, "v")
	if slices.Contains(id.Versions, want) {
		p.good(core.Salesforce, "API version", want+" is pinned and listed by the org")
		return
	}
	offered := "none"
	if n := len(id.Versions); n > 0 {
		offered = id.Versions[0] + " to " + id.Versions[n-1]
	}
	p.add(red, core.Salesforce, "API version", want+" is not among those the org lists ("+offered+")", "set salesforce.api_version to one of them", "INST-14")
}

// need is what is wanted of an object: writing needs more than matching.
type need struct {
	object        core.Object
	write, create bool
	child         bool // seen by whoever sees the record that it belongs to
	fields        []string
}

// needs are the objects and fields that company sync touches and, where they are on,
// the sync of people, deals, tickets and custom objects, and nothing more (INST-3, LIM-24).
func (p *preflight) needs(side core.Side) []need {
	people, mapped := p.settings.Contacts.Sync, p.mapped(core.CompanyPair, side)
	if side == core.Salesforce {
		return append([]need{{object: core.Account, write: true, create: true, fields: append(mapped, "Name")},
			{object: core.Contact, write: true, create: p.makes(core.Contact), fields: []string{"Email", "AccountId"}},
			{object: core.Lead, write: people, create: p.makes(core.Lead), fields: []string{"Email", "IsConverted", "ConvertedContactId"}}},
			slices.Concat(p.recordNeeds(side), p.priceNeeds(), p.activityNeeds(side), p.salesNeeds(), p.campaignNeeds())...)
	}
	contacts := []string{"email"}
	if people {
		contacts = append(contacts, p.mapped(core.ContactPair, side)...)
	}
	return append([]need{{object: core.Companies, write: true, create: true, fields: append(mapped, "name", "domain")},
		{object: core.Contacts, write: true, create: p.makes(core.Contacts), fields: contacts}}, append(p.recordNeeds(side), p.activityNeeds(side)...)...)
}

// mapped are the fields of a side that the settings map for an object pair.
func (p *preflight) mapped(pair core.Pair, side core.Side) []string {
	var out []string
	for _, m := range p.settings.Mappings[string(pair)] {
		if m.Rule != core.DontSync.String() {
			out = append(out, [2]string{m.Salesforce, m.HubSpot}[side])
		}
	}
	return out
}

// rights checks objects and fields one by one.
func (p *preflight) rights(ctx context.Context, side core.Side) {
	p.schemas[side] = map[core.Object]connector.Schema{}
	for _, n := range p.needs(side) {
		s, err := p.sides[side].Describe(ctx, n.object)
		if err != nil {
			e := problemOf(err)
			rule := "INST-3"
			if p.customObject(side, n.object) {
				rule = "CO-1"
			}
			p.add(red, side, p.title(n.object), "cannot be read: "+e.Message, readMend(side, n.object), rule)
			continue
		}
		p.schemas[side][n.object] = s
		if pair, _ := p.settings.Pairs().Of(side, n.object); side == core.Salesforce && pair == core.ContactPair && p.settings.Contacts.Sync {
			n.fields = append(n.fields, p.mappedOn(s)...)
		}
		p.objectRights(side, n, s)
		p.fieldRights(side, n, s)
	}
}

// title is what findings call an object.
func (p *preflight) title(o core.Object) string { return p.settings.Pairs().Title(o) }

// customObject reports an object of a side that only the settings name.
func (p *preflight) customObject(side core.Side, object core.Object) bool {
	pair, _ := p.settings.Pairs().Of(side, object)
	d := p.settings.Pairs().Def(pair)
	return d != nil && d.Custom
}

func readMend(side core.Side, object core.Object) string {
	if side == core.Salesforce {
		return "give the integration user's permission set Read (and for what is written, Create and Edit) on " + string(object)
	}
	switch {
	case object == core.Tickets:
		return "add the scope tickets to the app"
	case strings.HasPrefix(string(object), "2-"):
		return "make the custom object in HubSpot, which takes an Enterprise subscription (CO-1), correct its id in custom_objects, or add the scopes crm.objects.custom.read and .write and crm.schemas.custom.read and .write to the app"
	}
	return "add the scopes crm.objects." + string(object) + ".read and .write and crm.schemas." + string(object) + ".read to the app"
}

func (p *preflight) objectRights(side core.Side, n need, s connector.Schema) {
	switch {
	case side == core.Salesforce && !s.Queryable, n.write && !s.Updatable, n.create && !s.Creatable:
		p.add(red, side, p.title(n.object), fmt.Sprintf("rights: create %s, edit %s", yesNo(s.Creatable), yesNo(s.Updatable)), readMend(side, n.object), "INST-3")
	case side == core.Salesforce && !n.child && !s.ViewAll && (n.object == core.Account || n.object == core.Opportunity || p.settings.Contacts.Sync):
		p.add(yellow, side, p.title(n.object), "the user sees only what sharing gives it; hidden records do not sync",
			fmt.Sprintf("give View All on %s, if all %ss are meant to sync", n.object, strings.ToLower(p.title(n.object))), "INST-5")
	default:
		p.good(side, p.title(n.object), "the rights suffice")
	}
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// fieldRights looks at each mapped field, and at those that matching needs.
func (p *preflight) fieldRights(side core.Side, n need, s connector.Schema) {
	slices.Sort(n.fields)
	fields := slices.Compact(n.fields)
	var can []string
	for _, name := range fields {
		i := slices.IndexFunc(s.Fields, func(f connector.Field) bool { return f.Name == name })
		what := p.title(n.object) + "." + name
		_, price := core.PriceCurrency(name)
		switch {
		case i < 0 && price && n.object == core.Product:
			found, mend := p.otherPrice(name, s)
			p.add(red, side, what, found, mend, "LIM-33")
		case i < 0:
			p.add(red, side, what, "does not exist or is hidden from the integration", "give it field access, or take it out of the mappings", "LIM-24")
		case p.written(side, n.object, name) && !s.Fields[i].Calculated && !s.Fields[i].Updatable:
			p.add(red, side, what, "can be read but not edited, and its mapping writes it", editMend(side, name), "INST-3")
		default:
			can = append(can, name+": "+fieldRight(s.Fields[i]))
		}
	}
	if len(can) > 0 {
		p.good(side, p.title(n.object)+" fields", fmt.Sprintf("%d of %d can be used as they are mapped", len(can), len(fields)))
		p.findings[len(p.findings)-1].Each = can
	}
}

// fieldRight says what the integration may do with a field.
func fieldRight(f connector.Field) string {
	switch {
	case f.Calculated:
		return "read; it is calculated"
	case f.Updatable:
		return "read and edit"
	}
	return "read"
}

func editMend(side core.Side, field string) string {
	if side == core.Salesforce {
		return "give the integration user's permission set Edit on the field, or write rule: always_salesforce"
	}
	return "let the app write " + field + ", or take the mapping out"
}

// written reports that a mapping may write the field of a side.
func (p *preflight) written(side core.Side, object core.Object, name string) bool {
	pair, _ := p.settings.Pairs().Of(side, object)
	if pair == core.ContactPair && !p.settings.Contacts.Sync {
		return false
	}
	return slices.ContainsFunc(p.settings.Mappings[string(pair)], func(m config.Mapping) bool {
		oneWay := m.Rule == core.DontSync.String() || side == core.Salesforce && (m.Rule == core.AlwaysSalesforce.String() || m.Reference == "name")
		return [2]string{m.Salesforce, m.HubSpot}[side] == name && !oneWay
	})
}

func (p *preflight) limits(ctx context.Context, side core.Side) {
	u, err := p.sides[side].Usage(ctx)
	allotted := p.settings.AllocatedCalls(side)
	switch {
	case err != nil || u.Max == 0:
		p.good(side, "daily calls", "the account does not tell its limit"+orPrefix("; ", allottedText(allotted)))
	case allotted > u.Max:
		p.add(yellow, side, "daily calls", fmt.Sprintf("%d are allotted to Tandem, but the account has %d a day", allotted, u.Max), "lower allocated_calls or daily_api_calls", "API-1")
	case u.Used > u.Max*9/10:
		p.add(yellow, side, "daily calls", fmt.Sprintf("%d of %d are used already", u.Used, u.Max), "find out who uses them; Tandem stops before the limit only for its own share", "API-3")
	default:
		p.good(side, "daily calls", fmt.Sprintf("%d of %d used%s", u.Used, u.Max, orPrefix("; ", allottedText(allotted))))
	}
}

func allottedText(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d are allotted to Tandem", n)
}

// ownFields looks for our own fields: without the unique key nothing is written.
func (p *preflight) ownFields(context.Context) {
	ours := &preparer{accounts: p.ids, settings: p.settings}
	for _, side := range core.Sides {
		for _, need := range ours.specs(side) {
			for _, spec := range need.Specs {
				p.ownField(side, need.Object, spec, p.schemas[side][need.Object])
			}
		}
	}
}

func (p *preflight) ownField(side core.Side, object core.Object, spec connector.FieldSpec, s connector.Schema) {
	what := p.title(object) + "." + spec.Name
	i := slices.IndexFunc(s.Fields, func(f connector.Field) bool { return strings.EqualFold(f.Name, spec.Name) })
	kind := spec.Type
	if spec.Length > 0 {
		kind += fmt.Sprintf(" of %d characters", spec.Length)
	}
	if spec.Unique {
		kind += ", unique"
	}
	switch {
	case i < 0:
		p.missing = append(p.missing, console.OwnField{Side: side.Label(), Name: what, Kind: kind, Why: spec.Description})
		p.add(red, side, what, "is missing or hidden", "create it under Connect in the console or by tandem init --fields, or have an admin create it ("+kind+") and give the integration read and edit access", "PROP-13")
	case !s.Fields[i].Updatable || !s.Fields[i].Creatable:
		p.add(red, side, what, "can be read but not edited", "give the integration read and edit access: nothing is written without it", "INST-3")
	case spec.Unique && !s.Fields[i].Unique:
		p.add(red, side, what, "is not unique", "have an admin make it unique ("+kind+"): a second copy of a record is impossible only by that", "DEDUP-11")
	default:
		p.good(side, what, "is there")
	}
}

// mappings checks the company mappings against both schemas.
func (p *preflight) mappings() {
	sf, hs := conn.FieldDefs(p.schemas[core.Salesforce][core.Account]), conn.FieldDefs(p.schemas[core.HubSpot][core.Companies])
	if len(sf) == 0 || len(hs) == 0 {
		return // said already
	}
	maps := p.settings.Mappings[string(core.CompanyPair)]
	if len(maps) == 0 {
		p.findings = append(p.findings, finding{State: yellow, What: "mappings", Found: "no company field is mapped", Mend: "tandem init proposes mappings", Rule: "MAP-1"})
		return
	}
	compiled, problems := mapping.Compile(core.CompanyPair, conn.FieldMaps(maps, p.zone()), sf, hs)
	p.problems(problems)
	p.days("companies", compiled)
	if len(problems) == 0 {
		p.findings = append(p.findings, finding{State: green, What: "mappings", Found: fmt.Sprintf("%d company fields are mapped", len(maps))})
	}
}

// review tells of an inclusion list or an expression that does not fit the sides:
// with it the connection could not be opened.
func (p *preflight) review(ctx context.Context) {
	e, err := engine.New(ctx, engine.Options{Now: p.app.now}, nil)
	if err != nil {
		return
	}
	var misfit *engine.Error
	if _, err := e.Review(ctx, engine.Setup{Settings: p.settings, Sides: p.sides}); errors.As(err, &misfit) {
		p.findings = append(p.findings, finding{State: red, What: "settings", Found: misfit.Message, Mend: misfit.Mend})
	}
}

// problems are what is wrong with mappings.
func (p *preflight) problems(all []mapping.Problem) {
	for _, m := range all {
		state := yellow
		if m.Severity == mapping.Error {
			state = red
		}
		p.findings = append(p.findings, finding{State: state, What: m.Pair(), Found: m.Message, Mend: m.Mend, Rule: m.Rule})
	}
}

// owned are the object pairs whose records have an owner on both sides.
var owned = []core.Pair{core.CompanyPair, core.ContactPair, core.DealPair, core.TicketPair}

// ownerless tells which objects sync without their owner: nothing else says so, and what is
// made of them belongs to nobody.
func (p *preflight) ownerless() {
	var without []string
	for _, pair := range owned {
		if p.settings.Syncs(pair) && !owners.MappedOf(p.settings, pair) {
			without = append(without, p.settings.Pairs().Records(pair))
		}
	}
	if len(without) > 0 {
		p.findings = append(p.findings, finding{State: yellow, What: "owner of " + strings.Join(without, ", "), Rule: "OWN-2",
			Found: "is not mapped: what Tandem makes in HubSpot has none",
			Mend:  "map OwnerId to hubspot_owner_id (docs/operations.md)"})
	}
}

// owners checks that the users of both sides can be read and matched, where the
// owner is mapped.
func (p *preflight) owners(ctx context.Context) {
	p.ownerless()
	if !owners.Mapped(p.settings) {
		return
	}
	f := finding{State: green, What: "owners", Rule: "OWN-3"}
	o, problems, err := owners.Read(ctx, p.sides, p.settings.Owners)
	switch {
	case err != nil:
		f.State, f.Found = red, "the users cannot be read: "+problemOf(err).Message
		f.Mend = "give the app the scope crm.objects.owners.read and the integration user read access to User and Group, or take the mapping out"
	case o.Matched() == 0:
		f.State, f.Found, f.Mend = yellow, "no user of Salesforce has the e-mail address of a HubSpot owner", "use the same addresses on both sides, or pair users under owners.map"
	default:
		f.Found = fmt.Sprintf("%d Salesforce users stand for HubSpot owners", o.Matched())
	}
	p.findings = append(p.findings, f)
	for _, w := range problems {
		p.findings = append(p.findings, finding{State: yellow, What: "owners", Found: w.Message, Mend: w.Mend, Rule: w.Rule})
	}
}

// events checks that the changes the settings want to follow are announced.
func (p *preflight) events(ctx context.Context) {
	if p.settings.Salesforce.Events == "poll" {
		p.good(core.Salesforce, "changes", "polled every "+p.settings.PollEvery.D().String())
	} else if sf, ok := p.sides[core.Salesforce].(*salesforce.Client); ok {
		p.selected(ctx, sf)
	}
	switch e := p.settings.HubSpot.Events; {
	case e.Journal != nil:
		p.journal(ctx)
	case e.Webhooks != nil:
		p.good(core.HubSpot, "changes", "by webhooks to "+e.Webhooks.PublicURL+", which HubSpot must be able to reach")
	default:
		p.add(yellow, core.HubSpot, "changes", "polled every "+p.settings.PollEvery.D().String(), "a journal or webhooks bring changes within seconds", "LIM-1")
	}
}

// journal asks whether the app may use the journal; that is told by nothing else.
func (p *preflight) journal(ctx context.Context) {
	hs, ok := p.sides[core.HubSpot].(*hubspot.Client)
	if !ok {
		return
	}
	n, err := hs.Subscribed(ctx)
	if err != nil {
		p.add(red, core.HubSpot, "changes", "the webhooks journal does not answer: "+problemOf(err).Message, "correct hubspot.events.journal and the app's scopes, or write events: poll", "LIM-1")
		return
	}
	p.good(core.HubSpot, "changes", fmt.Sprintf("by the webhooks journal, subscribed to %d kinds of changes; what is missing is subscribed to at the start", n))
}

func (p *preflight) selected(ctx context.Context, sf *salesforce.Client) {
	have, err := sf.Selected(ctx)
	if err != nil {
		p.add(yellow, core.Salesforce, "changes", "which objects are selected for Change Data Capture cannot be seen: "+problemOf(err).Message, "give View Setup and Configuration, or write events: poll", "LIM-1")
		return
	}
	left := salesforce.AnnouncedAtMost - len(have) // below zero the org has the add-on
	for _, o := range p.settings.FollowedObjects(core.Salesforce) {
		if slices.Contains(have, o) {
			p.good(core.Salesforce, "changes of "+string(o), "are announced")
			continue
		}
		mend := "select " + string(o) + " in Setup, Change Data Capture, or run tandem init --fields"
		if left == 0 {
			mend = salesforce.NoneLeft(o)
		} else {
			left--
		}
		p.add(yellow, core.Salesforce, "changes of "+string(o), "are not announced, and are polled every "+cmp.Or(p.settings.PollEvery.D(), time.Minute).String(), mend, "LIM-1")
	}
}
