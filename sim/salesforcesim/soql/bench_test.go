package soql

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// indexed is a store of accounts with an index on Id, as a real store has one.
type indexed struct {
	*org
}

func (s indexed) Scan(object *Object, probes []Probe, yield func(Row) bool) {
	for _, p := range probes {
		if p.Field.Name != "Id" || p.In == nil {
			continue
		}
		for _, v := range p.In {
			if r, ok := s.byID[v.Str()]; ok && !yield(r) {
				return
			}
		}
		return
	}
	s.org.Scan(object, nil, yield)
}

// BenchmarkQuery asks what the engine asks most: 2,000 records of 200,000 by id, and one page of the change cursor.
func BenchmarkQuery(b *testing.B) {
	o := newOrg()
	var ids []string
	for i := range 200_000 {
		at := testNow.Add(time.Duration(-i) * time.Second)
		key := o.add("Account", "001", map[string]any{"Name": fmt.Sprintf("Account %d", i), "Industry": "Energy", "SystemModstamp": at})
		if i%100 == 0 {
			ids = append(ids, "'"+key+"'")
		}
	}
	for name, query := range map[string]string{
		"2000 ids":    "SELECT Id, Name, Industry, SystemModstamp FROM Account WHERE Id IN (" + strings.Join(ids, ",") + ")",
		"cursor page": "SELECT Id, SystemModstamp FROM Account WHERE SystemModstamp >= 2026-01-01T00:00:00Z ORDER BY SystemModstamp, Id LIMIT 2000",
		"scan count":  "SELECT COUNT() FROM Account WHERE Name LIKE '%99' AND Industry = 'energy'",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				q, err := Parse(query)
				if err != nil {
					b.Fatal(err)
				}
				p, err := q.Plan(o, Env{Now: testNow})
				if err != nil {
					b.Fatal(err)
				}
				n := p.Count(indexed{o})
				for range p.Records(indexed{o}) {
					n--
				}
				if n != 0 && !p.CountOnly() {
					b.Fatalf("count differs from records by %d", n)
				}
			}
		})
	}
}
