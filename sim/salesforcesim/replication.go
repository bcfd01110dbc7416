package salesforcesim

import (
	"net/http"
	"sort"
	"strconv"
	"strings"
	"time"

	"tandem/sim/salesforcesim/soql"
)

// How far back the replication resources reach (REST API Developer Guide,
// "Get Updated" and "Get Deleted").
const (
	updatedReach = 30 * 24 * time.Hour
	maxReplIDs   = 600_000
)

// replication answers /sobjects/X/updated and /deleted.
func (o *Org) replication(c *call, ob *object, what string) *answer {
	start, okStart := parseMoment(strings.ReplaceAll(c.query.Get("start"), " ", "+"))
	end, okEnd := parseMoment(strings.ReplaceAll(c.query.Get("end"), " ", "+"))
	if !okStart || !okEnd {
		return refusal(refuse("INVALID_REPLICATION_DATE", "start and end must be dates in the form yyyy-MM-ddTHH:mm:ss+HH:mm"))
	}
	if !ob.replicateable {
		return refusal(refuse("INVALID_TYPE", ob.name+" is not replicateable"))
	}
	start, end = start.Truncate(time.Minute), end.Truncate(time.Minute)
	reach, least := updatedReach, time.Duration(0)
	if what == "deleted" {
		reach, least = recycleTime, time.Minute
	}
	if errs := o.checkWindow(start, end, reach, least); errs != nil {
		return refusal(errs)
	}
	var out *answer
	c.read(func(a *access) {
		if what == "updated" {
			out = o.updated(a, ob, start, end)
		} else {
			out = o.deleted(a, ob, start, end)
		}
	})
	return out
}

// checkWindow holds a window to the reach of its log, and to more than the least.
func (o *Org) checkWindow(start, end time.Time, reach, least time.Duration) rowErrors {
	switch {
	case end.Sub(start) <= least:
		return refuse("INVALID_REPLICATION_DATE", "startDate before endDate: the end must be more than a minute later")
	case start.Before(o.now().Add(-reach)):
		return refuse("INVALID_REPLICATION_DATE", "startDate must be within the last "+strconv.Itoa(int(reach.Hours()/24))+" days")
	case start.After(o.now()) && o.options().RefuseFutureWindows:
		return refuse("INVALID_REPLICATION_DATE", "startDate is out of the allowed range: it lies in the future")
	}
	return nil
}

// covered is the time up to which an answer is complete: not beyond now, nor beyond
// the beginning of what has not committed yet.
func (o *Org) covered(end time.Time) string {
	if done := o.now().Add(-o.options().ReplicationLag).Truncate(time.Minute); end.After(done) {
		end = done
	}
	return end.UTC().Format(soql.DateTimeLayout)
}

func (o *Org) updated(a *access, ob *object, start, end time.Time) *answer {
	ids := []string{}
	ob.records.between(start.Unix(), end.Unix()-1, func(r *record) bool {
		if !r.deleted && !o.hiddenFrom(a, r.id) {
			ids = append(ids, r.id)
		}
		return len(ids) <= maxReplIDs
	})
	if len(ids) > maxReplIDs {
		return refusal(refuse("EXCEEDED_ID_LIMIT", "too many records changed in the window; shorten it"))
	}
	sort.Strings(ids)
	body := appendStrings([]byte(`{"ids":`), ids)
	body = appendString(append(body, `,"latestDateCovered":`...), o.covered(end))
	return jsonAnswer(http.StatusOK, append(body, '}'))
}

func (o *Org) deleted(a *access, ob *object, start, end time.Time) *answer {
	body := []byte(`{"deletedRecords":[`)
	n := 0
	for _, b := range o.bins {
		r := ob.records.find(b.id)
		restored := r != nil && (!r.deleted || r.stamp > b.at)
		if b.object != ob || b.at < start.Unix() || b.at >= end.Unix() || restored || o.hiddenFrom(a, b.id) {
			continue
		}
		if n > 0 {
			body = append(body, ',')
		}
		n++
		body = append(append(append(body, `{"id":"`...), b.id...), `","deletedDate":`...)
		body = append(appendString(body, time.Unix(b.at, 0).UTC().Format(soql.DateTimeLayout)), '}')
	}
	earliest := o.now().Add(-recycleTime).UTC().Truncate(time.Minute)
	body = appendString(append(body, `],"earliestDateAvailable":`...), earliest.Format(soql.DateTimeLayout))
	body = appendString(append(body, `,"latestDateCovered":`...), o.covered(end))
	return jsonAnswer(http.StatusOK, append(body, '}'))
}

// limits answers /limits and /limits/recordCount.
func (o *Org) limits(c *call) *answer {
	if len(c.seg) == 2 && c.seg[1] == "recordCount" {
		return o.recordCount(c)
	}
	daily := o.options().DailyAPICalls
	type limit struct{ Max, Remaining int }
	return marshalled(http.StatusOK, map[string]limit{
		"DailyApiRequests":                  {daily, o.calls.remaining(o.now(), daily)},
		"DailyBulkApiBatches":               {15000, 15000},
		"DailyBulkV2QueryJobs":              {10000, 10000 - o.jobs.queries(o.now())},
		"DailyBulkV2QueryFileStorageMB":     {976562, 976562},
		"DailyDeliveredPlatformEvents":      {25000, 25000},
		"HourlyPublishedPlatformEvents":     {250000, 250000},
		"DailyStreamingApiEvents":           {200000, 200000},
		"DataStorageMB":                     {10240, 10240 - c.storageMB()},
		"FileStorageMB":                     {10240, 10240},
		"ConcurrentAsyncGetReportInstances": {200, 200},
		"SingleEmail":                       {5000, 5000},
		"MassEmail":                         {5000, 5000},
	})
}

// storageMB counts two kilobytes a record, as the org's storage page does.
func (c *call) storageMB() int {
	n := 0
	c.read(func(*access) {
		for _, ob := range c.o.objects {
			if !ob.setup {
				n += ob.records.live
			}
		}
	})
	return n * 2 / 1024
}

func (o *Org) recordCount(c *call) *answer {
	type count struct {
		Count int    `json:"count"`
		Name  string `json:"name"`
	}
	counts := []count{}
	names := splitList(c.query.Get("sObjects"))
	c.read(func(a *access) {
		if len(names) == 0 {
			names = sortedKeys(o.objects)
		}
		for _, name := range names {
			if ob := o.objects[strings.ToLower(strings.TrimSpace(name))]; ob != nil && !ob.setup && a.may(ob, mayRead) {
				counts = append(counts, count{ob.records.live, ob.name})
			}
		}
	})
	return marshalled(http.StatusOK, map[string]any{"sObjects": counts})
}
