package hubspotsim

import (
	"fmt"
	"net/http"
	"sort"
	"strconv"
	"strings"
)

// actor is on whose behalf something is written.
type actor struct {
	client   string // the key of Stats.ByClient
	who      string // shown in the ledger
	source   string // changeSource
	sourceID string
	detail   string // what the record source detail shows
	userID   int
	person   bool // a user of the CRM, by page, door or admin token
	system   bool // the portal itself: may write read-only properties
}

// Sources of changes.
const (
	sourceUI          = "CRM_UI"
	sourceIntegration = "INTEGRATION"
	sourceImport      = "IMPORT"
	sourceContacts    = "CONTACTS"
	sourceCalculated  = "CALCULATED"
)

var (
	calculated    = &actor{client: "portal", who: "portal", source: sourceCalculated, system: true}
	autoCompanies = &actor{client: "portal", who: "portal", source: sourceContacts, detail: "Automatic company creation", system: true}
	imported      = &actor{client: "import", who: "import", source: sourceImport, sourceID: "1", system: true}
)

// grantKind says what a bearer token is, for it decides limits and headers.
type grantKind int

const (
	grantPrivateApp grantKind = iota // a static token of a private app
	grantOAuth                       // an access token of a public app
	grantPerson                      // a user of the portal; no limits
	grantApp                         // client_credentials: the app itself, for the journal
)

// bearer is what an access token stands for.
type bearer struct {
	token   string
	kind    grantKind
	app     int
	by      *actor
	scopes  []string
	expires int64 // ms, 0 for never
	userID  int
}

func (b *bearer) has(scope string) bool { return contains(b.scopes, scope) }

// allScopes is what the integration is granted unless taken away.
var allScopes = []string{"oauth",
	"crm.objects.contacts.read", "crm.objects.contacts.write", "crm.objects.companies.read", "crm.objects.companies.write",
	"crm.objects.deals.read", "crm.objects.deals.write", "crm.objects.leads.read", "crm.objects.leads.write",
	"crm.objects.products.read", "crm.objects.products.write", "crm.objects.line_items.read", "crm.objects.line_items.write",
	"crm.objects.custom.read", "crm.objects.custom.write", "crm.objects.owners.read", "tickets",
	"crm.schemas.contacts.read", "crm.schemas.contacts.write", "crm.schemas.companies.read", "crm.schemas.companies.write",
	"crm.schemas.deals.read", "crm.schemas.deals.write", "crm.schemas.custom.read", "crm.schemas.custom.write",
	"crm.lists.read", "crm.lists.write", "crm.import", "crm.export", "timeline", "content", "forms",
	"communication_preferences.read", "communication_preferences.write", "communication_preferences.read_write",
	"communication_preferences.statuses.batch.read", "communication_preferences.statuses.batch.write"}

var journalScopes = []string{"developer.webhooks_journal.read", "developer.webhooks_journal.subscriptions.read",
	"developer.webhooks_journal.subscriptions.write", "developer.webhooks_journal.snapshots.read", "developer.webhooks_journal.snapshots.write"}

const noCredentials = "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview"

// authenticate finds the bearer of a request.
func (p *Portal) authenticate(r *http.Request) (*bearer, *apiError) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	if !ok || !strings.EqualFold(scheme, "Bearer") || token == "" {
		return nil, &apiError{Status: http.StatusUnauthorized, Message: noCredentials, Category: "INVALID_AUTHENTICATION"}
	}
	b := p.tokens[token]
	if b == nil {
		return nil, p.expired(0)
	}
	if b.expires != 0 && b.expires <= p.nowMS() {
		return nil, p.expired(b.expires)
	}
	return b, nil
}

// expired is the answer to a token past its time; one that never was counts as
// very old.
func (p *Portal) expired(at int64) *apiError {
	age := (p.nowMS() - at) / 1000
	since := fmt.Sprintf("%d second(s)", age)
	if at == 0 {
		since = fmt.Sprintf("%d day(s)", age/86400)
	}
	return &apiError{Status: http.StatusUnauthorized, Category: "EXPIRED_AUTHENTICATION",
		Message: "The OAuth token used to make this call expired " + since + " ago.",
		Context: map[string][]string{"expire time": {formatMS(at)}}}
}

// authorize checks that the bearer holds one of the alternatives, each a list
// of scopes that must all be there.
func authorize(b *bearer, anyOf [][]string) *apiError {
	if len(anyOf) == 0 || b.kind == grantPerson {
		return nil
	}
	for _, all := range anyOf {
		if missing(b, all) == nil {
			return nil
		}
	}
	return missingScopes(anyOf[0])
}

func missing(b *bearer, scopes []string) []string {
	var out []string
	for _, s := range scopes {
		if !b.has(s) {
			out = append(out, s)
		}
	}
	return out
}

func missingScopes(scopes []string) *apiError {
	const page = "https://developers.hubspot.com/scopes"
	return &apiError{Status: http.StatusForbidden, Category: "MISSING_SCOPES",
		Message: "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: " + page + ".",
		Errors: []errorDetail{{Message: "One or more of the following scopes are required.",
			Context: map[string][]string{"requiredGranularScopes": scopes}}},
		Links: map[string]string{"scopes": page}}
}

// objectScopes names what reading or writing records of a type needs. Activities
// ride on contacts, tickets have a scope of their own.
func objectScopes(t *table, write bool) [][]string {
	if t.scope == "tickets" {
		return [][]string{{"tickets"}}
	}
	verb := ".read"
	if write {
		verb = ".write"
	}
	return [][]string{{"crm.objects." + t.scope + verb}}
}

// schemaScopes names what reading or writing properties of a type needs; either
// the schema scope or, for reading, the object scope will do.
func schemaScopes(t *table, write bool) [][]string {
	if t.scope == "tickets" {
		return [][]string{{"tickets"}}
	}
	noun := t.scope
	if noun != "contacts" && noun != "companies" && noun != "deals" && noun != "custom" {
		return objectScopes(t, write)
	}
	if write {
		return [][]string{{"crm.schemas." + noun + ".write"}}
	}
	return [][]string{{"crm.schemas." + noun + ".read"}, {"crm.objects." + noun + ".read"}}
}

// addBearer registers a token.
func (p *Portal) addBearer(b *bearer) *bearer {
	p.tokens[b.token] = b
	return b
}

// newUUID makes a random UUID from the portal's seed.
func (p *Portal) newUUID() string {
	var b [16]byte
	for i := range b {
		b[i] = byte(p.rand.Uint32())
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

func sortedCopy(list []string) []string {
	out := append([]string(nil), list...)
	sort.Strings(out)
	return out
}

func integrationActor(app int, client string) *actor {
	return &actor{client: client, who: "app " + strconv.Itoa(app), source: sourceIntegration, sourceID: strconv.Itoa(app)}
}

func personActor(name string, userID int) *actor {
	return &actor{client: name, who: name, source: sourceUI, sourceID: "userId:" + strconv.Itoa(userID), userID: userID, person: true}
}
