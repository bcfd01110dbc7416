package engine

import (
	"context"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/store"
)

// accountsOfNamed are the accounts without a partner of the contacts among the people that an
// import names: they come with them, since a contact waits for its account, and one that is
// older than the switch is otherwise made for nobody (ACC-4). What a company may do follows
// from its people by itself.
func (e *Engine) accountsOfNamed(ctx context.Context, c *Conn, named []core.Ref) (due []core.Ref, err error) {
	var ids []string
	for _, r := range named {
		if r.Side == core.Salesforce && r.Object == core.Contact {
			ids = append(ids, r.ID)
		}
	}
	if len(ids) == 0 || !c.Syncs(core.CompanyPair) {
		return nil, nil
	}
	recs, err := c.Sides[core.Salesforce].Read(ctx, connector.Query{Object: core.Contact, Values: ids, Fields: []string{conn.RelationKey}})
	if err != nil {
		return nil, err
	}
	var accounts []core.Ref
	for i := range recs {
		if id, _ := recs[i].Get(conn.RelationKey); id != "" {
			accounts = append(accounts, accountRef(id))
		}
	}
	err = e.View(ctx, func(tx *store.Tx) error {
		links, err := tx.LinksOf(c.ID, accounts)
		for _, r := range accounts {
			if links[r] == nil {
				due = append(due, r)
			}
		}
		return err
	})
	return due, err
}
