package segment

import (
	"slices"
	"time"
)

// timedEvery is how often lists with relative dates are evaluated without a change.
const timedEvery = time.Hour

// job is one evaluation: of a record's lists, or of all records of one list.
type job struct {
	objectTypeID string
	record       uint64
	list         int // number of the list; 0 for a record's job
}

// queue holds jobs in order of arrival, each once.
type queue struct {
	jobs    []queued
	waiting map[job]bool
}

type queued struct {
	job
	at time.Time
}

func (q *queue) add(j job, at time.Time) {
	if !q.waiting[j] {
		q.waiting[j] = true
		q.jobs = append(q.jobs, queued{j, at})
	}
}

func (q *queue) first() (time.Time, bool) {
	if len(q.jobs) == 0 {
		return time.Time{}, false
	}
	return q.jobs[0].at, true
}

// take removes the jobs that arrived at or before limit.
func (q *queue) take(limit time.Time) []queued {
	n := 0
	for n < len(q.jobs) && !q.jobs[n].at.After(limit) {
		delete(q.waiting, q.jobs[n].job)
		n++
	}
	due := slices.Clone(q.jobs[:n])
	q.jobs = slices.Delete(q.jobs, 0, n)
	return due
}

// Queue notes that a record changed: created, edited, archived or restored. When
// an association changes, queue both ends; archiving a record changes all of its.
// It costs next to nothing when no list depends on the type.
func (s *Store) Queue(objectTypeID, recordID string) {
	number, ok := parseID(recordID)
	if ok && s.dependsOn(objectTypeID) {
		s.queue.add(job{objectTypeID: objectTypeID, record: number}, s.opts.Now())
	}
}

func (s *Store) dependsOn(objectTypeID string) bool {
	return slices.ContainsFunc(s.lists, func(l *list) bool {
		return l.ObjectTypeID == objectTypeID || l.filter != nil && slices.ContainsFunc(l.filter.paths,
			func(path []string) bool { return path[len(path)-1] == objectTypeID })
	})
}

// NextDue is when Advance has work to do; false when nothing is planned.
func (s *Store) NextDue() (time.Time, bool) {
	first, ok := s.queue.first()
	due := first.Add(s.opts.Lag)
	if !s.next.IsZero() && (!ok || s.next.Before(due)) {
		return s.next, true
	}
	return due, ok
}

// plan sets the next evaluation of lists that depend on the moment.
func (s *Store) plan(now time.Time) {
	s.next = time.Time{}
	if slices.ContainsFunc(s.lists, (*list).evaluatedByTime) {
		s.next = now.Add(timedEvery)
	}
}

func (l *list) evaluatedByTime() bool {
	return l.ProcessingType == Dynamic && l.DeletedAt.IsZero() && l.filter.timed
}

// Advance evaluates what was queued at least Lag before now, with the records as
// they are now, and gives the changes of membership in order.
func (s *Store) Advance(now time.Time) []MembershipChange {
	r := run{Store: s, now: now, env: s.env(now)}
	for _, j := range s.queue.take(now.Add(-s.opts.Lag)) {
		r.jobs = append(r.jobs, j.job)
	}
	if !s.next.IsZero() && !now.Before(s.next) {
		r.addTimed()
		s.plan(now)
	}
	for len(r.jobs) > 0 {
		j := r.jobs[0]
		r.jobs = r.jobs[1:]
		if j.list > 0 {
			r.evaluateList(s.lists[j.list-1])
		} else {
			r.evaluateRecord(j.objectTypeID, formatID(j.record))
		}
	}
	return r.changes
}

// run is one Advance: lists that ask about a list that changed follow in the
// same run, which ends because lists cannot ask about each other in a circle.
type run struct {
	*Store
	now     time.Time
	env     Env
	jobs    []job
	changes []MembershipChange
}

func (r *run) addTimed() {
	for _, l := range r.lists {
		if l.evaluatedByTime() {
			r.jobs = append(r.jobs, job{list: l.number})
		}
	}
}

func (r *run) set(l *list, record string, in bool) {
	number, ok := parseID(record)
	if !ok || !l.set(number, in, r.now) {
		return
	}
	r.changes = append(r.changes, MembershipChange{ListID: l.ID, ObjectTypeID: l.ObjectTypeID,
		RecordID: record, Added: in, At: r.now})
	if r.references(l) > 0 {
		r.jobs = append(r.jobs, job{objectTypeID: l.ObjectTypeID, record: number})
	}
}

// evaluateList evaluates all records of a list; members that are gone leave it.
func (r *run) evaluateList(l *list) {
	if !l.DeletedAt.IsZero() {
		return
	}
	for _, id := range slices.Clone(l.sorted()) {
		if _, ok := r.opts.World.Record(l.ObjectTypeID, formatID(id)); !ok {
			r.set(l, formatID(id), false)
		}
	}
	if l.ProcessingType == Dynamic || l.ProcessingStatus != "COMPLETE" {
		for record := range r.opts.World.Records(l.ObjectTypeID) {
			r.set(l, record.ID(), l.filter.Evaluate(record, r.env))
		}
	}
	l.ProcessingStatus = "COMPLETE"
}

// evaluateRecord evaluates the lists a record may be in, and those that look at
// it from associated records.
func (r *run) evaluateRecord(objectTypeID, id string) {
	record, ok := r.opts.World.Record(objectTypeID, id)
	for _, l := range r.lists {
		switch {
		case !l.DeletedAt.IsZero():
		case !ok && l.ObjectTypeID == objectTypeID:
			r.set(l, id, false)
		case ok && l.ProcessingType == Dynamic && l.ProcessingStatus == "COMPLETE":
			r.evaluate(l, objectTypeID, record)
		}
	}
}

func (r *run) evaluate(l *list, objectTypeID string, record Record) {
	if l.ObjectTypeID == objectTypeID {
		r.set(l, record.ID(), l.filter.Evaluate(record, r.env))
	}
	for _, from := range r.lookingAt(l, objectTypeID, record) {
		r.set(l, from.ID(), l.filter.Evaluate(from, r.env))
	}
}

// lookingAt gives the records of a list's type whose filter looks at r through associations.
func (s *Store) lookingAt(l *list, objectTypeID string, r Record) []Record {
	var out []Record
	for _, path := range l.filter.paths {
		if path[len(path)-1] == objectTypeID {
			out = append(out, s.walkBack(l.ObjectTypeID, path, r)...)
		}
	}
	return out
}

// walkBack follows a chain of associated types from r, at its end, to its start.
func (s *Store) walkBack(start string, path []string, r Record) []Record {
	records := []Record{r}
	for i := len(path) - 1; i >= 0; i-- {
		to := start
		if i > 0 {
			to = path[i-1]
		}
		var next []Record
		for _, r := range records {
			next = append(next, s.opts.World.Associated(path[i], r, to, AssociationType{})...)
		}
		records = next
	}
	return records
}

func (s *Store) env(now time.Time) Env {
	return Env{Now: now, Zone: s.opts.Zone, Associated: s.opts.World.Associated, InList: s.IsMember}
}
