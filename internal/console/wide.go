package console

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/a-h/templ"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// wide holds a table that may be wider than its page, and scrolls then. On a phone each row
// stands as lines, one for each cell that is not blank, with what its column is called: the
// words of its head, or the data-label of that.
func wide(label string) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		var table bytes.Buffer
		if err := templ.GetChildren(ctx).Render(templ.ClearChildren(ctx), &table); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, `<div class="wide" role="region" tabindex="0" aria-label="%s">`, html.EscapeString(label)); err != nil {
			return err
		}
		if err := (&labeller{in: html.NewTokenizer(&table), out: w}).run(); err != nil {
			return err
		}
		_, err := io.WriteString(w, "</div>")
		return err
	})
}

// labeller copies a table, and gives the cells of its body the words of their columns.
type labeller struct {
	in      *html.Tokenizer
	out     io.Writer
	columns []string
	body    bool // the header is over
	column  int  // that the next cell is in
}

func (l *labeller) run() error {
	for {
		kind := l.in.Next()
		if kind == html.ErrorToken {
			if errors.Is(l.in.Err(), io.EOF) {
				return nil
			}
			return l.in.Err()
		}
		raw := string(l.in.Raw())
		name, _ := l.in.TagName()
		tag := atom.Lookup(name)
		if kind == html.StartTagToken {
			switch tag {
			case atom.Tbody:
				l.body = true
			case atom.Tr:
				l.column = 0
			}
			if tag == atom.Td || tag == atom.Th {
				if err := l.cell(raw, tag, l.label()); err != nil {
					return err
				}
				continue
			}
		}
		if _, err := io.WriteString(l.out, raw); err != nil {
			return err
		}
	}
}

// label is the data-label of the tag that was read.
func (l *labeller) label() string {
	for more := true; more; {
		var key, value []byte
		if key, value, more = l.in.TagAttr(); string(key) == "data-label" {
			return string(value)
		}
	}
	return ""
}

// cell copies one cell, whose tag was read, with a label of its own or none.
func (l *labeller) cell(open string, tag atom.Atom, own string) error {
	inner, words := l.inner(tag)
	if !l.body {
		l.columns = append(l.columns, cmp.Or(own, words))
		_, err := fmt.Fprintf(l.out, "%s%s</%s>", open, inner, tag)
		return err
	}
	label := ""
	if l.column < len(l.columns) {
		label = l.columns[l.column]
	}
	l.column++
	if strings.TrimSpace(inner) != "" {
		open = strings.TrimSuffix(open, ">") + ` data-label="` + html.EscapeString(label) + `">`
		inner = `<div class="value">` + inner + "</div>"
	}
	_, err := fmt.Fprintf(l.out, "%s%s</%s>", open, inner, tag)
	return err
}

// inner is what stands in a cell up to its end, and the words of it.
func (l *labeller) inner(tag atom.Atom) (all, words string) {
	var b, text strings.Builder
	for {
		kind := l.in.Next()
		if kind == html.ErrorToken {
			return b.String(), strings.TrimSpace(text.String())
		}
		raw := string(l.in.Raw())
		switch kind {
		case html.TextToken:
			text.WriteString(html.UnescapeString(raw))
		case html.EndTagToken:
			if name, _ := l.in.TagName(); atom.Lookup(name) == tag {
				return b.String(), strings.TrimSpace(text.String())
			}
		}
		b.WriteString(raw)
	}
}
