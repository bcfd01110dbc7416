package mapping

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"tandem/internal/core"
)

// A text may be HTML on one side and plain on the other. Both are compared as what a
// person reads: lines of words. So neither another tag nor another run of blanks is a
// difference, and HTML is written only where somebody changed the words.

// unread are elements whose text nobody reads; inline those that do not end a line.
var (
	unread = []atom.Atom{atom.Head, atom.Script, atom.Style, atom.Title, atom.Template}
	inline = []atom.Atom{atom.A, atom.Abbr, atom.B, atom.Bdi, atom.Bdo, atom.Big, atom.Cite, atom.Code, atom.Del, atom.Em, atom.Font, atom.I, atom.Img, atom.Ins,
		atom.Kbd, atom.Label, atom.Mark, atom.Q, atom.S, atom.Samp, atom.Small, atom.Span, atom.Strike, atom.Strong, atom.Sub, atom.Sup, atom.Time, atom.Tt, atom.U, atom.Var, atom.Wbr}
)

// plainText is the canonical form of a side's text where only one side has HTML.
func (f *Field) plainText(side core.Side, raw string) string {
	if f.Defs[side].Rich {
		raw = visibleText(raw)
	}
	return lines(raw)
}

// markup is the canonical text as the side keeps it.
func (f *Field) markup(side core.Side, canonical string) string {
	if !f.plain || !f.Defs[side].Rich {
		return canonical
	}
	return strings.ReplaceAll(html.EscapeString(canonical), "\n", "<br>")
}

// lines are the lines of words of a text, without blank ones at its ends. What neither
// side can keep is no part of a word.
func lines(text string) string {
	text, _ = storable(lineBreaks.Replace(text))
	all := strings.Split(text, "\n")
	for i, line := range all {
		all[i] = strings.Join(strings.Fields(line), " ")
	}
	return strings.Trim(strings.Join(all, "\n"), "\n")
}

// visibleText is what a browser shows of HTML, as text.
func visibleText(markup string) string {
	r := reader{}
	z := html.NewTokenizer(strings.NewReader(markup))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return r.out.String()
		case html.TextToken:
			r.text(string(z.Text()))
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			r.begin(atom.Lookup(name))
		case html.EndTagToken:
			name, _ := z.TagName()
			r.end(atom.Lookup(name))
		}
	}
}

// reader puts together what is seen of HTML. within is the element that nobody reads
// and in which it stands; begun says that the line has words.
type reader struct {
	out    strings.Builder
	within atom.Atom
	begun  bool
}

func (r *reader) text(s string) {
	if r.within != 0 {
		return
	}
	r.begun = r.begun || strings.TrimSpace(s) != ""
	r.out.WriteString(strings.ReplaceAll(lineBreaks.Replace(s), "\n", " "))
}

func (r *reader) begin(tag atom.Atom) {
	switch {
	case r.within != 0:
	case slices.Contains(unread, tag):
		r.within = tag
	case tag == atom.Br:
		r.out.WriteByte('\n')
		r.begun = false
	default:
		r.bound(tag)
	}
}

func (r *reader) end(tag atom.Atom) {
	switch {
	case r.within == tag && tag != 0:
		r.within = 0
	case r.within == 0:
		r.bound(tag)
	}
}

// bound ends the line before and behind a block.
func (r *reader) bound(tag atom.Atom) {
	if r.begun && !slices.Contains(inline, tag) {
		r.out.WriteByte('\n')
		r.begun = false
	}
}
