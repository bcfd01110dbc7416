package consoletest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

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
