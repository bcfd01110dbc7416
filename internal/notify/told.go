package notify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"tandem/internal/engine"
	"tandem/internal/store"
)

// told is what people were told last.
type told struct {
	Digest      time.Time         `json:"digest,omitzero"` // when issues were told last, unless at once
	Connections map[string]*known `json:"connections"`
	stored      []byte            // as it was read
}

// known is what people know of one connection.
type known struct {
	Since  time.Time           `json:"since"` // what ended before was never told
	Halts  map[string]News     `json:"halts"`
	Issues map[string]category `json:"issues"` // by object and category
	Runs   []int64             `json:"runs,omitempty"`
}

// category is what people know of the issues of an object and category.
type category struct {
	Behind int64     `json:"behind"` // the number of the newest issue that was told
	At     time.Time `json:"at"`
	Open   bool      `json:"open"` // there was an open one ever since
}

// gap is how long more of the same is not told: a day where there always was some, and less
// where it had ended and begins anew.
func (c category) gap() time.Duration {
	if c.Open {
		return 24 * time.Hour
	}
	return time.Hour
}

func readTold(tx *store.Tx) (*told, error) {
	body, err := tx.Told()
	if err != nil {
		return nil, err
	}
	t := &told{stored: body}
	if len(body) > 0 {
		if err := json.Unmarshal(body, t); err != nil {
			return nil, fmt.Errorf("read what was told: %w", err)
		}
	}
	if t.Connections == nil {
		t.Connections = map[string]*known{}
	}
	return t, nil
}

// save stores it where it has changed.
func (t *told) save(tx *store.Tx) error {
	body, err := json.Marshal(t)
	if err != nil || bytes.Equal(body, t.stored) {
		return err
	}
	return tx.ToldSet(body)
}

// of is what people know of a connection, from now on where nothing was told yet.
func (t *told) of(name string, now time.Time) *known {
	k := t.Connections[name]
	if k == nil {
		k = &known{Since: now}
		t.Connections[name] = k
	}
	if k.Halts == nil {
		k.Halts = map[string]News{}
	}
	if k.Issues == nil {
		k.Issues = map[string]category{}
	}
	return k
}

// turned is what keeps a connection from working and was not told yet, and what was told and
// has ended.
func (k *known) turned(s engine.Status, stands *News) (out []News) {
	keys, all := halts(s, stands)
	for i, key := range keys {
		if _, known := k.Halts[key]; !known {
			k.Halts[key] = all[i]
			out = append(out, all[i])
		}
	}
	for _, key := range slices.Sorted(maps.Keys(k.Halts)) {
		if was := k.Halts[key]; !slices.Contains(keys, key) {
			delete(k.Halts, key)
			was.Over, was.Mend, was.Message = true, "", "Over: "+was.Message
			out = append(out, was)
		}
	}
	return out
}
