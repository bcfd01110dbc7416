package consoletest

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// right gives the integration user exactly this right.
func (w *world) right(right map[string]any) {
	w.t.Helper()
	w.call(http.MethodPost, w.sims.Salesforce.URL+"/_sim/permissions", w.sims.Salesforce.AdminToken, right, nil)
}

// TestINST3_ThePreflightSaysWhatTheCommandLineSays: each line of tandem check, with what to
// do, how old it is, and whether the settings are newer.
func TestINST3_ThePreflightSaysWhatTheCommandLineSays(t *testing.T) {
	w := newWorld(t, nil)
	b := w.visit()
	b.setUp()
	b.open("/c/simulated/connect")
	b.sees("Both sides were not checked yet")
	b.press("Check both sides")
	b.sees(" by " + adminName)
	b.lacks("Red")
	w.right(map[string]any{"object": "Account", "field": "Phone"})
	b.press("Check again")
	b.sees("Something has to be mended")
	b.sees("Account.Phone")
	b.sees("give it field access, or take it out of the mappings")
	w.apply(strings.Replace(w.run("settings", "export"), "every: 30m", "every: 45m", 1))
	b.open("/c/simulated/connect")
	b.sees("The settings were changed since")
	var said struct {
		Findings []struct{ What, Found, Mend string }
	}
	w.decode(w.fails("check", "--json"), &said)
	for _, f := range said.Findings {
		if f.What == "daily calls" {
			f.Found = "" // each look makes some
		}
		for _, part := range []string{f.What, f.Found, f.Mend} {
			if quoted, _ := json.Marshal(words(part)); !eval[bool](b, `document.querySelector("main").textContent.replace(/\s+/g, " ").includes(`+string(quoted)+`)`) {
				t.Errorf("tandem check says %q, and the page does not", part)
			}
		}
	}
	if len(said.Findings) < 10 {
		t.Errorf("tandem check found %d things", len(said.Findings))
	}
}

// words are a text with its spaces as a page has them.
func words(text string) string { return strings.Join(strings.Fields(text), " ") }

func TestAViewerReadsThePreflightAndMayNotAskForOne(t *testing.T) {
	w := newWorld(t, nil)
	a := w.visit()
	a.setUp()
	v := a.invited("viewer")
	v.open("/c/simulated/connect")
	v.sees("Both sides were not checked yet")
	v.lacks("Check both sides")
	if status := eval[int](v, `fetch("/c/simulated/connect/check", {method: "POST"}).then(r => r.status)`); status != http.StatusForbidden {
		t.Errorf("a viewer's post is answered %d", status)
	}
	v.open("/c/simulated/connect")
	v.sees("Both sides were not checked yet")
}
