package consoletest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"tandem/internal/config"
)

// TestERR2_AnAdminSendsATestAndSeesWhatWasTold and who did that stands in the audit log; a
// viewer sees none of it.
func TestERR2_AnAdminSendsATestAndSeesWhatWasTold(t *testing.T) {
	told := make(chan string, 8)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		told <- string(body)
	}))
	t.Cleanup(receiver.Close)
	w := newWorldOf(t, func(f *config.File) {
		f.Connections[0].Companies.Sync = true
		f.Notify.Webhook = &config.NoticeHook{URL: receiver.URL + "/path-that-is-secret", Secret: "0123456789abcdef0123456789abcdef", OwnNetwork: true}
	})
	b := w.visit()
	b.setUp()
	b.open("/notifications")
	b.sees("By webhook: 127.0.0.1")
	b.press("Send a test")
	b.sees("was taken")
	b.lacks("path-that-is-secret")
	for test := false; !test; { // what the first look has found may come before
		text := <-told
		test = strings.Contains(text, `"kind":"test"`)
	}
	w.run("import", "company") // the sample leaves issues
	w.eventually("the issues are told", func() bool {
		b.open("/notifications")
		return strings.Contains(b.text(), "category picklist") && strings.Contains(b.text(), "taken")
	})
	b.open("/audit")
	b.sees("test notifications")
	v := b.invited("viewer")
	v.open("/notifications")
	v.sees("Your role is viewer")
}

// TestERR2_AnAdminSettlesWhoIsToldInTheBrowser: a webhook and what it is told, without a word in
// the settings file. Secrets are kept, and shown to nobody.
func TestERR2_AnAdminSettlesWhoIsToldInTheBrowser(t *testing.T) {
	told := make(chan string, 64)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		told <- string(body)
	}))
	t.Cleanup(receiver.Close)
	const secret = "0123456789abcdef0123456789abcdef"
	w := newUnconnected(t)
	b := w.visit()
	b.setUp()
	b.open("/notifications")
	b.sees("Nobody yet")
	b.fill("url", receiver.URL+"/path-that-is-secret")
	b.fill("secret", secret)
	b.press("Save")
	b.sees("write https://, or own_network: true")
	b.lacks("That counts now")
	b.fill("url", receiver.URL+"/path-that-is-secret")
	b.fill("secret", secret)
	b.tick("own_network")
	b.tick("run_failed")
	b.press("Save")
	b.sees("That counts now")
	b.sees("By webhook: 127.0.0.1")
	b.press("Send a test")
	b.sees("was taken")
	for text := ""; !strings.Contains(text, `"kind":"test"`); text = <-told {
		if strings.Contains(text, secret) {
			t.Error("the secret is sent")
		}
	}
	b.open("/notifications")
	if eval[bool](b, `document.querySelector("main [name=run_failed]").checked`) || !eval[bool](b, `document.querySelector("main [name=issues]").checked`) {
		t.Error("the kinds are not kept")
	}
	page := eval[string](b, `document.documentElement.outerHTML`)
	if strings.Contains(page, secret) || strings.Contains(page, "path-that-is-secret") {
		t.Error("a secret is on the page")
	}
	b.do(chromedp.SetValue(chromedp.CSS("main [name=every]"), "weekly"))
	b.press("Save")
	b.sees("That counts now") // on the page before too it says once a week, as a choice
	b.sees("once a week")
	b.press("Send a test") // with what is kept
	b.sees("was taken")
	if out := w.run("notify", "--test"); !strings.Contains(out, "was taken") {
		t.Errorf("tandem notify --test says %s", out)
	}
	b.open("/audit")
	b.sees("save notifications")
	b.lacks(secret)
	o := b.invited("operator")
	if status := eval[int](o, `fetch("/notifications", {method: "POST"}).then(r => r.status)`); status != http.StatusForbidden {
		t.Errorf("an operator's post is answered %d", status)
	}
}
