package simtest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
)

// naughtyStrings reads the big list of naughty strings from the data folder.
func naughtyStrings(t *testing.T) []string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(realFolder(), "dirty-naughty-strings", "blns.json"))
	if os.IsNotExist(err) {
		t.Skip("the data folder has no dirty-naughty-strings; set TANDEM_DATA")
	}
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// visible is what of a text a person can see: controls that a side refuses and
// white space that it trims are no difference.
func visible(s string) string {
	shown := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || r == '\ufeff' || r == utf8.RuneError:
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(shown), " ")
}

func TestAllNaughtyStringsSurviveOrBecomeAFieldIssue(t *testing.T) {
	texts := naughtyStrings(t)
	if len(texts) != 515 {
		t.Fatalf("%d strings, want 515", len(texts))
	}
	accounts, companies := map[string]string{}, map[string]string{}
	w := New(t, Mappings(nameTwoWay, config.Mapping{HubSpot: "description", Salesforce: "Description", Rule: "two_way"}), Before(func(w *World) {
		for _, s := range texts {
			if id, err := w.Org.As(admin).Create("Account", map[string]any{"Name": s, "Description": s}); err == nil {
				accounts[id] = s
			}
			if id, err := w.Portal.As(admin).Create("companies", map[string]string{"name": s, "description": s}); err == nil {
				companies[id] = s
			}
		}
		w.Advance(time.Hour)
	}), Settings(func(c *config.Connection) { c.Companies.CreateAccount = "always" }))
	if len(accounts) < 400 || len(companies) < 400 {
		t.Fatalf("%d accounts and %d companies were taken", len(accounts), len(companies))
	}
	_, err := w.Engine.StartImport(t.Context(), w.Conn, "import", engine.ImportArgs{Pair: core.CompanyPair, Sides: core.Sides[:]})
	w.must(err)
	w.Sync()
	excused := map[string]bool{}
	for _, i := range w.openIssues() {
		excused[i.Ref.ID] = true
	}
	for id, s := range accounts {
		if partner := w.partnerOf(t, id, excused); partner != "" {
			got, _ := w.Portal.As(admin).Get("companies", partner)
			w.wantText(id, s, w.accountValue(id, "Name"), got["name"], excused)
			w.wantText(id, s, w.accountValue(id, "Description"), got["description"], excused)
		}
	}
	for id, s := range companies {
		if partner := w.partnerOf(t, id, excused); partner != "" {
			got, _ := w.Portal.As(admin).Get("companies", id)
			w.wantText(id, s, got["name"], w.accountValue(partner, "Name"), excused)
			w.wantText(id, s, got["description"], w.accountValue(partner, "Description"), excused)
		}
	}
	at := w.Now()
	w.Advance(3 * time.Second)
	w.settle()
	if n := w.ours(at.Add(time.Second)); n != [2]int{} {
		t.Errorf("%v writes without a change: the sides disagree about a text for ever", n)
	}
}

func (w *World) partnerOf(t *testing.T, id string, excused map[string]bool) string {
	t.Helper()
	partner := w.byLink(id)
	if partner == "" && !excused[id] {
		t.Errorf("%s has neither a partner nor an issue", id)
	}
	return partner
}

// wantText fails where a text did not reach the other side and nobody is told.
func (w *World) wantText(id, original, from, to string, excused map[string]bool) {
	w.T.Helper()
	if visible(from) != visible(to) && !excused[id] {
		w.T.Errorf("%s: %q stands as %q and became %q without an issue", id, original, from, to)
	}
}
