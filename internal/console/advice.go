package console

import (
	"context"
	"fmt"
	"html"
	"io"
	"regexp"
	"strings"

	"github.com/a-h/templ"
)

// A text that says what to do names commands, since the command line shows it as well. Here
// each command is the page that does the same.

// doing is how a command is called here, and the page that does it.
type doing struct {
	command *regexp.Regexp
	words   string
	// page gives the parts of the page's address below the connection's, of what the command
	// names; nil for words alone.
	page func(args []string) []string
	// elsewhere has the first of these be the connection whose page it is.
	elsewhere bool
}

func fixed(parts ...string) func([]string) []string {
	return func([]string) []string { return parts }
}

// ofRecord is the page of the record that a command names as object and id, or where records
// are found.
func ofRecord(args []string) []string {
	if len(args) < 2 || args[0] == "" || args[1] == "" {
		return []string{"records"}
	}
	return []string{"records", args[0], args[1]}
}

func command(pattern, words string, page func([]string) []string) doing {
	return doing{command: regexp.MustCompile("^`?(?:" + pattern + ")`?"), words: words, page: page}
}

// ofAnother is a command that names the connection that it is about.
func ofAnother(pattern, words string, page func([]string) []string) doing {
	one := command(pattern, words, page)
	one.elsewhere = true
	return one
}

// record matches an object and an id behind a verb, where they are given.
const record = `(?: (company|contact|lead|deal|ticket|product|line_item|activity) ([0-9A-Za-z]*[0-9][0-9A-Za-z]*|ID))?`

// doings are tried in this order.
var doings = []doing{
	command(`tandem settings apply makes it count`, "Settings, Import makes it count", fixed("settings", "import")),
	command(`tandem settings apply FILE --dry-run`, "The page before it is saved", nil),
	command(`run tandem settings apply`, "save that under Settings", fixed("settings")),
	command(`tandem settings (?:list|show \d+|diff \d+|export)`, "Settings, Versions", fixed("settings", "versions")),
	command(`tandem settings apply`, "Save, under Settings,", fixed("settings")),
	command(`run tandem links unlink`+record, "use Stop syncing this record, on its page", ofRecord),
	command(`(?:with )?tandem links unlink`+record, "by Stop syncing this record, on its page", ofRecord),
	command(`(?:with |by )?tandem links link`, "by Link with, on the record's page", fixed("records")),
	command(`tandem links apart`, "These two are not the same, under Review,", fixed("review")),
	command(`tandem links review`, "Review", fixed("review")),
	command(`run tandem sync --once and tandem retry`, "wait for the next sync, press Resync under Sync health", fixed("issues")),
	command(`run tandem sync --once`, "wait for the next sync", nil),
	command(`tandem sync --once`, "the next sync does", nil),
	command(`(?:by )?tandem retry`, "by Resync, under Sync health", fixed("issues")),
	command(`(?:run |write )?tandem import(?: lead)? or tandem import contact, with --ids for this one alone`, "press Sync now on its page for this one alone, or import contacts and leads", fixed("import")),
	command(`(?:run |write )?tandem import contact --campaign (?:\S+…|\S+)`, "import it by the command line or the API, by its id", nil),
	command(`as tandem import lead does`, "as an import does", fixed("import")),
	command(`(?:run |write )?tandem import it`, "import it", fixed("import")),
	command(`(?:run |write )?tandem import ([a-z_]+)`, "import it", func(args []string) []string { return []string{"import"} }),
	command(`tandem explain(?: [a-z_]+)? for it`, "its page under Records", fixed("records")),
	command(`tandem explain for the company`, "the company's page under Records", fixed("records")),
	command(`tandem explain`+record, "the record's page", ofRecord),
	command(`tandem resync`+record, "Sync now, on its page,", ofRecord),
	command(`(?:run )?tandem check`, "the preflight under Connect", fixed("connect")),
	command(`tandem init proposes mappings`, "Field mappings proposes some", fixed("mappings")),
	command(`create it under Connect in the console or by tandem init --fields`, "press Create fields under Connect", fixed("connect")),
	command(`map OwnerId to hubspot_owner_id \(docs/operations.md\)`, "map OwnerId to hubspot_owner_id under Field mappings", fixed("mappings")),
	command(`run tandem init --fields`, "press Create fields under Connect", fixed("connect")),
	command(`tandem init --fields`, "Create fields, under Connect,", fixed("connect")),
	command(`run tandem init`, "press Create fields under Connect", fixed("connect")),
	command(`tandem status lists the runs`, "see Runs", fixed("runs")),
	command(`tandem status`, "the overview", nil),
	command(`tandem runs lists them`, "see Runs", fixed("runs")),
	command(`tandem history --json gives the numbers of both`, "the record's history names both", fixed("records")),
	command(`tandem history`, "the record's history", fixed("records")),
	command(`tandem import`, "import it", fixed("import")),
	command(`the run's page and tandem runs say why`, "the run's page says why", fixed("runs")),
	command(`tandem status and the overview say`, "the overview says", nil),
	command(`the overview or at tandem status`, "the overview", nil),
	command(`tandem cancel \d+`, "Cancel the run, on its page", fixed("runs")),
	command(`tandem resume --clear-brake [a-zA-Z_]+`, "I have looked; go on, on the overview,", nil),
	command(`tandem resume`, "Resume, on the overview,", nil),
	command(`tandem pause`, "Pause, on the overview,", nil),
	command(`tandem issues`, "Sync health", fixed("issues")),
	command(`tandem plan [a-z_]+`, "a plan", fixed("plans")),
	command(`tandem backfill [a-z_]+(?: --to [a-z]+(?: or --to [a-z]+)?)?`, "Fill in values, under Field mappings,", fixed("mappings")),
	ofAnother(`run tandem disconnect --connection(?: ([\w.-]*))?`, "have an admin disconnect it, under Connect,", fixed("disconnect")),
	command(`--delete-created`, "the box for that", nil),
	command(`--unlink`, "the box for that", nil),
	command(`tandem connections lists them`, "the overview lists them", nil),
}

