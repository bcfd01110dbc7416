package hubspotsim

import (
	"slices"
	"strings"

	nethtml "golang.org/x/net/html"
)

// Rich text (fields of type html: bodies of notes, calls, e-mails) is kept without
// what could run in a reader's browser. Everything else stays as it was written.

// noText are elements that go with all they hold, noTag those whose tags go alone.
var (
	noText = []string{"script", "style", "iframe", "object", "embed", "noscript", "template"}
	noTag  = []string{"form", "input", "button", "meta", "link", "base", "html", "head", "body"}
)

func cleanHTML(text string) string {
	if !strings.Contains(text, "<") {
		return text
	}
	var out strings.Builder
	within := "" // an element that is dropped with its content
	for z := nethtml.NewTokenizer(strings.NewReader(text)); ; {
		kind := z.Next()
		if kind == nethtml.ErrorToken {
			return out.String()
		}
		raw := string(z.Raw())
		tag := z.Token()
		switch {
		case within != "":
			if kind == nethtml.EndTagToken && tag.Data == within {
				within = ""
			}
		case kind == nethtml.CommentToken, kind == nethtml.DoctypeToken:
		case kind == nethtml.TextToken:
			out.WriteString(raw)
		case slices.Contains(noText, tag.Data):
			if kind == nethtml.StartTagToken {
				within = tag.Data
			}
		case !slices.Contains(noTag, tag.Data):
			out.WriteString(cleanTag(tag, raw))
		}
	}
}

// cleanTag leaves out attributes that run something.
func cleanTag(tag nethtml.Token, raw string) string {
	kept := slices.DeleteFunc(slices.Clone(tag.Attr), runs)
	if len(kept) == len(tag.Attr) {
		return raw
	}
	tag.Attr = kept
	return tag.String()
}

func runs(a nethtml.Attribute) bool {
	value := strings.ToLower(strings.Join(strings.Fields(a.Val), ""))
	return strings.HasPrefix(a.Key, "on") || strings.HasPrefix(value, "javascript:") || strings.HasPrefix(value, "vbscript:")
}
