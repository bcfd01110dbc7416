package certify

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

const (
	ingestJobs = "/jobs/ingest"
	queryJobs  = "/jobs/query"
	// bulkWithin is how long a job of a few rows may take before it counts as a
	// difference.
	bulkWithin = 5 * time.Minute
)

var regexpPath = regexp.MustCompile(`^(https?://[^/]+)?/services/data/v\d+\.0/sobjects/\w+/\w{18}$`)

var orgBulk = []Check{
	{ID: "org.bulk.query", Writes: true, Relies: "a bulk query runs as a job whose result is CSV with the columns in the order asked for and a locator to go on by",
		Fact: "Bulk API 2.0 guide, Query Jobs", run: orgBulkQuery},
	{ID: "org.bulk.ingest", Writes: true, Relies: "a bulk ingest takes its rows once, runs them one by one and tells the refused with their code",
		Fact: "Bulk API 2.0 guide, Ingest Jobs", run: orgBulkIngest},
}

// startJob makes a job and gives its id.
func startJob(p *probe, jobs string, body map[string]any, state string) string {
	key := p.name("job")
	if !p.intend(jobs, key) {
		return ""
	}
	a := p.post(jobs, body).status(http.StatusOK)
	root := a.json()
	id := root.at("id").is(orgID).text()
	p.settle(a, jobs, key, id)
	root.at("state").is(text).says(state)
	return id
}

// finish waits until a job has ended and gives its last state.
func finish(p *probe, jobs, id string) node {
	var job node
	_, ended := p.poll(bulkWithin, func() bool {
		job = p.get(jobs+"/{}", id).status(http.StatusOK).json()
		switch job.at("state").is(text).says("Open", "UploadComplete", "Queued", "InProgress", "JobComplete", "Failed", "Aborted").text() {
		case "JobComplete", "Failed", "Aborted", "":
			return true
		}
		return false
	})
	if !ended && p.failed == "" {
		job.a.differ(KindTiming, "state", "an end within 5 min", "none")
	}
	return job
}

func orgBulkQuery(p *probe) {
	id := startJob(p, queryJobs, map[string]any{"operation": "query", "query": "SELECT Id, Name, SystemModstamp FROM User LIMIT 3"}, "UploadComplete")
	if id == "" {
		return
	}
	job := finish(p, queryJobs, id)
	job.at("state").says("JobComplete")
	job.at("numberRecordsProcessed").is(number)
	a := p.do(call{method: http.MethodGet, path: queryJobs + "/{}/results", args: []string{id}, query: url.Values{"maxRecords": {"1000"}}, accept: "text/csv"}).status(http.StatusOK)
	a.has("Sforce-Locator", "a locator or null", anything)
	a.has("Sforce-NumberOfRecords", "a number", regexp.MustCompile(`^\d+$`))
	a.columns("Id", "Name", "SystemModstamp")
}

// columns expects a CSV answer to begin with the columns.
func (a answer) columns(want ...string) {
	if !a.ok {
		return
	}
	head, _, _ := strings.Cut(string(a.body), "\n")
	got := strings.Split(strings.ReplaceAll(strings.TrimSpace(head), `"`, ""), ",")
	if len(got) < len(want) || strings.Join(got[:len(want)], ",") != strings.Join(want, ",") {
		a.differ(KindShape, "", "columns "+strings.Join(want, ", "), "other columns or another order")
	}
}

func orgBulkIngest(p *probe) {
	id := startJob(p, ingestJobs, map[string]any{"object": "Account", "operation": "insert", "contentType": "CSV", "lineEnding": "LF"}, "Open")
	key := p.name("bulk")
	if id == "" || !p.intend("Account", key) {
		return
	}
	p.do(call{method: http.MethodPut, path: ingestJobs + "/{}/batches", args: []string{id}, csv: "Name,Site\n" + key + ",x\n,x\n"}).status(http.StatusCreated).blank()
	p.send(http.MethodPatch, ingestJobs+"/{}", map[string]any{"state": "UploadComplete"}, id).status(http.StatusOK)
	job := finish(p, ingestJobs, id)
	job.at("state").says("JobComplete")
	failed := job.at("numberRecordsFailed").is(number)
	failed.effect(failed.text() == "1", "one refused row", "another number")
	good := p.bulkRows(id, "successfulResults")
	good.columns("sf__Id", "sf__Created")
	if m := bulkID.FindStringSubmatch(string(good.body)); m != nil {
		p.made("Account", key, m[1])
	}
	bad := p.bulkRows(id, "failedResults")
	bad.columns("sf__Id", "sf__Error")
	if bad.ok && !strings.Contains(string(bad.body), "REQUIRED_FIELD_MISSING:") {
		bad.differ(KindCode, "sf__Error", "REQUIRED_FIELD_MISSING:…", "another text")
	}
}

var bulkID = regexp.MustCompile(`(?m)^"?(001\w{15})"?,`)

func (p *probe) bulkRows(id, which string) answer {
	return p.do(call{method: http.MethodGet, path: ingestJobs + "/{}/" + which + "/", args: []string{id}, accept: "text/csv"}).status(http.StatusOK)
}
