package consoletest

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestAnAdminMakesATokenForAProgram: it is shown once, works until it is ended, and a browser
// that is signed in may not use the API without one.
func TestAnAdminMakesATokenForAProgram(t *testing.T) {
	w := newWorld(t, nil)
	b := w.visit()
	b.setUp()
	b.open("/people")
	b.do(chromedp.SendKeys(chromedp.CSS(`form[action="/people/token"] input[name=name]`), "reporting"))
	b.press("Make a token")
	b.sees("It is not shown again")
	token := eval[string](b, `document.querySelector("code.link").innerText`)
	ask := func(header string) int {
		return eval[int](b, fmt.Sprintf(`fetch("/api/v1/connections", {headers: %s}).then(r => r.status)`, header))
	}
	with := fmt.Sprintf(`{Authorization: "Bearer %s"}`, token)
	if got := ask(with); got != http.StatusOK {
		t.Errorf("the token is answered %d", got)
	}
	if got := ask(`{}`); got != http.StatusUnauthorized {
		t.Errorf("a browser without a token is answered %d", got)
	}
	b.open("/people")
	b.lacks(token)
	b.sees("reporting, viewer, last used")
	b.press("End token")
	w.eventually("the token is gone", func() bool {
		return eval[bool](b, `!!document.querySelector("h2#tokens") && !document.querySelector("[value=reporting]")`)
	})
	b.open("/audit")
	b.sees("end token")
	if got := ask(with); got != http.StatusUnauthorized {
		t.Errorf("the ended token is answered %d", got)
	}
}
