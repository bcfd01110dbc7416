package cli

import (
	"context"
	"fmt"

	"tandem/internal/engine/owners"
)

// ownerRow is a user or queue of Salesforce, an owner of HubSpot, or the two that stand
// for each other.
type ownerRow = owners.Pair

// importOwners reads the users of both sides again and shows who stands for whom. Nothing
// is written: HubSpot makes owners of its own users alone (OWN-3a).
func (a *app) importOwners(ctx context.Context) error {
	return a.act(ctx, func(ctx context.Context, s *session) error {
		rq, err := s.request()
		if err != nil {
			return err
		}
		var rows []ownerRow
		if err := s.do(ctx, "owners", rq, &rows); err != nil {
			return err
		}
		return a.printOwners(rows)
	})
}

func (a *app) printOwners(rows []ownerRow) error {
	var cells [][]string
	matched := 0
	for _, r := range rows {
		if a.json {
			if err := a.printJSON(r); err != nil {
				return err
			}
		}
		if r.Salesforce != nil && r.HubSpot != nil {
			matched++
		}
		cells = append(cells, []string{ownerText(r.Salesforce), ownerText(r.HubSpot), r.Note})
	}
	if a.json {
		return nil
	}
	a.printed.table([]string{"Salesforce", "HubSpot", ""}, cells)
	a.printf("%s of %s stand for each other.\n", counted(matched, [2]string{"pair", "pairs"}), counted(len(rows), [2]string{"owner", "owners"}))
	return nil
}

func ownerText(p *owners.View) string {
	if p == nil {
		return "–"
	}
	text := p.Name
	if p.Email != "" {
		text += " <" + p.Email + ">"
	}
	return fmt.Sprintf("%s (%s)", text, p.ID)
}

func doOwners(ctx context.Context, c *wired, _ request) (any, error) {
	return c.engine.Owners(ctx, c.conn)
}
