package console

import (
	"net/http"
	"slices"

	"tandem/internal/config"
	"tandem/internal/core"
)

// Proposed are the default mappings of a list.
type Proposed struct {
	Mappings []config.Mapping `json:"mappings"`
}

// proposable reports that there are default mappings for a list: for the objects that
// everybody has. Those of activities count by themselves.
func (m *mapped) proposable() bool {
	return m.list.Pair != core.ActivityPair && slices.Contains(core.StandardPairs.Names(), m.list.Pair)
}

// proposeMappings shows the list with the default mappings of fields that it leaves out.
func (c *Console) proposeMappings(v *visit) error {
	m, err := c.mappedAt(v, 0)
	if err != nil {
		return err
	}
	o := v.order()
	o.List = m.list.Name
	var p Proposed
	if err := c.Do(v.r.Context(), "propose mappings", o, &p); err != nil {
		return err
	}
	had := len(m.all)
	m.all = withProposed(m.all, p.Mappings)
	if len(m.all) == had {
		return v.to(v.at("mappings", m.list.Name) + "?proposed=none")
	}
	err = c.lookAtList(v, m)
	if t := wrongForm(err); t != nil {
		return &refusal{status: http.StatusUnprocessableEntity, Trouble: *t}
	}
	return err
}

// withProposed adds mappings whose fields no mapping has yet.
func withProposed(all, proposed []config.Mapping) []config.Mapping {
	out := slices.Clone(all)
	for _, p := range proposed {
		if !slices.ContainsFunc(all, func(m config.Mapping) bool { return m.Salesforce == p.Salesforce || m.HubSpot == p.HubSpot }) {
			out = append(out, p)
		}
	}
	return out
}
