package consoletest

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

func TestTheFirstAdminChoosesAPasswordAndSignsInWithIt(t *testing.T) {
	w := newWorld(t, nil)
	b := w.visit()
	b.open("/")
	b.sees("Sign in")
	b.do(chromedp.Navigate(w.welcome))
	b.fill("name", adminName)
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("[name=password]").minLength = 0`)) // the server looks as well
	b.fill("password", "too short")
	b.press("Save and sign in")
	b.sees("fewer than 12 characters")
	b.setUp()
	b.sees("Salesforce")
	b.do(chromedp.Navigate(w.welcome))
	b.sees("used already")
	b.open("/")
	b.press("Sign out")
	b.sees("Sign in")
	b.fill("name", adminName)
	b.fill("password", "not the password")
	b.press("Sign in")
	b.sees("do not go together")
	b.open("/audit")
	b.sees("Sign in")
	b.fill("name", adminName)
	b.fill("password", adminPassword)
	b.press("Sign in")
	b.sees("Audit log") // the page that was asked for
	b.sees("sign in refused")
}

func TestANewAccountArrivesWhileTheOverviewIsOpen(t *testing.T) {
	w := newWorld(t, nil)
	b := w.visit()
	b.setUp()
	b.sees("In step")
	before := eval[int](b, `Number(document.querySelector("tbody .amount").innerText)`)
	w.create("Account", map[string]any{"Name": "Fresh Fjord"})
	w.eventually("the number of linked companies grows on the open page", func() bool {
		return eval[int](b, `Number([...document.querySelectorAll("tr")].find(r => r.innerText.startsWith("Companies")).querySelector(".amount").innerText)`) > before
	})
	b.open("/c/simulated/records")
	b.fill("q", "Fresh Fjord")
	b.press("Find")
	b.sees("In step")
	b.sees("are linked")
}

func TestACC8_ACompanyWithoutContactsIsExplainedAndMadeBySyncNow(t *testing.T) {
	w := newWorld(t, nil)
	id := w.create("companies", map[string]any{"name": "Lonely Loch", "domain": "lonely-loch.example"})
	b := w.visit()
	b.setUp()
	b.open("/c/simulated/records")
	w.eventually("the company is found by its domain", func() bool { // the portal's search runs behind
		b.open("/c/simulated/records?q=lonely-loch.example")
		return strings.Contains(b.text(), "Lonely Loch")
	})
	b.open("/c/simulated/records/company/" + id)
	b.sees("Not to be synced")
	b.sees("ACC-8a")
	if n := w.named("Account", "Lonely Loch"); n != 0 {
		t.Fatalf("%d accounts are there before anybody asked", n)
	}
	b.press("Sync now")
	b.sees("is looked at now")
	b.sees("In step")
	b.sees("ACC-10")
	w.eventually("one account is made", func() bool { return w.named("Account", "Lonely Loch") == 1 })
	b.press("Stop syncing this record")
	b.press("Unlink")
	b.sees("The link is closed")
	b.sees("until a person closed the link")
	b.open("/audit")
	b.sees("unlink")
	b.sees("resync")
}

func TestERR7_AnErrorIsFixedAndResyncedInSyncHealth(t *testing.T) {
	w := newWorld(t, nil)
	w.run("import", "company")
	b := w.visit()
	b.setUp()
	b.open("/c/simulated/issues")
	b.sees("Picklists")
	b.press("Picklists")
	b.sees("Recreation")
	rows := eval[int](b, `document.querySelectorAll(".issues tbody tr").length`)
	if rows == 0 {
		t.Fatal("no issue is listed")
	}
	if unnamed := b.unnamed(".issues"); len(unnamed) > 0 {
		t.Errorf("records are listed by their ids alone: %q", unnamed)
	}
	b.do(chromedp.SetValue(chromedp.CSS(`main select[name=object]`), "contact"))
	b.press("Show")
	b.sees("No open issue is of this kind")
	b.do(chromedp.SetValue(chromedp.CSS(`main select[name=object]`), "company"))
	b.press("Show")
	b.sees("Picklists of companies and accounts, the oldest first")
	b.sees(fmt.Sprintf("Resync all %d of Picklists", rows))
	b.press("Resync ticked records")
	b.sees("No record is ticked")
	b.open("/c/simulated/issues?category=picklist")
	address := eval[string](b, `document.querySelector(".issues tbody th a").getAttribute("href")`)
	id := address[strings.LastIndex(address, "/")+1:]
	w.call(http.MethodPatch, w.sims.Salesforce.URL+"/services/data/v64.0/sobjects/Account/"+id, w.sims.Salesforce.AdminToken, map[string]any{"Industry": ""}, nil)
	b.do(chromedp.Click(chromedp.CSS(`thead input[type=checkbox]`)))
	b.press("Resync ticked records")
	b.sees("tried again. Whatever syncs leaves this list")
	w.eventually("the mended record leaves the list", func() bool {
		b.open("/c/simulated/issues")
		return eval[bool](b, fmt.Sprintf(`![...document.querySelectorAll(".issues a")].some(a => a.href.endsWith(%q))`, id))
	})
}

func TestAValueWithMarkupIsShownAsText(t *testing.T) {
	w := newWorld(t, nil)
	const evil = `<script>document.title="owned"</script><img src=x onerror='document.title="owned"'>`
	id := w.create("companies", map[string]any{"name": evil, "domain": "markup.example"})
	b := w.visit()
	b.setUp()
	b.open("/c/simulated/records/company/" + id)
	b.sees(`<script>document.title="owned"</script>`)
	b.press("Sync now")
	b.sees("In step")
	b.sees(`<script>document.title="owned"</script>`)
	if title := eval[string](b, `document.title`); title == "owned" {
		t.Error("markup of a value was run")
	}
	b.open("/c/simulated/records?q=" + url.QueryEscape(`"><script>document.title="owned"</script>`))
	b.sees("Nothing found")
	if title := eval[string](b, `document.title`); title == "owned" {
		t.Error("markup of a search was run")
	}
}

