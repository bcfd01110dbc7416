package console

import (
	"slices"
	"strings"

	"tandem/internal/config"
)

// section is a block of settings with its own controls, and the blocks in it.
type section struct {
	head     config.Control
	controls []config.Control
	inner    []*section
}

// sections are the blocks of a tab in order.
func sections(all []config.Control) (out []*section) {
	at := map[string]*section{}
	for _, one := range all {
		holder := holderOf(at, one.Path)
		switch {
		case one.Kind == config.Heading || one.Kind == config.Entry:
			at[one.Path] = &section{head: one}
			if holder == nil {
				out = append(out, at[one.Path])
			} else {
				holder.inner = append(holder.inner, at[one.Path])
			}
		case holder != nil:
			holder.controls = append(holder.controls, one)
		case at[""] == nil: // settings of the connection itself, which stand together
			at[""] = &section{controls: []config.Control{one}}
			out = append(out, at[""])
		default:
			at[""].controls = append(at[""].controls, one)
		}
	}
	return out
}

// holderOf is the nearest block around a path; nil for none.
func holderOf(at map[string]*section, path string) *section {
	for i := strings.LastIndexAny(path, ".["); i > 0; i = strings.LastIndexAny(path[:i], ".[") {
		if s := at[path[:i]]; s != nil {
			return s
		}
	}
	return nil
}

// folds reports that a section is closed until somebody opens it.
func (s *section) folds() bool { return strings.ContainsAny(s.head.Path, ".[") }

// opens reports that a section is open from the start: the setting at is in it, or it says
// anything. An entry is closed, its name tells what it is.
func (s *section) opens(at string) bool {
	if at != "" && (at == s.head.Path || strings.HasPrefix(at, s.head.Path+".") || strings.HasPrefix(at, s.head.Path+"[")) {
		return true
	}
	return s.head.Kind != config.Entry && s.used()
}

func (s *section) used() bool {
	for _, one := range s.controls {
		if one.Value != "" && one.Value != "false" && !one.Usual() {
			return true
		}
	}
	return slices.ContainsFunc(s.inner, func(in *section) bool { return in.head.Kind == config.Entry && in.head.Value != "" || in.used() })
}

// title is what a section is called: a block by its key, an entry by its name, and the one
// that is still to be made by what it would be.
func (s *section) title() string {
	list := listOf(s.head.Path)
	switch {
	case s.head.Path == "":
		return "General"
	case s.head.Kind == config.Entry && s.head.Value == "":
		return "Add " + entryNames[strings.TrimSuffix(list, "[]")]
	case s.head.Kind == config.Entry:
		return s.head.Value
	}
	return label(s.head.Path)
}

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
	return strings.Trim(one.Default, `"[]`)
}

// rows is how high a field for several lines is.
func rows(one config.Control) int { return min(12, max(2, strings.Count(one.Value, "\n")+2)) }
