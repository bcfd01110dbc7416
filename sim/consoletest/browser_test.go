package consoletest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

const adminName, adminPassword = "ada@example.com", "a horse that eats staples"

// browser is one person's browser with its own cookies.
type browser struct {
	*world
	ctx context.Context
}

// chromium is the path of the browser. A test is skipped where there is none, and fails
// where CI asks for it.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	const why = "there is no Chromium: scripts/setup installs it"
	if os.Getenv("CI") != "" || os.Getenv("TANDEM_REQUIRE_BROWSER") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
	return ""
}

// visit opens a browser.
func (w *world) visit() *browser {
	w.t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium(w.t)), chromedp.NoSandbox,
		chromedp.Flag("disable-quic", true), chromedp.Flag("lang", "en-US"), chromedp.UserDataDir(w.t.TempDir()))
	allocator, drop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, end := chromedp.NewContext(allocator)
	w.t.Cleanup(func() { end(); drop() })
	b := &browser{w, ctx}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 900)); err != nil { // starts the browser
		w.t.Fatal(err)
	}
	return b
}

// do runs steps, each within the patience of a test.
func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("%v\nThe page says: %s", err, b.text())
	}
}

// text is what the page shows.
func (b *browser) text() string {
	return eval[string](b, `document.body?.innerText ?? ""`) // blank between two pages
}

// eval evaluates an expression on the page.
func eval[T any](b *browser, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// open goes to a page, again where the page before it went somewhere at the same moment.
func (b *browser) open(path string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	for {
		err := chromedp.Do(ctx, chromedp.Navigate(b.address+path))
		switch {
		case err == nil:
			return
		case ctx.Err() != nil || !strings.Contains(err.Error(), "net::ERR_ABORTED"):
			b.t.Fatalf("open %s: %v; the page says: %s", path, err, b.text())
		}
	}
}

// sees waits until the page shows a text.
func (b *browser) sees(text string) {
	b.t.Helper()
	b.seesOne(text)
}

// seesOne waits until the page shows one of some texts, and gives the first that it shows.
func (b *browser) seesOne(texts ...string) string {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	quoted, _ := json.Marshal(texts)
	for ctx.Err() == nil {
		found, err := chromedp.Run(ctx, chromedp.Poll[string](fmt.Sprintf(`%s.find(text => document.body.innerText.includes(text))`, quoted), chromedp.WithPollingTimeout(patience)))
		if err == nil && found != "" {
			return found // otherwise the page was left meanwhile
		}
	}
	b.t.Fatalf("the page does not say %q but: %s", texts, b.text())
	return ""
}

// lacks fails where the page shows a text.
func (b *browser) lacks(text string) {
	b.t.Helper()
	if all := b.text(); strings.Contains(all, text) {
		b.t.Errorf("the page says %q: %s", text, all)
	}
}

// press clicks the button or link that has a text.
func (b *browser) press(text string) {
	b.t.Helper()
	b.do(chromedp.Click(fmt.Sprintf(`(//button | //a | //summary)[contains(normalize-space(.), %q)]`, text)))
}

// fill writes into a field by its name.
func (b *browser) fill(name, text string) {
	b.t.Helper()
	field := chromedp.CSS(fmt.Sprintf(`main [name=%q]:not([type=hidden])`, name))
	b.do(chromedp.Clear(field), chromedp.SendKeys(field, text))
}

// setUp makes the first account by the link that the daemon printed.
func (b *browser) setUp() {
	b.t.Helper()
	b.do(chromedp.Navigate(b.welcome))
	b.fill("name", adminName)
	b.fill("password", adminPassword)
	b.press("Save and sign in")
	b.sees("Overview")
}

// invited is the browser of somebody whom this one, an admin's, invites with a role.
func (b *browser) invited(role string) *browser {
	b.t.Helper()
	b.open("/people")
	b.fill("name", "vi@example.com")
	b.do(chromedp.SetValue(chromedp.CSS(`form[action="/people/invite"] [name=role]`), role))
	b.press("Make a link")
	b.sees("/welcome/")
	link := eval[string](b, `document.querySelector("code.link").innerText`)
	v := b.world.visit()
	v.do(chromedp.Navigate(link))
	v.fill("password", "another horse and staples")
	v.press("Save and sign in")
	v.sees("Overview")
	return v
}

// light and dark are what the system of the browser is set to.
func (b *browser) scheme(name string) {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}})
		return err
	}))
}

// axe is the source of the checker of accessibility; blank where sim/clients is not
// installed, which fails where CI or TANDEM_REQUIRE_NODE asks for it.
func axe(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "clients", "node_modules", "axe-core", "axe.min.js"))
	if err == nil {
		return string(text)
	}
	const why = "axe-core is not installed: scripts/clients installs it and needs npm"
	if os.Getenv("CI") != "" || os.Getenv("TANDEM_REQUIRE_NODE") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
	return ""
}
