package mapping

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func richPair(t testing.TB, sfRich bool, fieldType string) *Field {
	sf := sfDef("Notes__c", "textarea")
	sf.Rich, sf.Length = sfRich, 32768
	return pair(t, sf, hsDef("notes", "string", fieldType))
}

// What a person reads of HTML is the text of the other side; nothing else is a
// difference.
func TestMAP2_RichTextIsReadAsPeopleSeeIt(t *testing.T) {
	f := richPair(t, false, "html")
	for in, want := range map[string]string{
		"plain":                                                  "plain",
		"<p>One</p><p>Two</p>":                                   "One\nTwo",
		"<p>One</p>\n\n  <p>Two</p>\n":                           "One\nTwo",
		"One<br>Two<br/>Three":                                   "One\nTwo\nThree",
		"<p>One<br></p><p>Two</p>":                               "One\nTwo",
		"<p>One</p><p><br></p><p>Two</p>":                        "One\n\nTwo",
		"<ul><li>One</li><li>Two</li></ul>":                      "One\nTwo",
		"<h1>Head</h1>body <b>bo</b>ld":                          "Head\nbody bold",
		"Fish &amp; chips &lt;b&gt; &quot;":                      "Fish & chips <b> \"",
		"a&nbsp;&nbsp; b\tc\nd":                                  "a b c d",
		"&amp;amp;":                                              "&amp;",
		"<style>p{}</style><script>x()</script>seen<!-- not -->": "seen",
		"<a href='https://example.com'>here</a><img src=x>":      "here",
		"<p>unclosed <b>tags":                                    "unclosed tags",
		"1 < 2 > 0":                                              "1 < 2 > 0",
		"":                                                       "",
		"<p></p><div><br></div>":                                 "",
	} {
		if got := f.Canon(hsSide, in); got != want {
			t.Errorf("%q is read as %q, want %q", in, got, want)
		}
	}
	if got := f.Canon(sfSide, "<b>1</b> &amp;  2\r\n"); got != "<b>1</b> &amp; 2" {
		t.Errorf("the plain side is read as HTML: %q", got)
	}
}

// A plain text goes into a field of HTML and comes back as the same lines of words, and
// HTML of the other side is never changed by that.
func TestMAP2_PlainTextComesBackFromRichText(t *testing.T) {
	for _, f := range []*Field{richPair(t, false, "html"), richPair(t, true, "textarea"), richPair(t, true, "text")} {
		rich := sfSide
		if f.Defs[hsSide].Rich {
			rich = hsSide
		}
		texts := rapid.OneOf(rapid.String(), rapid.StringMatching(`([a-z<>&"';/ ]{0,6}(<br>|</p>|&nbsp;|&#34;|\n|\r\n|\t|  |\x{a0})?){0,6}`))
		rapid.Check(t, func(t *rapid.T) {
			checkRoundTrip(t, f, rich.Other(), texts.Draw(t, "text"))
			checkRoundTrip(t, f, rich, texts.Draw(t, "markup"))
		})
		written, issue := f.ToSide(rich, f.Canon(rich.Other(), "1 < 2\n\n<b>&amp;"))
		if want := "1 &lt; 2<br><br>&lt;b&gt;&amp;amp;"; written != want || issue != nil {
			t.Errorf("%q is written, want %q, %+v", written, want, issue)
		}
	}
	if long, issue := richPair(t, true, "text").ToSide(sfSide, strings.Repeat("<", 10000)); long != "" || issue == nil || issue.Code != "too_long" {
		t.Errorf("the tags do not count: %d characters, %+v", len(long), issue)
	}
}

// Where both sides have HTML it passes as it is.
func TestMAP2_RichTextPassesAsItIs(t *testing.T) {
	f := richPair(t, true, "html")
	in := "<p>One&nbsp; <b>two</b></p>\n<p>three</p>"
	if got, issue := f.ToSide(hsSide, f.Canon(sfSide, in)); got != in || issue != nil || f.plain {
		t.Errorf("%q became %q, %+v", in, got, issue)
	}
}
