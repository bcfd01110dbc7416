package hubspotsim

import "strings"

// taskDefaults are what a new task has the first option of where nothing else is said.
var taskDefaults = []string{"hs_task_status", "hs_task_type", "hs_task_priority"}

// applyTask gives a new task its defaults, and notes when one was completed.
func (p *Portal) applyTask(d *draft) {
	if d.r == nil {
		for _, name := range taskDefaults {
			if def := d.t.schema.find(name); def != nil && len(def.options) > 0 && d.get(name) == "" {
				d.put(name, def.options[0].Value)
			}
		}
	}
	const status, completed = "hs_task_status", "COMPLETED"
	s := d.set(status)
	if s == nil || s.text == d.old(s.d) {
		return
	}
	switch {
	case s.text == completed:
		d.put("hs_task_completion_date", formatMS(p.nowMS()))
	case d.old(s.d) == completed:
		d.put("hs_task_completion_date", "")
	}
}

// setWebsite fills a new company's website from its domain and completes a contact's.
func (d *draft) setWebsite() {
	s := d.set("website")
	switch {
	case d.t.id == typeCompany && d.r == nil && d.get("website") == "":
		if domain := d.get("domain"); domain != "" {
			d.put("website", domain)
		}
	case d.t.id == typeContact && s != nil && s.text != "" && !strings.Contains(s.text, "://"):
		s.text = "http://" + s.text
	}
}
