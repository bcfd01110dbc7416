package hubspotsim

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
)

// createBody is a batch of companies as an integration sends it.
func createBody(first, n int) []byte {
	b := []byte(`{"inputs":[`)
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		b = fmt.Appendf(b, `{"objectWriteTraceId":"%d","properties":{"name":"Company number %d","domain":"c%d.example","phone":"+1 555 %d",`+
			`"city":"Springfield","country":"United States","address":"%d Main Street","zip":"%d","website":"https://c%d.example","description":"made for a measurement"}}`,
			i, first+i, first+i, first+i, first+i, first+i, first+i)
	}
	return append(b, "]}"...)
}

func (r *rig) serve(b testing.TB, path string, body []byte) *httptest.ResponseRecorder {
	req := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+r.token)
	req.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	r.p.ServeHTTP(rec, req)
	if rec.Code >= 300 {
		b.Fatalf("%d %s", rec.Code, rec.Body)
	}
	return rec
}

func BenchmarkBatchCreate(b *testing.B) {
	p := New(Options{Seed: 1})
	defer p.Close()
	r := &rig{p: p, token: p.Info().IntegrationToken}
	n := 0
	for b.Loop() {
		r.serve(b, companies+"/batch/create", createBody(n*100, 100))
		n++
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(n*100), "µs/record")
}

// BenchmarkBatchUpsert writes the same 100 companies again by a key of their own.
func BenchmarkBatchUpsert(b *testing.B) {
	p := New(Options{Seed: 1})
	defer p.Close()
	r := &rig{p: p, token: p.Info().AdminToken}
	r.serve(b, "/crm/v3/properties/companies", []byte(`{"name":"own_key","label":"Key","type":"string","fieldType":"text","groupName":"companyinformation","hasUniqueValue":true}`))
	r.token = p.Info().IntegrationToken
	for round := 0; b.Loop(); round++ {
		body := []byte(`{"inputs":[`)
		for i := range 100 {
			if i > 0 {
				body = append(body, ',')
			}
			body = fmt.Appendf(body, `{"id":"K%d","idProperty":"own_key","objectWriteTraceId":"%d","properties":{"name":"Company number %d","phone":"%d"}}`, i, i, i, round)
		}
		r.serve(b, companies+"/batch/upsert", append(body, "]}"...))
	}
	b.ReportMetric(float64(b.N*100)/b.Elapsed().Seconds(), "records/s")
}

func BenchmarkBatchRead(b *testing.B) {
	p := New(Options{Seed: 1})
	defer p.Close()
	r := &rig{p: p, token: p.Info().IntegrationToken}
	r.serve(b, companies+"/batch/create", createBody(0, 100))
	body := []byte(`{"properties":["name","domain","phone","city","country","address","zip","website"],"inputs":[`)
	for i, rec := range p.names[typeCompany].order {
		if i > 0 {
			body = append(body, ',')
		}
		body = fmt.Appendf(body, `{"id":"%d"}`, rec.id)
	}
	body = append(body, "]}"...)
	n := 0
	for b.Loop() {
		r.serve(b, companies+"/batch/read", body)
		n++
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(n*100), "µs/record")
}

// A million companies fit in a gigabyte: what one costs, ledger and index
// included, is measured on a fiftieth of them.
func TestMemoryOfACompany(t *testing.T) {
	p := New(Options{Seed: 1})
	defer p.Close()
	r := &rig{p: p, token: p.Info().IntegrationToken}
	const records = 20_000
	before := heapBytes()
	for n := 0; n < records; n += 100 {
		r.serve(t, companies+"/batch/create", createBody(n, 100))
	}
	each := float64(heapBytes()-before) / records
	if each > 1_000 {
		t.Errorf("%.0f bytes a company", each)
	}
	t.Logf("%.0f bytes a company", each)
	runtime.KeepAlive(p)
}

func heapBytes() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
