package cli

import (
	"context"

	"github.com/spf13/cobra"

	"tandem/internal/core"
	"tandem/internal/store"
)

func (a *app) connections() *cobra.Command {
	return &cobra.Command{
		Use:     "connections",
		Short:   "List the connections of the settings and how they stand",
		Example: "  tandem connections --json",
		Args:    cobra.NoArgs,
		RunE: a.do(func(ctx context.Context, _ []string) error {
			rows, err := a.connectionRows(ctx)
			if err != nil {
				return err
			}
			if a.json {
				for _, r := range rows {
					if err := a.printJSON(r); err != nil {
						return err
					}
				}
				return nil
			}
			var cells [][]string
			for _, r := range rows {
				cells = append(cells, []string{r.Name, r.State, r.Org, r.Portal, r.Companies})
			}
			a.printed.table([]string{"Connection", "State", "Salesforce org", "HubSpot portal", "Company sync"}, cells)
			return nil
		}),
	}
}

// connectionRow is one connection as it is listed.
type connectionRow struct {
	Name      string `json:"name"`
	State     string `json:"state"` // new, running, paused, suspended, disconnected
	Org       string `json:"org_id"`
	Portal    string `json:"portal_id"`
	Companies string `json:"companies_sync"` // on or off
}

func (a *app) connectionRows(ctx context.Context) ([]connectionRow, error) {
	f, err := a.load()
	if err != nil {
		return nil, err
	}
	s, err := store.Open(ctx, f.Store, store.Options{Now: a.now, ReadOnly: true})
	if store.CodeOf(err) == store.NotFound {
		s, err = nil, nil
	}
	if err != nil {
		return nil, err
	}
	if s != nil {
		defer s.Close()
	}
	var out []connectionRow
	for _, c := range f.Connections {
		row := connectionRow{Name: c.Name, State: "new", Org: c.Salesforce.OrgID, Portal: c.HubSpot.PortalID, Companies: onOff(c.Companies.Sync)}
		if s != nil {
			settings, err := a.storedSettings(ctx, s, f, c.Name)
			if err != nil {
				return nil, err
			}
			row.Companies = onOff(settings.Companies.Sync)
			if err := row.fill(ctx, s, settings.Paused); err != nil {
				return nil, err
			}
		}
		out = append(out, row)
	}
	return out, nil
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// fill adds what the store knows.
func (r *connectionRow) fill(ctx context.Context, s *store.Store, paused bool) error {
	var c store.Connection
	err := s.View(ctx, func(tx *store.Tx) (err error) { c, err = tx.Connection(r.Name); return err })
	if store.CodeOf(err) == store.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	r.Org, r.Portal = orElse(c.Accounts[core.Salesforce], r.Org), orElse(c.Accounts[core.HubSpot], r.Portal)
	switch {
	case !c.Disconnected.IsZero():
		r.State = "disconnected"
	case c.Paused || paused:
		r.State = "paused"
	case c.Suspended != "":
		r.State = "suspended: " + c.Suspended
	default:
		r.State = "running"
	}
	return nil
}
