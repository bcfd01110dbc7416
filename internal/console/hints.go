package console

import (
	"context"
	"html"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/a-h/templ"

	"tandem/internal/config"
)

// What a setting does is told by one text in the manual and here. The manual names keys and
// values as they stand in the settings file; here they are called what the form calls them.

// saidPart is a part of a text.
type saidPart struct {
	words string
	kind  saidKind
	to    string // the address that it leads to, of a link alone
}

type saidKind int

const (
	saidPlain saidKind = iota
	saidTyped          // as it is typed or as a side calls it
	saidNamed          // a choice of the form
	saidRule           // the id of a requirement
	saidLink
)

// show is how a part stands on a page.
func (p saidPart) show() string {
	words := html.EscapeString(p.words)
	switch p.kind {
	case saidTyped:
		return "<code>" + words + "</code>"
	case saidNamed:
		return "<q>" + words + "</q>"
	case saidRule:
		return `<a class="rule" href="` + html.EscapeString(ruleAt(p.words)) + `" title="` + html.EscapeString(meaningOf(p.words)) + `">` + words + "</a>"
	case saidLink:
		return `<a href="` + html.EscapeString(p.to) + `">` + words + "</a>"
	}
	return words
}

var (
	manualPage   = regexp.MustCompile(` ?\(docs/[a-z-]+\.md\)| ?docs/[a-z-]+\.md tells more\.`)
	requirement  = regexp.MustCompile(`\b[A-Z]{2,5}-\d+[a-z]?\b`)
	afterProfile = regexp.MustCompile(`(?:profile| in) $`)
)

// hint is what a setting does, for the form that has it.
func (v *visit) hint(one config.Control) []saidPart {
	text := manualPage.ReplaceAllString(one.Text, "")
	text = strings.NewReplacer("Left out", blankWord(one), "when left out", "when blank").Replace(text)
	var out []saidPart
	for _, p := range pieces(v.connection, text) {
		if p.to != "" {
			out = append(out, saidPart{p.words, saidLink, p.to})
			continue
		}
		for i, words := range strings.Split(p.words, "`") {
			if i%2 == 0 {
				out = append(out, withRequirements(words)...)
			} else {
				out = append(out, v.named(one, words, out))
			}
		}
	}
	return out
}

// hintText shows what a setting does. No space stands where the text has none.
func hintText(v *visit, one config.Control) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		text := "<span>"
		for _, p := range v.hint(one) {
			text += p.show()
		}
		_, err := io.WriteString(w, text+"</span>")
		return err
	})
}

// blankWord is how the form calls it that nothing is said.
func blankWord(one config.Control) string {
	if one.Kind == config.Choice {
		return "Not chosen"
	}
	return "Blank"
}

// named is what the form calls something that the settings file calls by words.
func (v *visit) named(one config.Control, words string, before []saidPart) saidPart {
	if one.Kind == config.Choice && slices.Contains(one.Choices, words) {
		name, _, _ := strings.Cut(choiceWords(one.Path, words), ": ")
		return saidPart{name, saidNamed, ""}
	}
	last := ""
	if len(before) > 0 {
		last = before[len(before)-1].words
	}
	if name, ok := choiceNames["profile "+words]; ok && afterProfile.MatchString(last) {
		name, _, _ = strings.Cut(name, ": ")
		return saidPart{name, saidNamed, ""}
	}
	if words == "mappings" {
		return saidPart{"Field mappings", saidLink, v.at("mappings")}
	}
	if path := settingAt(one, words); path != "" {
		return saidPart{label(path), saidLink, v.settingAddress(path)}
	}
	return saidPart{words, saidTyped, ""}
}

// settingAt is the path of another setting of the form that a key names, from where the
// setting stands or from the top; blank for none.
func settingAt(one config.Control, key string) string {
	beside := key
	if i := strings.LastIndexByte(one.Path, '.'); i > 0 {
		beside = one.Path[:i+1] + key
	}
	for _, path := range []string{beside, key} {
		if listOf(path) != listOf(one.Path) && inForms()[listOf(path)] && (one.Kind != config.List || strings.Contains(key, ".")) {
			return path
		}
	}
	return ""
}

// inForms are the settings that forms have, without the numbers of entries.
var inForms = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{}
	for _, k := range config.Keys() {
		path, ok := strings.CutPrefix(k.Path, "connections[].")
		block, _, _ := strings.Cut(path, ".")
		if block, _, _ = strings.Cut(block, "["); ok && slices.Contains(config.Blocks(), block) {
			out[path] = true
		}
	}
	return out
})

// settingAddress is the address of a setting in its form.
func (v *visit) settingAddress(path string) string {
	for _, t := range tabs {
		if slices.ContainsFunc(t.shows(), func(block string) bool {
			return path == block || strings.HasPrefix(path, block+".") || strings.HasPrefix(path, block+"[")
		}) {
			return v.at("settings", t.name) + "#" + path
		}
	}
	return v.at("settings")
}

// withRequirements sets the ids of requirements in a text apart.
func withRequirements(text string) (out []saidPart) {
	from := 0
	for _, at := range requirement.FindAllStringIndex(text, -1) {
		if id := text[at[0]:at[1]]; meaningOf(id) != "" {
			out = append(out, saidPart{text[from:at[0]], saidPlain, ""}, saidPart{id, saidRule, ""})
			from = at[1]
		}
	}
	return append(out, saidPart{text[from:], saidPlain, ""})
}
