package config

import (
	"fmt"
	"slices"

	"github.com/goccy/go-yaml"
)

// notSettings are the keys of a connection that stay in the settings file: who
// it is and how both sides are reached.
var notSettings = []string{"name", "salesforce", "hubspot"}

// Connection finds a connection by name.
func (f *File) Connection(name string) (Connection, error) {
	for _, c := range f.Connections {
		if c.Name == name {
			return c, nil
		}
	}
	return Connection{}, fmt.Errorf("no connection is named %q", name)
}

// Bare is the connection before any settings of it count: nothing syncs, and everything
// else is as the profile has it.
func Bare(c Connection) Connection {
	bare := Connection{Name: c.Name, Salesforce: c.Salesforce, HubSpot: c.HubSpot, Profile: c.Profile}
	bare.Complete()
	return bare
}

// Export gives the settings of a connection as YAML that Apply reads: what syncs
// and how, without names, addresses and credentials.
func Export(c Connection) ([]byte, error) {
	c.Name, c.Salesforce, c.HubSpot = "", Salesforce{}, HubSpot{}
	text, err := yaml.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("export settings: %w", err)
	}
	var keys yaml.MapSlice
	if err := yaml.Unmarshal(text, &keys); err != nil {
		return nil, fmt.Errorf("export settings: %w", err)
	}
	keys = slices.DeleteFunc(keys, func(i yaml.MapItem) bool {
		name, _ := i.Key.(string)
		return slices.Contains(notSettings, name)
	})
	text, err = yaml.Marshal(keys)
	if err != nil {
		return nil, fmt.Errorf("export settings: %w", err)
	}
	return text, nil
}

// Apply gives the connection with the settings of an exported text in place of
// its own. Name, addresses and credentials stay.
func Apply(c Connection, text []byte) (Connection, error) {
	var whole struct {
		Connections any `yaml:"connections"`
	}
	if yaml.Unmarshal(text, &whole) == nil && whole.Connections != nil {
		return c, located(text, "$.connections", "this is a whole settings file, and what is applied are the settings of one connection",
			"give what tandem settings export prints; tandem settings apply without a file applies what the settings file says")
	}
	next, err := Stored(c, text)
	if err != nil {
		return c, err
	}
	var keys map[string]any
	if err := yaml.Unmarshal(text, &keys); err != nil {
		return c, plainError(text, err, "")
	}
	for _, name := range notSettings {
		if _, given := keys[name]; given {
			return c, located(text, "$."+name, name+" cannot be applied: names, addresses and credentials stay in the settings file", "take the key out")
		}
	}
	return next, next.check(finder{text: text, root: "$"})
}

// Stored is Apply for settings that counted once: they are taken as they are, whatever
// an edit may say today.
func Stored(c Connection, text []byte) (Connection, error) {
	var next Connection
	if err := decode(text, &next, "connections[]."); err != nil {
		return c, err
	}
	next.Name, next.Salesforce, next.HubSpot = c.Name, c.Salesforce, c.HubSpot
	next.Complete()
	return next, nil
}

// Text gives a whole settings file as YAML, its secrets in clear: it is for
// writing to a file that only its owner may read.
func Text(f *File) ([]byte, error) {
	revealed := yaml.CustomMarshaler(func(s Secret) ([]byte, error) { return yaml.Marshal(s.Reveal()) })
	text, err := yaml.MarshalWithOptions(f, revealed)
	if err != nil {
		return nil, fmt.Errorf("write settings: %w", err)
	}
	return text, nil
}
