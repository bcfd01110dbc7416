package salesforcesim

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// fill creates accounts over the wire, 200 a call.
func (w *wire) fill(calls int) {
	w.t.Helper()
	var row strings.Builder
	for i := range calls {
		row.Reset()
		row.WriteString(`{"records":[`)
		for j := range 200 {
			if j > 0 {
				row.WriteByte(',')
			}
			n := i*200 + j
			fmt.Fprintf(&row, `{"attributes":{"type":"Account"},"Name":"Organisation number %d","Website":"https://www.org%d.example","Phone":"+49 40 %07d","BillingStreet":"Street %d","BillingCity":"City %d","BillingPostalCode":"%05d","BillingCountry":"Germany","NumberOfEmployees":%d}`,
				n, n, n, n, n%1000, n%100000, n%9000)
		}
		row.WriteString(`]}`)
		w.api("POST", "/composite/sobjects", row.String()).want(200)
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// A million accounts fit in a gigabyte: what one costs, ledger included, is
// measured on a fiftieth of them. As many stand there already, for what the tests before
// leave behind is still being let go while they come.
func TestMemoryOfAnAccount(t *testing.T) {
	w := newWire(t)
	w.fill(100)
	before := heap()
	w.fill(100)
	each := (float64(heap()) - float64(before)) / 20_000
	if each > 800 {
		t.Errorf("%.0f bytes an account", each)
	}
	t.Logf("%.0f bytes an account", each)
	runtime.KeepAlive(w)
}

// Writers, readers, jobs and rule changes meet without a race or a deadlock.
func TestConcurrentUse(t *testing.T) {
	w := newWire(t, func(o *Options) { o.Now = time.Now; o.BulkDelay = time.Millisecond })
	ok(t, w.org.SelectEntities("Account"))
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for n := range 25 {
				id := w.create("Account", fmt.Sprintf(`{"Name":"A%d-%d"}`, i, n))
				w.api("PATCH", "/sobjects/Account/"+id, `{"Phone":"1"}`).want(204)
				w.query("SELECT Id, Owner.Name FROM Account ORDER BY Name LIMIT 5")
			}
		})
	}
	wg.Go(func() {
		for n := range 10 {
			_ = w.org.AddField(FieldSpec{Object: "Account", Name: fmt.Sprintf("F%d", n), Type: "Text"})
			w.org.Ledger()
			w.org.Stats()
			w.org.Advance(time.Second)
		}
	})
	wg.Go(func() {
		for range 5 {
			id := w.job("ingest", `{"object":"Account","operation":"insert"}`)
			w.raw("PUT", "/services/data/v65.0/jobs/ingest/"+id+"/batches", "Name\nbulk\n", "text/csv").want(201)
			w.api("PATCH", "/jobs/ingest/"+id, `{"state":"UploadComplete"}`).want(200)
		}
	})
	wg.Wait()
	deadline := time.Now().Add(5 * time.Minute)
	for w.accounts() != 105 {
		if time.Now().After(deadline) {
			t.Fatalf("%d accounts", w.accounts())
		}
		w.org.Advance(time.Second)
		runtime.Gosched()
	}
}

func BenchmarkCreate200(b *testing.B) {
	w := benchWire(b)
	for b.Loop() {
		w.fill(1)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*200), "µs/record")
}

func BenchmarkQuery2000(b *testing.B) {
	w := benchWire(b)
	w.fill(10)
	for b.Loop() {
		w.api("GET", "/query?q=SELECT+Id,Name,Website,Phone,BillingCity,SystemModstamp+FROM+Account", "").want(200)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*2000), "µs/record")
}

// BenchmarkUpsert200 writes the same 200 accounts again by their key.
func BenchmarkUpsert200(b *testing.B) {
	w := benchWire(b)
	w.keyField("Account", true)
	for round := 0; b.Loop(); round++ {
		row := strings.Builder{}
		for n := range 200 {
			fmt.Fprintf(&row, `,{"attributes":{"type":"Account"},"Ext__c":"K%d","Name":"Organisation number %d","Phone":"%d"}`, n, n, round)
		}
		w.api("PATCH", "/composite/sobjects/Account/Ext__c", `{"records":[`+row.String()[1:]+`]}`).want(200)
	}
	b.ReportMetric(float64(b.N*200)/b.Elapsed().Seconds(), "records/s")
}

// BenchmarkBulkQuery reads 50,000 accounts by a bulk query, page by page.
func BenchmarkBulkQuery(b *testing.B) {
	const records = 50_000
	w := benchWire(b)
	w.fill(records / 200)
	for b.Loop() {
		id := w.job("query", `{"operation":"query","query":"SELECT Id, Name, Website, Phone, BillingCity, SystemModstamp FROM Account"}`)
		w.org.Advance(time.Minute)
		read, locator := 0, ""
		for locator != "null" {
			res := w.api("GET", "/jobs/query/"+id+"/results?maxRecords=10000&locator="+locator, "").want(200)
			read += strings.Count(string(res.body), "\n") - 1
			locator = res.header.Get("Sforce-Locator")
		}
		if read != records {
			b.Fatalf("%d rows were read", read)
		}
	}
	b.ReportMetric(float64(b.N*records)/b.Elapsed().Seconds(), "records/s")
}

// benchWire is an org whose calls report to a benchmark.
func benchWire(b *testing.B) *wire {
	t := &testing.T{}
	w := &wire{t: t, org: New(Options{Seed: 7}), head: map[string]string{}}
	w.token = w.integrationToken()
	if err := w.org.SelectEntities("Account"); err != nil {
		b.Fatal(err)
	}
	return w
}
