package store

import (
	"database/sql"
	"fmt"
	"time"
)

// Command is a verb that another process asks the running engine to do.
type Command struct {
	ID            int64
	Verb          string
	Args          []byte // JSON
	Result        []byte // JSON, empty until done
	Error         string // why it failed; blank when it did not
	Created, Done time.Time
}

const commandColumns = `id, verb, args, result, error, created, done`

// CommandPut asks the engine for a verb and gives the id to follow it by.
func (t *Tx) CommandPut(verb string, args []byte) (id int64, err error) {
	id, err = t.insert(`INSERT INTO commands (verb, args, result, error, created, done) VALUES ($1, $2, $3, '', $4, 0) RETURNING id`,
		verb, blob(args), []byte{}, ms(t.now))
	if err != nil {
		return 0, fmt.Errorf("put command %s: %w", verb, err)
	}
	return id, nil
}

// CommandsOpen lists the commands that are not done, the oldest first.
func (t *Tx) CommandsOpen() ([]Command, error) {
	out, err := list(t, scanCommand, `SELECT `+commandColumns+` FROM commands WHERE done = 0 ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("list open commands: %w", err)
	}
	return out, nil
}

// Command gives one command, done or not; NotFound without it.
func (t *Tx) Command(id int64) (Command, error) {
	c, ok, err := only(t, scanCommand, `SELECT `+commandColumns+` FROM commands WHERE id = $1`, id)
	if err != nil {
		return c, fmt.Errorf("read command %d: %w", id, err)
	}
	if !ok {
		return c, errorf(NotFound, "the store has no command %d", id)
	}
	return c, nil
}

func scanCommand(r *sql.Rows) (Command, error) {
	var c Command
	var created, done int64
	err := r.Scan(&c.ID, &c.Verb, into(&c.Args), into(&c.Result), &c.Error, &created, &done)
	c.Created, c.Done = instant(created), instant(done)
	return c, err
}

// CommandDone stores the end of a command; NotFound when it is not open.
func (t *Tx) CommandDone(id int64, result []byte, errText string) error {
	n, err := t.exec(`UPDATE commands SET result = $1, error = $2, done = $3 WHERE id = $4 AND done = 0`, blob(result), errText, ms(t.now), id)
	return t.saved(n, err, "open command", id)
}

// CommandDrop forgets a command whose end nobody waits for.
func (t *Tx) CommandDrop(id int64) error {
	if _, err := t.exec(`DELETE FROM commands WHERE id = $1`, id); err != nil {
		return fmt.Errorf("forget command %d: %w", id, err)
	}
	return nil
}
