package storetest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tandem/internal/core"
	"tandem/internal/store"
)

var lawNumber atomic.Int64

// dirtyModel is what the dirty set must hold, as the plainest code says it.
type dirtyModel struct {
	f       *fixture
	rt      *rapid.T
	entries map[core.Ref]core.Dirty
	given   map[int64]bool // generations
	claimed []core.Dirty
}

// testDirtyLaws runs random marks, claims, settlings and postponings against the
// model: nothing is lost that was marked after a claim, nothing stays that was
// settled.
func (s suite) testDirtyLaws(t *testing.T) {
	f := s.fixture(t)
	rapid.Check(t, func(rt *rapid.T) {
		own := &fixture{T: t, s: f.s, conn: Connect(t, f.s, fmt.Sprintf("law %d", lawNumber.Add(1))), ms: new(atomic.Int64)}
		own.ms.Store(f.ms.Load())
		m := &dirtyModel{f: own, rt: rt, entries: map[core.Ref]core.Dirty{}, given: map[int64]bool{}}
		steps := []func(){m.mark, m.mark, m.claim, m.settle, m.postpone, m.wait}
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			steps[rapid.IntRange(0, len(steps)-1).Draw(rt, "step")]()
			m.compare()
		}
	})
}

func (m *dirtyModel) drawTime(label string) time.Time {
	return m.f.now().Add(time.Duration(rapid.IntRange(-2, 2).Draw(m.rt, label)) * time.Second)
}

func (m *dirtyModel) drawRef() core.Ref {
	return rapid.SampledFrom([]core.Ref{account("1"), account("2"), companyRef("1"), companyRef("2")}).Draw(m.rt, "ref")
}

func (m *dirtyModel) mark() {
	marks := map[core.Ref]core.Dirty{}
	for range rapid.IntRange(1, 3).Draw(m.rt, "marks") {
		d := core.Dirty{Ref: m.drawRef(), Pair: core.CompanyPair, Reasons: core.Reasons(rapid.IntRange(1, 1023).Draw(m.rt, "reasons")),
			NotBefore: m.drawTime("not before"), Run: int64(rapid.IntRange(0, 2).Draw(m.rt, "run"))}
		marks[d.Ref] = d
	}
	entries := make([]core.Dirty, 0, len(marks))
	for ref, d := range marks {
		entries = append(entries, d)
		m.entries[ref] = modelMark(m.entries[ref], d)
	}
	m.f.mark(entries...)
	drawn := map[int64]bool{}
	for ref := range marks { // any will do that no earlier mark had
		e := m.entries[ref]
		got, _ := m.f.dirty(ref)
		if e.Generation = got.Generation; e.Generation <= 0 || m.given[e.Generation] {
			m.rt.Fatalf("%s is marked at generation %d, which was given before", ref, e.Generation)
		}
		m.entries[ref], drawn[e.Generation] = e, true
	}
	maps.Copy(m.given, drawn)
}

func modelMark(old, d core.Dirty) core.Dirty {
	fresh := old.Generation == 0
	old.Ref, old.Pair = d.Ref, d.Pair
	old.Reasons |= d.Reasons
	if fresh || d.NotBefore.Before(old.NotBefore) {
		old.NotBefore = d.NotBefore
	}
	if d.Run != 0 {
		old.Run = d.Run
	}
	if d.Reasons != core.ReasonRetry {
		old.Tries = 0
	}
	return old
}

func modelClass(d core.Dirty) int {
	switch {
	case d.Reasons.Has(core.ReasonEdit | core.ReasonCreate | core.ReasonDelete | core.ReasonPerson | core.ReasonParent | core.ReasonGap):
		return 0
	case d.Reasons.Has(core.ReasonRetry):
		return 1
	}
	return 2
}

func (m *dirtyModel) claim() {
	limit := rapid.IntRange(1, 4).Draw(m.rt, "limit")
	var want []core.Dirty
	for _, d := range m.entries {
		if !d.NotBefore.After(m.f.now()) {
			want = append(want, d)
		}
	}
	slices.SortFunc(want, func(a, b core.Dirty) int {
		return cmp.Or(cmp.Compare(modelClass(a), modelClass(b)), a.NotBefore.Compare(b.NotBefore), a.Ref.Compare(b.Ref))
	})
	want = want[:min(len(want), limit)]
	m.claimed = m.f.due(core.CompanyPair, limit, nil)
	if !slices.Equal(m.claimed, want) {
		m.rt.Fatalf("due %v, want %v", m.claimed, want)
	}
}

func (m *dirtyModel) settle() {
	want := 0
	for _, d := range m.claimed {
		now, ok := m.entries[d.Ref]
		switch {
		case !ok:
		case now.Generation == d.Generation:
			delete(m.entries, d.Ref)
		default:
			want++
		}
	}
	m.f.update(func(tx *store.Tx) error {
		left, err := tx.Settle(m.f.conn, m.claimed)
		if left != want {
			m.rt.Fatalf("left %d, want %d", left, want)
		}
		return err
	})
	m.claimed = nil // a claim is settled once
}

func (m *dirtyModel) postpone() {
	until := m.drawTime("until")
	for _, d := range m.claimed {
		m.f.update(func(tx *store.Tx) error { return tx.Postpone(m.f.conn, d, until) })
		if now, ok := m.entries[d.Ref]; ok && now.Generation == d.Generation {
			now.NotBefore, now.Tries, now.Reasons = until, now.Tries+1, now.Reasons|core.ReasonRetry
			m.entries[d.Ref] = now
		}
	}
}

func (m *dirtyModel) wait() { m.f.later(time.Second) }

func (m *dirtyModel) compare() {
	all := []core.Ref{account("1"), account("2"), companyRef("1"), companyRef("2")}
	m.f.view(func(tx *store.Tx) error {
		got, err := tx.DirtyOf(m.f.conn, all)
		if err == nil && len(got) != len(m.entries) {
			m.rt.Fatalf("the set holds %v, want %v", got, m.entries)
		}
		for ref, want := range m.entries {
			if got[ref] != want {
				m.rt.Fatalf("%s is %+v, want %+v", ref, got[ref], want)
			}
		}
		return err
	})
}
