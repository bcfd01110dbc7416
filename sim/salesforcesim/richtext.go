package salesforcesim

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// A rich text area keeps the tags that its editor makes and a few more. What could run
// in a reader's browser goes with all it holds, other tags go alone, and the text stays
// (Salesforce Help, "HTML Tags Supported in Rich Text Area Fields").
var (
	richTags = strings.Fields("a abbr acronym address b bdo big blockquote br caption cite code col colgroup dd del dfn div dl dt em font h1 h2 h3 h4 h5 h6 hr i img ins kbd li ol p pre q " +
		"s samp small span strike strong sub sup table tbody td tfoot th thead tr tt u ul var")
	unsafeTags = []string{"script", "style", "iframe", "object", "embed", "noscript"}
)

func cleanHTML(text string) string {
	if !strings.Contains(text, "<") {
		return text
	}
	var out strings.Builder
	within := "" // an element that is dropped with its content
	for z := html.NewTokenizer(strings.NewReader(text)); ; {
		kind := z.Next()
		if kind == html.ErrorToken {
			return out.String()
		}
		raw := string(z.Raw())
		tag := z.Token()
		switch {
		case within != "":
			if kind == html.EndTagToken && tag.Data == within {
				within = ""
			}
		case kind == html.TextToken:
			out.WriteString(raw)
		case kind == html.StartTagToken && slices.Contains(unsafeTags, tag.Data):
			within = tag.Data
		case slices.Contains(richTags, tag.Data):
			out.WriteString(cleanTag(tag, raw))
		}
	}
}

// cleanTag leaves out attributes that run something.
func cleanTag(tag html.Token, raw string) string {
	kept := slices.DeleteFunc(slices.Clone(tag.Attr), func(a html.Attribute) bool {
		return strings.HasPrefix(a.Key, "on") || strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:")
	})
	if len(kept) == len(tag.Attr) {
		return raw
	}
	tag.Attr = kept
	return tag.String()
}
