package console

import (
	"context"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/store"
)

// Proposed are the default mappings of a list.
type Proposed struct {
	Mappings []config.Mapping `json:"mappings"`
}

// proposedList is a list with the default mappings that it leaves out, as they were found.
type proposedList struct {
	mapped
	look   store.Look
	failed *Trouble
	found  bool
	more   []config.Mapping // that the list leaves out
}

// proposable reports that there are default mappings for a list: for the objects that
// everybody has. Those of activities count by themselves.
func (m *mapped) proposable() bool {
	return m.list.Pair != core.ActivityPair && slices.Contains(core.StandardPairs.Names(), m.list.Pair)
}

// proposeMappings has the default mappings found, and shows what the list with them would do.
// Where finding them takes its time a page says how far it is.
func (c *Console) proposeMappings(v *visit) error {
	m, err := c.mappedAt(v, 0)
	if err != nil {
		return err
	}
	o := v.order()
	o.Look = LookPropose + m.list.Name
	l, err := c.beginLook(v, o)
	switch {
	case err != nil:
		return err
	case l.Open():
		return v.to(v.lookAt(o.Look))
	}
	return c.addProposed(v)
}

// addProposed shows what the list would do with the default mappings that were found.
func (c *Console) addProposed(v *visit) error {
	p, err := c.proposed(v.r.Context(), v)
	if err != nil {
		return err
	}
	if len(p.more) == 0 {
		return v.to(v.at("mappings", p.list.Name) + "?proposed=none")
	}
	p.all = append(slices.Clone(p.all), p.more...)
	err = c.lookAtList(v, p.mapped)
	if t := wrongForm(err); t != nil {
		return &refusal{status: http.StatusUnprocessableEntity, Trouble: *t}
	}
	return err
}

// proposed is a list with what was found last.
func (c *Console) proposed(ctx context.Context, v *visit) (p proposedList, err error) {
	if p.mapped, err = c.mappedAt(v, 0); err != nil {
		return p, err
	}
	if p.look, err = c.Looked(ctx, v.connection, LookPropose+p.list.Name); err != nil {
		t := c.Tell(err)
		p.failed = &t
	}
	v.now = c.Now()
	found, ok, err := foundBy[Proposed](p.look)
	p.found, p.more = ok, notYet(p.all, found.Mappings)
	return p, err
}

func (c *Console) proposedPage(v *visit) error {
	p, err := c.proposed(v.r.Context(), v)
	if err != nil {
		return err
	}
	return v.show(proposedView(v, p))
}

func (c *Console) proposedLive(v *visit) error {
	return c.followed(v, LookPropose+v.r.PathValue("list"), func(ctx context.Context) (templ.Component, error) {
		p, err := c.proposed(ctx, v)
		return proposedFound(v, p), err
	})
}

// notYet are the proposed mappings whose fields no mapping of a list has.
func notYet(all, proposed []config.Mapping) (out []config.Mapping) {
	for _, p := range proposed {
		if !slices.ContainsFunc(all, func(m config.Mapping) bool { return m.Salesforce == p.Salesforce || m.HubSpot == p.HubSpot }) {
			out = append(out, p)
		}
	}
	return out
}
