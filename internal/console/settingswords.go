package console

import (
	"strings"

	"tandem/internal/config"
)

// section is a block of settings with its own controls; blocks in it are sections after it.
type section struct {
	head     config.Control
	controls []config.Control
}

// sections are the blocks of a tab in order, without those that have no control.
func sections(all []config.Control) (out []section) {
	at := map[string]int{}
	for _, one := range all {
		if one.Kind == config.Heading || one.Kind == config.Entry {
			at[one.Path] = len(out)
			out = append(out, section{head: one})
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

// depth is how many blocks a section stands in.
func (s section) depth() int { return strings.Count(s.head.Path, ".") }

// title is what a section is called, with the block around it where that is not the tab's.
func (s section) title() string {
	if s.head.Kind == config.Entry {
		if s.head.Value == "" {
			return "Another object"
		}
		return s.head.Value
	}
	steps := strings.Split(s.head.Path, ".")
	if len(steps) > 1 {
		steps = steps[1:]
	}
	for i := range steps {
		steps[i] = keyWords(steps[i])
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
	usual := strings.Trim(one.Default, `"`)
	same := one.Value == usual || "["+strings.ReplaceAll(one.Value, "\n", ", ")+"]" == usual
	if same || one.Kind == config.Switch || strings.Contains(one.Text, "Left out") {
		return ""
	}
	return usual
}

// rows is how high a field for several lines is.
func rows(one config.Control) int { return min(12, max(2, strings.Count(one.Value, "\n")+2)) }
