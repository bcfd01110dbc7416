package salesforcesim

import (
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// serveSim answers /_sim/…: what tests and people use to look at the org and
// to break it. Reading is open; changing takes the administrator's token.
func (o *Org) serveSim(w http.ResponseWriter, r *http.Request, what string) {
	if r.Method == http.MethodGet {
		o.serveSimGet(w, r, what)
		return
	}
	if subtle.ConstantTimeCompare([]byte(bearer(r)), []byte(o.auth.adminToken)) != 1 {
		writeJSON(w, http.StatusUnauthorized, map[string]string{"error": "send the org's admin_token as Authorization: Bearer …"})
		return
	}
	if r.Method == http.MethodDelete && what == "faults" {
		o.ClearFaults()
		w.WriteHeader(http.StatusNoContent)
		return
	}
	if r.Method != http.MethodPost {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	act, known := o.simActions()[what]
	if !known {
		writeJSON(w, http.StatusNotFound, map[string]string{"error": "unknown: /_sim/" + what})
		return
	}
	body, err := readBody(r)
	if err == nil {
		err = act(body)
	}
	if err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"ok": true, "now": o.now().UTC()})
}

func (o *Org) serveSimGet(w http.ResponseWriter, _ *http.Request, what string) {
	switch what {
	case "stats":
		writeJSON(w, http.StatusOK, o.Stats())
	case "clock":
		writeJSON(w, http.StatusOK, map[string]any{"now": o.now().UTC()})
	case "ledger":
		w.Header().Set("Content-Type", "application/x-ndjson")
		enc := json.NewEncoder(w)
		o.eachEntry(func(e Entry) bool { return enc.Encode(e) == nil })
	default:
		writeJSON(w, http.StatusNotFound, map[string]string{"error": "unknown: /_sim/" + what})
	}
}

// simActions are the things that POST /_sim/… can change.
func (o *Org) simActions() map[string]func([]byte) error {
	return map[string]func([]byte) error{
		"clock":             as(o.simClock),
		"settings":          as(o.Configure),
		"object":            as(o.AddObject),
		"faults":            as(o.AddFault),
		"permissions":       as(o.SetRight),
		"validation-rule":   as(o.AddValidationRule),
		"automation":        as(o.AddAutomation),
		"duplicate-rule":    as(o.AddDuplicateRule),
		"assignment-rule":   as(o.SetAssignmentRule),
		"field":             as(o.AddField),
		"event":             as(o.AddEvent),
		"record-type":       as(o.AddRecordType),
		"business-process":  as(o.AddBusinessProcess),
		"refresh-sandbox":   bare(o.RefreshSandbox),
		"place-picklists":   bare(o.EnablePlacePicklists),
		"currencies":        as(o.EnableCurrencies),
		"person-accounts":   bare(o.EnablePersonAccounts),
		"shared-activities": bare(o.EnableSharedActivities),
		"queue":             as(func(q Queue) error { _, err := o.AddQueue(q); return err }),
		"user":              as(func(u UserSpec) error { _, err := o.AddUser(u); return err }),
		"app":               as(o.RegisterApp),
		"merge":             as(o.simMerge),
		"convert-lead":      as(o.simConvert),
		"undelete":          as(o.simUndelete),
		"sharing":           as(o.SetHidden),
		"state":             as(o.simState),
		"clear-rules":       bare(o.ClearRules),
		"expire-sessions":   bare(o.ExpireSessions),
		"revoke-grants":     bare(o.RevokeGrants),
		"expire-events":     bare(func() { o.bus.Expire(o.now()) }),
		"disconnect":        bare(func() { o.bus.Disconnect() }),
		"select-entities":   as(func(names []string) error { return o.SelectEntities(names...) }),
	}
}

func (o *Org) simClock(arg struct{ Advance string }) error {
	by, err := time.ParseDuration(arg.Advance)
	if err != nil || by < 0 {
		return fmt.Errorf("advance clock: %q is no forward duration like 1h", arg.Advance)
	}
	o.Advance(by)
	return nil
}

type mergeRequest struct {
	Object, Master, As string
	Losers             []string
	Fields             map[string]any
}

func (o *Org) simMerge(m mergeRequest) error {
	return o.As(orAdmin(m.As)).MergeWith(m.Object, m.Master, m.Fields, m.Losers...)
}

type convertRequest struct {
	Convert
	Lead, As string
}

func (o *Org) simConvert(c convertRequest) error {
	_, err := o.As(orAdmin(c.As)).ConvertLead(c.Lead, c.Convert)
	return err
}

func (o *Org) simUndelete(u struct{ Object, ID, As string }) error {
	return o.As(orAdmin(u.As)).Undelete(u.Object, u.ID)
}

func orAdmin(user string) string {
	if user == "" {
		return "admin"
	}
	return user
}

// simState switches the API of the whole org off or on.
func (o *Org) simState(s struct{ API *bool }) error {
	if s.API != nil {
		o.auth.apiOff.Store(!*s.API)
	}
	return nil
}
