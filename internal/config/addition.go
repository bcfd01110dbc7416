package config

import (
	"fmt"
	"slices"

	"github.com/goccy/go-yaml"
)

// An addition is a part of the settings that was settled at the console and not in the
// file. Where the file says something of the same, the file counts.

// AddedText gives a connection, or who is told, as YAML that ReadConnection or ReadNotify
// reads, its secrets in clear.
func AddedText[T Connection | Notify](v T) ([]byte, error) {
	revealed := yaml.CustomMarshaler(func(s Secret) ([]byte, error) { return yaml.Marshal(s.Reveal()) })
	text, err := yaml.MarshalWithOptions(v, revealed)
	if err != nil {
		return nil, fmt.Errorf("write settings: %w", err)
	}
	return text, nil
}

// ReadConnection reads a connection as it would stand under connections.
func ReadConnection(text []byte) (c Connection, err error) {
	if err := decode(text, &c, "connections[]."); err != nil {
		return c, err
	}
	c.Complete()
	return c, nil
}

// ReadNotify reads what would stand under notify.
func ReadNotify(text []byte) (n Notify, err error) {
	if err := decode(text, &n, "notify."); err != nil {
		return n, err
	}
	n.complete()
	return n, nil
}

// CheckNotify refuses what notify may not say.
func CheckNotify(n Notify) (Notify, error) {
	n.complete()
	return n, n.check(finder{root: "$.notify"})
}

// Added reports that a connection was added at the console.
func (f *File) Added(name string) bool { return slices.Contains(f.added, name) }

// With gives the file with a connection that was added at the console. One of the same
// name in the file counts instead.
func (f *File) With(c Connection) *File {
	if _, err := f.Connection(c.Name); err == nil {
		return f
	}
	next := *f
	next.Connections = append(slices.Clone(f.Connections), c)
	next.added = append(slices.Clone(f.added), c.Name)
	return &next
}

// MayAdd refuses a connection that could not stand in the file beside the others.
func (f *File) MayAdd(c Connection) error {
	next := *f
	next.Connections = append(slices.Clone(f.Connections), c)
	return next.check(finder{root: "$"})
}

// Telling gives the file with who is told, as it was settled at the console. What the file
// says of it counts instead.
func (f *File) Telling(n Notify) *File {
	if f.Notify.Tells() {
		return f
	}
	next := *f
	next.Notify = n
	return &next
}

// Tells reports that somebody is told.
func (n Notify) Tells() bool { return n.SMTP != nil || n.Webhook != nil }
