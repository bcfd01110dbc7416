package config

import "fmt"

// check refuses what the types cannot: impossible combinations.
func (f *File) check(text []byte) error {
	names := map[string]bool{}
	for i := range f.Connections {
		c := &f.Connections[i]
		if c.Name == "" || names[c.Name] {
			return fmt.Errorf("connections[%d].name: %q must be given and unique", i, c.Name)
		}
		names[c.Name] = true
	}
	return nil
}
