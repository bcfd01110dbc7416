package certify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tandem/internal/core"
)

// Made is a record that was made, or was about to be.
type Made struct {
	Side core.Side `json:"side"`
	// Object is the API's name of the object: Account, contacts, companies, or the
	// path of a bulk job.
	Object string `json:"object"`
	// Key finds the record where no id came back: an Account's or a company's name,
	// a contact's e-mail address.
	Key string    `json:"key"`
	ID  string    `json:"id,omitempty"`
	At  time.Time `json:"at"`
}

// Leftovers is the list of what has to be removed, kept in a file so that it
// outlives the process. It is written before a record is made.
type Leftovers struct {
	file string
	list []Made
}

// OpenLeftovers reads the list of a file, which need not exist.
func OpenLeftovers(file string) (*Leftovers, error) {
	l := &Leftovers{file: file}
	body, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err == nil {
		err = json.Unmarshal(body, &l.list)
	}
	if err != nil {
		return nil, fmt.Errorf("read list of records to remove %s: %w", file, err)
	}
	return l, nil
}

// List is what is still to be removed.
func (l *Leftovers) List() []Made { return slices.Clone(l.list) }

// save replaces the file as a whole; an empty list has none.
func (l *Leftovers) save() error {
	if len(l.list) == 0 {
		err := os.Remove(l.file)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	body, err := json.MarshalIndent(l.list, "", " ")
	if err != nil {
		return err
	}
	return replaceFile(l.file, body)
}

// replaceFile writes beside the file and renames, so that a crash leaves the old
// or the new list.
func replaceFile(file string, body []byte) error {
	f, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(body)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// intend stores that records are about to be made. Nothing may be made where
// that fails.
func (p *probe) intend(object string, keys ...string) bool {
	if p.ctx.Err() != nil {
		p.fail("interrupted")
		return false
	}
	l := p.o.Leftovers
	for _, key := range keys {
		l.list = append(l.list, Made{Side: p.side, Object: object, Key: key, At: p.o.Now().UTC()})
	}
	if err := l.save(); err != nil {
		p.fail("the list of records to remove could not be written")
		return false
	}
	return true
}

// settle takes the answer of a making: the id of what was made is stored, and
// what the side refused was never made. Anything else stays to be looked for.
func (p *probe) settle(a answer, object, key, id string) {
	switch {
	case id != "":
		p.made(object, key, id)
	case a.code >= 400 && a.code < 500:
		p.unmade(object, key)
	}
}

// made stores the id of a record; one that was not intended joins the list.
func (p *probe) made(object, key, id string) {
	l := p.o.Leftovers
	if i := l.open(p.side, object, key); i >= 0 {
		l.list[i].ID = id
	} else {
		l.list = append(l.list, Made{Side: p.side, Object: object, Key: key, ID: id, At: p.o.Now().UTC()})
	}
	p.save()
}

// unmade takes an intent off the list.
func (p *probe) unmade(object, key string) {
	l := p.o.Leftovers
	if i := l.open(p.side, object, key); i >= 0 {
		l.list = slices.Delete(l.list, i, i+1)
		p.save()
	}
}

func (p *probe) save() {
	if err := p.o.Leftovers.save(); err != nil {
		p.fail("the list of records to remove could not be written")
	}
}

// open is the place of an intent without an id, or -1.
func (l *Leftovers) open(side core.Side, object, key string) int {
	return slices.IndexFunc(l.list, func(m Made) bool { return m.Side == side && m.Object == object && m.Key == key && m.ID == "" })
}

const (
	// removeWithin bounds the removing, which goes on after an interruption.
	removeWithin = 2 * time.Minute
	// unfound is how long a record whose making was never answered is looked for:
	// longer than both sides' longest request and their index lag.
	unfound = 15 * time.Minute
)

// remove removes all on the list, last made first, and says how many are left. A
// run that may not write leaves them.
func (o Options) remove(ctx context.Context) int {
	if !o.Write {
		return len(o.Leftovers.list)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), removeWithin)
	defer cancel()
	var left []Made
	for _, m := range slices.Backward(o.Leftovers.list) {
		p := &probe{ctx: ctx, o: o, side: m.Side}
		if !p.remove(m) {
			left = append([]Made{m}, left...)
		}
	}
	o.Leftovers.list = left
	if o.Leftovers.save() != nil {
		return max(1, len(left)) // the file says more than is true, which does no harm
	}
	return len(left)
}

// remove removes one record and reports that it is gone for certain.
func (p *probe) remove(m Made) bool {
	ids := []string{m.ID}
	if m.ID == "" {
		ids = p.find(m)
	}
	for _, id := range ids {
		if !p.removeID(m, id) {
			return false
		}
	}
	return p.failed == "" && (len(ids) > 0 || p.o.Now().Sub(m.At) >= unfound)
}

// removeID removes what an id names, if it bears our mark: a list that was made
// in another account must cost nobody a record.
func (p *probe) removeID(m Made, id string) bool {
	path := m.Object + "/{}"
	if !jobPath(m.Object) {
		path = [2]string{core.Salesforce: "/sobjects/", core.HubSpot: "/crm/v3/objects/"}[m.Side] + path
		mark, gone := p.markOf(m, path, id)
		if gone {
			return true
		}
		if !strings.HasPrefix(mark, namePrefix) {
			return false
		}
	}
	if p.delete(path, id) {
		return true
	}
	if !jobPath(m.Object) {
		return false
	}
	p.send(http.MethodPatch, path, map[string]any{"state": "Aborted"}, id) // an open job cannot be deleted
	return p.delete(path, id)
}

// delete reports that what the path names is gone.
func (p *probe) delete(path, id string) bool {
	a := p.send(http.MethodDelete, path, nil, id)
	return a.ok && (a.code == http.StatusNoContent || a.code == http.StatusNotFound)
}

// markOf reads the name or the address that a record bears.
func (p *probe) markOf(m Made, path, id string) (mark string, gone bool) {
	query := url.Values{"fields": {"Name"}}
	if m.Side == core.HubSpot {
		query = url.Values{"properties": {"name,email"}}
	}
	a := p.ask(path, query, id)
	if a.ok && a.code == http.StatusNotFound {
		return "", true
	}
	root := a.status(http.StatusOK).json()
	if m.Side == core.Salesforce {
		return root.may("Name").text(), false
	}
	name := root.may("properties").may("name").text()
	return orElse(name, root.may("properties").may("email").text()), false
}

func jobPath(object string) bool { return object == ingestJobs || object == queryJobs }

// find looks for a record whose making brought no id. A bulk job whose id never
// came holds no rows: these go up afterwards, by its id.
func (p *probe) find(m Made) (ids []string) {
	switch {
	case jobPath(m.Object):
		return []string{}
	case m.Side == core.Salesforce:
		a := p.ask("/query", url.Values{"q": {fmt.Sprintf("SELECT Id FROM %s WHERE Name = '%s'", m.Object, m.Key)}}).status(http.StatusOK)
		for _, r := range a.json().at("records").rows() {
			ids = append(ids, r.at("Id").text())
		}
		return ids
	case m.Object == contacts:
		a := p.ask("/crm/v3/objects/contacts/{}", url.Values{"idProperty": {"email"}}, m.Key).status(http.StatusOK, http.StatusNotFound)
		if a.ok && a.code == http.StatusOK {
			ids = append(ids, a.json().at("id").text())
		}
		return ids
	}
	found := p.search(m.Object, "name", m.Key).status(http.StatusOK)
	for _, r := range found.json().at("results").rows() {
		ids = append(ids, r.at("id").text())
	}
	return ids
}
