package hubspotsim

import "strings"

// taskDefaults are what a new task has where nothing else is said.
var taskDefaults = [][2]string{{"hs_task_status", "NOT_STARTED"}, {"hs_task_type", "TODO"}, {"hs_task_priority", "NONE"}}

// applyTask gives a new task its defaults, and notes when one was completed.
func (p *Portal) applyTask(d *draft) {
	if d.r == nil {
		for _, def := range taskDefaults {
			if d.get(def[0]) == "" {
				d.put(def[0], def[1])
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
