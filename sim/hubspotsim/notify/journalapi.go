package notify

import (
	"crypto/hmac"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	journalRoot  = "/webhooks-journal/"
	downloadPath = journalRoot + "download/"
	// maxJournalBatch bounds the batch forms. The specification names only the
	// lower bound.
	maxJournalBatch = 100
)

var journalVersions = []string{"2026-03", "2026-09", "2026-09-beta", "2027-03-beta"}

// Scopes of the journal's endpoints (HubSpot, "Webhooks journal").
const (
	readScope           = "developer.webhooks_journal.read"
	subscriptionsRead   = "developer.webhooks_journal.subscriptions.read"
	subscriptionsWrite  = "developer.webhooks_journal.subscriptions.write"
	snapshotsReadScope  = "developer.webhooks_journal.snapshots.read"
	snapshotsWriteScope = "developer.webhooks_journal.snapshots.write"
)

// call is one authorized request, with the path below its area and version.
type call struct {
	*http.Request
	appID int64
	path  []string
}

// ServeHTTP serves /webhooks-journal/{journal,journal-local,subscriptions,snapshots}/{version}/…
// and the download URLs, which need no token. The journal came with 2026-03; the
// shapes of the versions since then are one.
func (j *Journal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if offset, isDownload := strings.CutPrefix(r.URL.Path, downloadPath); isDownload {
		j.download(w, r, offset)
		return
	}
	j.route(r).write(w, j.ids.uuid())
}

func (j *Journal) route(r *http.Request) answer {
	rest, below := strings.CutPrefix(r.URL.Path, journalRoot)
	parts := strings.Split(strings.Trim(rest, "/"), "/")
	if !below || len(parts) < 2 || !slices.Contains(journalVersions, parts[1]) {
		return failed(notFound("resource not found"))
	}
	area := parts[0]
	scope, limit := needs(area, r.Method, parts[2:])
	if scope == "" {
		return failed(notFound("resource not found"))
	}
	appID, scopes, known := j.opts.Authorize(r)
	switch {
	case !known:
		return failed(unauthorized())
	case !slices.Contains(scopes, scope):
		return failed(missingScopes(scope))
	case !j.admit(appID, limit):
		return failed(tooMany())
	}
	c := call{r, appID, parts[2:]}
	switch area {
	case "subscriptions":
		return j.serveSubscriptions(c)
	case "snapshots":
		return j.snapshot(c)
	}
	return j.serveJournal(c)
}

// needs gives the scope and the limit of an area; no scope means no such area.
func needs(area, method string, path []string) (scope string, limit int) {
	switch {
	case area == "subscriptions" && method == http.MethodGet:
		return subscriptionsRead, subscriptionLimit
	case area == "subscriptions":
		return subscriptionsWrite, subscriptionLimit
	case area == "snapshots":
		return snapshotsWriteScope, snapshotLimit
	case area != "journal" && area != "journal-local":
		return "", 0
	case len(path) > 0 && path[0] == "status":
		return snapshotsReadScope, fetchLimit
	}
	return readScope, fetchLimit
}