// piece is a part of advice: words, and the page that they lead to, blank for none.
type piece struct{ words, to string }

// pieces are a text with the pages in place of commands. Links need a connection.
func pieces(connection, text string) (out []piece) {
	plain := ""
	add := func(p piece) {
		if plain != "" {
			out, plain = append(out, piece{words: plain}), ""
		}
		out = append(out, p)
	}
	for i := 0; i < len(text); {
		one, end, args := doingAt(text, i)
		if one == nil {
			plain += text[i : i+1]
			i++
			continue
		}
		p := piece{words: one.words}
		if one.page != nil && connection != "" {
			p.to = at(one.connection(connection, args), one.page(args)...)
		}
		if rest := text[end:]; strings.HasSuffix(p.words, ",") && (rest == "" || strings.ContainsAny(rest[:1], ",;.:)")) {
			p.words = strings.TrimSuffix(p.words, ",")
		}
		add(p)
		i = end
	}
	if plain != "" {
		out = append(out, piece{words: plain})
	}
	return out
}

// connection is whose page does it, where the page with the text is here's.
func (d *doing) connection(here string, args []string) string {
	if d.elsewhere && len(args) > 0 && args[0] != "" {
		return args[0]
	}
	return here
}

// doingAt is the command that stands in a text at a place where a word begins, and where it
// ends.
func doingAt(text string, i int) (one *doing, end int, args []string) {
	if i > 0 && !strings.ContainsAny(text[i-1:i], " (:;,`") {
		return nil, 0, nil
	}
	for k := range doings {
		if m := doings[k].command.FindStringSubmatchIndex(text[i:]); m != nil {
			for a := 2; a < len(m); a += 2 {
				arg := ""
				if m[a] >= 0 {
					arg = text[i+m[a] : i+m[a+1]]
				}
				args = append(args, arg)
			}
			return &doings[k], i + m[1], args
		}
	}
	return nil, 0, nil
}

// inWords is a text with the pages in place of commands, without links.
func inWords(text string) string {
	var b strings.Builder
	for _, p := range pieces("", text) {
		b.WriteString(p.words)
	}
	return b.String()
}

// advice is a text that says what to do, with links to the pages in place of commands. No
// space stands where the text has none.
func advice(v *visit, text string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		for _, p := range pieces(v.connection, text) {
			shown := html.EscapeString(p.words)
			if p.to != "" {
				shown = fmt.Sprintf(`<a href="%s">%s</a>`, html.EscapeString(p.to), shown)
			}
			if _, err := io.WriteString(w, shown); err != nil {
				return err
			}
		}
		return nil
	})
}
