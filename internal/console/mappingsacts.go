package console

import (
	"strconv"

	"tandem/internal/engine"
)

// fewLooked is how many linked records a preview looks at where not all are asked for.
const fewLooked = 1000

// previewMappings has a plan made of what a draft of mappings would alter, and shows it.
func (c *Console) previewMappings(v *visit) error {
	d, err := c.posted(v)
	if err != nil {
		return err
	}
	list, ok := draftedList(d.back)
	if !ok || list != v.r.PathValue("list") {
		return misused("The form does not say which mappings to try.")
	}
	o := v.order()
	o.Settings, o.Base, o.List = string(d.text), d.base.Version, list
	if o.Enough, err = strconv.Atoi(v.r.PostFormValue("enough")); err != nil || o.Enough < 0 {
		return misused("Choose on how many records to try it.")
	}
	var begun struct{ Plan int64 }
	switch err := c.Do(v.r.Context(), "begin preview", o, &begun); {
	case err != nil && c.Tell(err).Code == SettingsChanged:
		return c.showOvertaken(v, d)
	case err != nil:
		return err
	}
	plan := strconv.FormatInt(begun.Plan, 10)
	if err := c.note(v, v.who.Name, "preview mappings", map[string]string{"connection": v.connection, "plan": plan, "list": list}); err != nil {
		return err
	}
	return v.to(v.at("plans", plan))
}

// draftOf is what a plan shows, to be saved.
func draftOf(p engine.PlanView) draft {
	d := draft{back: mappingsBack + p.Meta.Draft.List, text: []byte(p.Meta.Draft.Settings)}
	d.base.Version = p.Meta.Draft.Base
	return d
}

// backfill has all linked records compared under the mappings as they are.
func (c *Console) backfill(v *visit) error {
	m, err := c.mappedAt(v, 0)
	if err != nil {
		return err
	}
	o := v.order()
	o.Pair = m.list.Pair
	if o.Sides, err = v.sides(); err != nil {
		return err
	}
	return c.startRun(v, "backfill", o, map[string]string{"connection": v.connection, "object": string(o.Pair), "from": v.r.PostFormValue("from")})
}