func (j *Journal) admit(appID int64, limit int) bool {
	if !j.opts.Limits {
		return true
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.reader(appID).limits[limit].admit(j.opts.Now())
}

// serveJournal reads entries. journal-local, which serves one region, is the
// same here: this portal has one region.
func (j *Journal) serveJournal(c call) answer {
	post := strings.Join(c.path, "/") == "batch/read"
	if (c.Method == http.MethodPost) != post || c.Method != http.MethodGet && !post {
		return answer{code: http.StatusMethodNotAllowed}
	}
	if portal := c.URL.Query().Get("installPortalId"); portal != "" && portal != strconv.FormatInt(j.opts.PortalID, 10) {
		return failed(badRequest("the app is not installed in portal %s", portal))
	}
	var inputs struct{ Inputs []string }
	if post {
		if err := readJSON(c.Request, &inputs); err != nil {
			return failed(err)
		}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	r := j.reader(c.appID)
	switch {
	case post:
		return j.batchRead(c, r, inputs.Inputs)
	case len(c.path) > 2 && c.path[0] == "batch":
		return j.batch(c, r, c.path[1:])
	case len(c.path) == 2 && c.path[0] == "status":
		return r.status(c.path[1])
	}
	return j.single(c, r)
}

// single serves earliest, latest and offset/{offset}/next.
func (j *Journal) single(c call, r *reader) answer {
	from := 0
	switch {
	case slices.Equal(c.path, []string{"earliest"}):
	case slices.Equal(c.path, []string{"latest"}):
		from = max(0, len(r.entries)-1)
	case len(c.path) == 3 && c.path[0] == "offset" && c.path[2] == "next":
		at := r.find(c.path[1])
		if at < 0 {
			return failed(unknownOffset(c.path[1]))
		}
		from = at + 1
	default:
		return failed(notFound("resource not found"))
	}
	if from >= len(r.entries) {
		return noContent
	}
	return ok(j.fetched(c, r.entries[from]))
}

// unknownOffset: an offset that has expired and one that never was look the same.
func unknownOffset(offset string) *wireError {
	return notFound("journal entry with offset %s does not exist or has expired", offset)
}

// batch serves earliest/{n}, latest/{n} and {offset}/next/{n}.
func (j *Journal) batch(c call, r *reader, path []string) answer {
	n, err := strconv.Atoi(path[len(path)-1])
	if err != nil || n < 1 || n > maxJournalBatch {
		return failed(badRequest("count must be a number from 1 to %d", maxJournalBatch))
	}
	entries := r.entries
	switch {
	case len(path) == 2 && path[0] == "earliest":
	case len(path) == 2 && path[0] == "latest":
		entries = entries[max(0, len(entries)-n):]
	case len(path) == 3 && path[1] == "next":
		at := r.find(path[0])
		if at < 0 {
			return failed(unknownOffset(path[0]))
		}
		entries = entries[at+1:]
	default:
		return failed(notFound("resource not found"))
	}
	return ok(j.fetchedBatch(c, entries[:min(n, len(entries))]))
}

func (j *Journal) batchRead(c call, r *reader, offsets []string) answer {
	var entries []entry
	var missing []*wireError
	for _, offset := range offsets {
		if at := r.find(offset); at >= 0 {
			entries = append(entries, r.entries[at])
			continue
		}
		e := unknownOffset(offset)
		e.Status, e.Context = "error", map[string][]string{"ids": {offset}}
		missing = append(missing, e)
	}
	out := j.fetchedBatch(c, entries)
	if len(missing) > 0 {
		out.NumErrors, out.Errors = len(missing), missing
		return answer{code: http.StatusMultiStatus, body: out}
	}
	return ok(out)
}

func (j *Journal) fetchedBatch(c call, entries []entry) batchJSON {
	now := stamp(j.opts.Now())
	results := make([]fetchedJSON, 0, len(entries))
	for _, e := range entries {
		results = append(results, j.fetched(c, e))
	}
	return batchJSON{Status: "COMPLETE", Results: results, StartedAt: now, CompletedAt: now}
}

type fetchedJSON struct {
	URL           string `json:"url"`
	ExpiresAt     string `json:"expiresAt"`
	CurrentOffset string `json:"currentOffset"`
}

// fetched tells where an entry can be downloaded, without a token, for a while.
func (j *Journal) fetched(c call, e entry) fetchedJSON {
	expires := j.opts.Now().Add(j.opts.URLTTL)
	at := strconv.FormatInt(expires.UnixMilli(), 10)
	query := url.Values{"app": {strconv.FormatInt(c.appID, 10)}, "expires": {at}, "signature": {j.seal(c.appID, e.offset, at)}}
	return fetchedJSON{URL: j.base(c.Request) + downloadPath + e.offset + "?" + query.Encode(),
		ExpiresAt: stamp(expires), CurrentOffset: e.offset}
}

func (j *Journal) base(r *http.Request) string {
	if j.opts.BaseURL != "" {
		return strings.TrimSuffix(j.opts.BaseURL, "/")
	}
	return choose(r.TLS != nil, "https://", "http://") + r.Host
}

// download serves an entry's file. A URL that expired or was tampered with is
// refused with 403, as object stores do.
func (j *Journal) download(w http.ResponseWriter, r *http.Request, offset string) {
	q := r.URL.Query()
	appID, _ := strconv.ParseInt(q.Get("app"), 10, 64)
	expires, _ := strconv.ParseInt(q.Get("expires"), 10, 64)
	genuine := hmac.Equal([]byte(q.Get("signature")), []byte(j.seal(appID, offset, q.Get("expires"))))
	if !genuine || j.opts.Now().After(time.UnixMilli(expires)) {
		http.Error(w, "the download URL is not valid or has expired; fetch the entry again", http.StatusForbidden)
		return
	}
	j.mu.Lock()
	reader := j.reader(appID)
	at := reader.find(offset)
	var e entry
	if at >= 0 {
		e = reader.entries[at]
	}
	j.mu.Unlock()
	if at < 0 {
		http.Error(w, "the journal entry has expired", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{ // the client is gone; nobody is left to tell
		"offset": e.offset, "journalEvents": e.events, "publishedAt": stamp(e.publishedAt)})
}
