package console

import (
	"net/url"
	"strconv"

	"tandem/internal/policy"
	"tandem/internal/store"
)

// auditShown is how many entries of the audit log a page lists.
const auditShown = 100

// auditList is a page of the audit log, the newest entry first.
type auditList struct {
	entries     []store.AuditEntry
	who, action string // chosen; blank for all
	next        int64  // the entry to go on before; 0 at the end
}

func (c *Console) auditPage(v *visit) error {
	q := v.r.URL.Query()
	a := auditList{who: q.Get("who"), action: q.Get("action")}
	before, err := strconv.ParseInt(q.Get("before"), 10, 64)
	if err != nil {
		before = 0 // the newest
	}
	err = c.Store.View(v.r.Context(), func(tx *store.Tx) (err error) {
		a.entries, err = tx.AuditBack(before, a.who, a.action, auditShown+1)
		return err
	})
	if err != nil {
		return err
	}
	if len(a.entries) > auditShown {
		a.entries = a.entries[:auditShown]
		a.next = a.entries[auditShown-1].Seq
	}
	return v.show(auditView(v, a))
}

// auditAt is the address of a page of the audit log.
func auditAt(who, action string, before int64) string {
	q := url.Values{}
	for k, s := range map[string]string{"who": who, "action": action} {
		if s != "" {
			q.Set(k, s)
		}
	}
	if before > 0 {
		q.Set("before", strconv.FormatInt(before, 10))
	}
	if len(q) == 0 {
		return "/audit"
	}
	return "/audit?" + q.Encode()
}

func (c *Console) rulesPage(v *visit) error { return v.show(rulesView(v, policy.Rules())) }

// ruleAt is where a rule's text stands.
func ruleAt(id string) string { return "/rules#" + url.PathEscape(id) }
