package console

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/a-h/templ"
)

// TestCellsOfATableAreLabelledByTheirColumns: all that are not blank, whatever stands in them.
func TestCellsOfATableAreLabelledByTheirColumns(t *testing.T) {
	const table = `<table><thead><tr><th><input type="checkbox"></th><th scope="col">A &amp; B</th><th>Why <small>now</small></th><th data-label="Short">A long name</th></tr></thead>
<tbody><tr id="x"><td><input></td><th scope="row"><a href="/?a=1&amp;b=2">one</a><br/>&lt;td&gt;</th><td class="amount"> </td></tr><tr><td></td><th>two</th><td><p>because</p></td><td>4</td></tr></tbody></table>`
	const want = `<div class="wide" role="region" tabindex="0" aria-label="Tom&#39;s &lt;list&gt;"><table><thead><tr><th><input type="checkbox"></th><th scope="col">A &amp; B</th><th>Why <small>now</small></th><th data-label="Short">A long name</th></tr></thead>
<tbody><tr id="x"><td data-label=""><div class="value"><input></div></td><th scope="row" data-label="A &amp; B"><div class="value"><a href="/?a=1&amp;b=2">one</a><br/>&lt;td&gt;</div></th><td class="amount"> </td></tr><tr><td></td><th data-label="A &amp; B"><div class="value">two</div></th><td data-label="Why now"><div class="value"><p>because</p></div></td><td data-label="Short"><div class="value">4</div></td></tr></tbody></table></div>`
	var out strings.Builder
	inside := templ.ComponentFunc(func(_ context.Context, w io.Writer) error { _, err := io.WriteString(w, table); return err })
	if err := wide("Tom's <list>").Render(templ.WithChildren(t.Context(), inside), &out); err != nil || out.String() != want {
		t.Errorf("%v\n%s\nwant\n%s", err, out.String(), want)
	}
}
