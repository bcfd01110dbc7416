package store

import (
	"database/sql"
	"fmt"
	"time"

	"tandem/internal/core"
)

// Notice is something that people are told by one way, until somebody has taken it.
type Notice struct {
	ID   int64
	Key  string // by which the receiver knows it
	Way  string // mail or webhook
	Body []byte // JSON
	// Made is given by NoticePut. Due is when it is tried next, zero for never again; Sent is
	// when it was taken, zero for not.
	Made, Due, Sent time.Time
	Tries           int
	Error           string // of the last try, blank for none
}

const noticeColumns = `SELECT id, made, due, sent, tries, way, key, error, body FROM notices`

// NoticePut stores something to tell at once.
func (t *Tx) NoticePut(key, way string, body []byte) error {
	_, err := t.exec(`INSERT INTO notices (made, due, sent, tries, way, key, error, body) VALUES ($1, $1, 0, 0, $2, $3, '', $4)`, ms(t.now), way, key, blob(body))
	if err != nil {
		return fmt.Errorf("store notice %s: %w", key, err)
	}
	return nil
}

// NoticeSave stores what became of a try: Due, Sent, Tries and Error; NotFound without the
// notice.
func (t *Tx) NoticeSave(n Notice) error {
	changed, err := t.exec(`UPDATE notices SET due = $1, sent = $2, tries = $3, error = $4 WHERE id = $5`, ms(n.Due), ms(n.Sent), int64(n.Tries), n.Error, n.ID)
	return t.saved(changed, err, "notice", n.ID)
}

// NoticesDue lists what is to be tried now by the store's clock, the oldest first.
func (t *Tx) NoticesDue(limit int) ([]Notice, error) {
	out, err := list(t, scanNotice, noticeColumns+` WHERE due > 0 AND due <= $1 ORDER BY id LIMIT CAST($2 AS BIGINT)`, ms(t.now), int64(limit))
	if err != nil {
		return nil, fmt.Errorf("look for notices that are due: %w", err)
	}
	return out, nil
}

// Notices lists up to limit notices, the newest first.
func (t *Tx) Notices(limit int) ([]Notice, error) {
	out, err := list(t, scanNotice, noticeColumns+` ORDER BY id DESC LIMIT CAST($1 AS BIGINT)`, int64(limit))
	if err != nil {
		return nil, fmt.Errorf("list notices: %w", err)
	}
	return out, nil
}

// NoticesForget removes what was made before a moment and is not tried any more.
func (t *Tx) NoticesForget(before time.Time) error {
	if _, err := t.exec(`DELETE FROM notices WHERE due = 0 AND made < $1`, ms(before)); err != nil {
		return fmt.Errorf("forget notices: %w", err)
	}
	return nil
}

func scanNotice(r *sql.Rows) (n Notice, err error) {
	var made, due, sent int64
	err = r.Scan(&n.ID, &made, &due, &sent, &n.Tries, &n.Way, &n.Key, &n.Error, into(&n.Body))
	n.Made, n.Due, n.Sent = instant(made), instant(due), instant(sent)
	return n, err
}

// Told is what people were told last, as ToldSet has stored it; nil before the first.
func (t *Tx) Told() ([]byte, error) {
	body, _, err := only(t, scanBytes, `SELECT body FROM told`)
	if err != nil {
		return nil, fmt.Errorf("read what was told: %w", err)
	}
	return body, nil
}

// ToldSet stores what people were told.
func (t *Tx) ToldSet(body []byte) error {
	_, err := t.exec(`INSERT INTO told (one, body) VALUES (1, $1) ON CONFLICT (one) DO UPDATE SET body = excluded.body`, blob(body))
	if err != nil {
		return fmt.Errorf("store what was told: %w", err)
	}
	return nil
}

// IssuesBehind counts the open issues of a pair and category that were opened behind the one
// numbered after, and gives the number of the newest; after itself where there are none.
func (t *Tx) IssuesBehind(conn int64, of IssueCount, after int64) (n int, newest int64, err error) {
	pair, err := t.nameID(string(of.Pair))
	if err != nil {
		return 0, after, fmt.Errorf("count new issues: %w", err)
	}
	category, err := t.nameID(string(of.Category))
	if err != nil {
		return 0, after, fmt.Errorf("count new issues: %w", err)
	}
	err = t.one(`SELECT count(*), coalesce(max(issue), $2) FROM issues WHERE conn = $1 AND issue > $2 AND pair = $3 AND category = $4`,
		[]any{conn, after, pair, category}, &n, &newest)
	if err != nil {
		return 0, after, fmt.Errorf("count new issues: %w", err)
	}
	return n, newest, nil
}

// RunsFailed lists the connection's runs that have failed since a moment, in their order.
func (t *Tx) RunsFailed(conn int64, since time.Time) ([]Run, error) {
	out, err := list(t, scanRun, `SELECT `+runColumns+` FROM runs WHERE conn = $1 AND state = 'failed' AND ended >= $2 ORDER BY id`, conn, ms(since))
	if err != nil {
		return nil, fmt.Errorf("list runs that failed: %w", err)
	}
	return out, nil
}

// DueSince is since when the entry that is due for longest is due, and which pair it is of;
// zero where nothing is due. A record that is tried again counts from that time on.
func (t *Tx) DueSince(conn int64) (since time.Time, pair core.Pair, err error) {
	var at, id int64
	err = t.one(`SELECT pair, CASE WHEN not_before > since THEN not_before ELSE since END AS due FROM dirty WHERE conn = $1 AND not_before <= $2 ORDER BY 2 LIMIT 1`,
		[]any{conn, ms(t.now)}, &id, &at)
	if CodeOf(missing(err, "nothing is due")) == NotFound {
		return since, "", nil
	}
	if err != nil {
		return since, "", fmt.Errorf("look since when work is due: %w", err)
	}
	name, err := t.nameText(id)
	return instant(at), core.Pair(name), err
}
