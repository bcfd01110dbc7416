package console

import (
	"strings"

	"tandem/internal/config"
)

// section is a block of settings with its own controls; blocks in it are sections after it.
type section struct {
	head     config.Control
	of       string // the entry of a list that it stands in, blank for none
	controls []config.Control
}

// sections are the blocks of a tab in order, without those that have no control.
func sections(all []config.Control) (out []section) {
	at, of := map[string]int{}, section{}
	for _, one := range all {
		if one.Kind == config.Heading || one.Kind == config.Entry {
			at[one.Path] = len(out)
			next := section{head: one}
			if one.Kind == config.Entry {
				of = next
			} else if of.head.Path != "" && strings.HasPrefix(one.Path, of.head.Path+".") {
				next.of = of.title()
			}
			out = append(out, next)
			continue
		}
		parent := parentOf(one.Path)
		i, ok := at[parent]
		if !ok {
			i, at[parent] = len(out), len(out)
			out = append(out, section{})
		}
		out[i].controls = append(out[i].controls, one)
	}
	return out
}

func parentOf(path string) string {
	if i := strings.LastIndex(path, "."); i >= 0 {
		return path[:i]
	}
	return ""
}

// folds reports that a section is closed until somebody opens it or uses it: a block within
// another, or an entry that is still to be made.
func (s section) folds() bool {
	return strings.Contains(s.head.Path, ".") || s.head.Kind == config.Entry && s.head.Value == ""
}

// used reports that something of the section was set, or is the setting at.
func (s section) used(at string) bool {
	for _, one := range s.controls {
		if one.Path == at || one.Value != "" && one.Value != "false" && !one.Usual() {
			return true
		}
	}
	return false
}

// title is what a section is called, with the blocks around it but the tab's.
func (s section) title() string {
	if s.head.Kind == config.Entry && s.head.Value != "" {
		return s.head.Value
	}
	if s.head.Kind == config.Entry {
		return "Another object"
	}
	if s.head.Path == "" {
		return "General"
	}
	steps := strings.Split(s.head.Path, ".")
	if len(steps) > 1 {
		steps = steps[1:]
	}
	for i := range steps {
		steps[i] = keyWords(steps[i])
	}
	if s.of != "" {
		return s.of + ": " + strings.Join(steps, ": ")
	}
	return strings.Join(steps, ": ")
}

// label is what a setting is called.
func label(path string) string { return keyWords(path[strings.LastIndex(path, ".")+1:]) }

var keyNames = strings.NewReplacer("_", " ", "salesforce", "Salesforce", "hubspot", "HubSpot", "api", "API", "sla", "SLA")

// keyWords are a key as words.
func keyWords(key string) string {
	words := keyNames.Replace(key)
	return strings.ToUpper(words[:1]) + words[1:]
}

// choiceWords are a choice as words.
func choiceWords(choice string) string { return strings.ReplaceAll(choice, "_", " ") }

// rulesOf are the requirement ids of a setting.
func rulesOf(one config.Control) []string {
	if one.Rule == "" {
		return nil
	}
	return strings.Split(one.Rule, ", ")
}

// leftOut is what counts where the setting is blank, blank where nothing is said of it.
func leftOut(one config.Control) string {
	if one.Usual() || one.Kind == config.Switch || strings.Contains(one.Text, "Left out") {
		return ""
	}
	return one.Default
}

// rows is how high a field for several lines is.
func rows(one config.Control) int { return min(12, max(2, strings.Count(one.Value, "\n")+2)) }