func TestAViewerSeesAndMayNotAct(t *testing.T) {
	w := newWorld(t, nil)
	w.run("import", "company")
	b := w.visit()
	b.setUp()
	v := b.invited("viewer")
	v.lacks("Pause")
	v.open("/c/simulated/issues")
	v.sees("Picklists")
	v.lacks("Resync")
	v.open("/people")
	v.sees("Your role is viewer")
	// The server refuses too, whatever the page shows.
	answer := eval[int](v, `fetch("/c/simulated/pause", {method: "POST"}).then(r => r.status)`)
	if answer != http.StatusForbidden {
		t.Errorf("a viewer's pause is answered %d", answer)
	}
	b.open("/people")
	b.do(chromedp.Click(`(//article[@aria-label="vi@example.com"]//button[contains(., "End session")])`))
	b.sees("Not signed in anywhere")
	v.open("/")
	v.sees("Sign in")
}

func TestAForgedPostOfAnotherSiteIsRefused(t *testing.T) {
	w := newWorld(t, nil)
	jar, _ := cookiejar.New(nil)
	client := &http.Client{Jar: jar}
	res, err := client.PostForm(w.welcome, url.Values{"name": {adminName}, "password": {adminPassword}})
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	post := func(path, header, value string) int {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, w.address+"/c/simulated/"+path, nil)
		r.Header.Set(header, value)
		res, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		return res.StatusCode
	}
	for _, forged := range [][2]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"}} {
		for _, path := range []string{"pause", "mappings/company/one", "mappings/company/drop", "mappings/company/preview", "mappings/company/backfill"} {
			if code := post(path, forged[0], forged[1]); code != http.StatusForbidden {
				t.Errorf("a post to %s with %s: %s is answered %d", path, forged[0], forged[1], code)
			}
		}
	}
	if out := w.run("status", "--json"); strings.Contains(out, `"state":"paused"`) {
		t.Fatal("a forged post has paused the connection")
	}
	if code := post("pause", "Origin", w.address); code != http.StatusOK {
		t.Errorf("the console's own post is answered %d", code)
	}
}

func TestIMP1_AnImportIsStartedAndFollowedOnTheRunsPages(t *testing.T) {
	w := newWorld(t, nil)
	b := w.visit()
	b.setUp()
	b.open("/c/simulated/import?object=company")
	b.press("Start the import")
	b.sees("import")
	b.sees("What it wrote")
	b.sees("Create companies in HubSpot: ")
	b.sees("of Salesforce got nothing but the id of the partner")
	b.lacks("Cancel this run")
	b.open("/c/simulated/runs")
	b.do(chromedp.Click(`(//tr[contains(., "Import of")]//a)[1]`))
	b.sees("Undo this run")
	b.press("Undo this run")
	b.sees("Nothing was written yet")
	b.open("/audit")
	b.sees("start import")
}

func TestASyncIsUndoneFromItsRunsPage(t *testing.T) {
	w := newWorld(t, nil)
	b := w.visit()
	b.setUp()
	id := w.create("Account", map[string]any{"Name": "Before Bay"})
	record := "/c/simulated/records/company/" + id
	name := func() string { // as HubSpot has it
		b.open(record)
		return eval[string](b, `document.querySelector(".fields tbody tr")?.querySelectorAll("td")[1].innerText ?? ""`)
	}
	w.eventually("the account is linked", func() bool { return name() == "Before Bay" })
	w.run("sync", "--once") // ends the run under which that was made
	w.call(http.MethodPatch, w.sims.Salesforce.URL+"/services/data/v64.0/sobjects/Account/"+id, w.sims.Salesforce.AdminToken, map[string]any{"Name": "After Abyss"}, nil)
	w.eventually("the edit passes", func() bool { return name() == "After Abyss" })
	w.run("sync", "--once")
	b.open("/c/simulated/runs")
	b.do(chromedp.Click(`(//tr[contains(., "Sync of changes") and contains(., "Done")]//a)[1]`))
	b.sees("Update companies in HubSpot: ")
	b.press("Undo this run")
	b.sees("1 value would be put back")
	b.press("Put back 1 value")
	b.sees(": undo") // the page of the new run: to leave before it came would take the form back
	w.eventually("HubSpot has the name of before", func() bool { return name() == "Before Bay" })
}
