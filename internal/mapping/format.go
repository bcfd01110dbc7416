package mapping

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Format is a text with names in braces, each of which stands for a value:
// "Opened: {subject}".
type Format struct {
	texts, names []string // one text more than names
}

var formatName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// ParseFormat reads a format. A brace stands for nothing but the begin or end of a name.
func ParseFormat(text string) (*Format, error) {
	f := &Format{}
	for {
		before, rest, found := strings.Cut(text, "{")
		if strings.Contains(before, "}") {
			return nil, fmt.Errorf("read format %.60q: a } closes no {", text)
		}
		f.texts = append(f.texts, before)
		if !found {
			return f, nil
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed || !formatName.MatchString(name) {
			return nil, fmt.Errorf("read format %.60q: { begins a name of letters, digits and underscores that ends with }", text)
		}
		f.names, text = append(f.names, name), after
	}
}

// Names are the names that the format uses, sorted, each once.
func (f *Format) Names() []string {
	out := slices.Sorted(slices.Values(f.names))
	return slices.Compact(out)
}

// Text is the format with values in place of its names.
func (f *Format) Text(value func(name string) string) string {
	var b strings.Builder
	for i, text := range f.texts {
		b.WriteString(text)
		if i < len(f.names) {
			b.WriteString(value(f.names[i]))
		}
	}
	return b.String()
}
