package config

import (
	"encoding"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// Duration is a time.Duration that reads "60s", "30m", "90d".
type Duration time.Duration

// D is the plain duration.
func (d Duration) D() time.Duration { return time.Duration(d) }

// UnmarshalText reads "60s", "30m", "12h" or "90d".
func (d *Duration) UnmarshalText(text []byte) error {
	s := string(text)
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.ParseFloat(days, 64)
		if err != nil || n < 0 {
			return fmt.Errorf("%q is not a duration: write 60s, 30m, 12h or 90d", s)
		}
		*d = Duration(n * 24 * float64(time.Hour))
		return nil
	}
	v, err := time.ParseDuration(s)
	if err != nil || v < 0 {
		return fmt.Errorf("%q is not a duration: write 60s, 30m, 12h or 90d", s)
	}
	*d = Duration(v)
	return nil
}

// MarshalText writes what UnmarshalText reads.
func (d Duration) MarshalText() ([]byte, error) {
	v := time.Duration(d)
	switch {
	case v == 0:
		return []byte("0s"), nil
	case v%(24*time.Hour) == 0:
		return []byte(strconv.Itoa(int(v/(24*time.Hour))) + "d"), nil
	case v%time.Hour == 0:
		return []byte(strconv.Itoa(int(v/time.Hour)) + "h"), nil
	case v%time.Minute == 0:
		return []byte(strconv.Itoa(int(v/time.Minute)) + "m"), nil
	}
	return []byte(v.String()), nil
}

// Size is a number of bytes that reads "10GiB".
type Size int64

var sizeUnits = []struct {
	suffix string
	bytes  int64
}{{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}}

// UnmarshalText reads "10GiB", "500MiB" or a plain number of bytes.
func (s *Size) UnmarshalText(text []byte) error {
	in, unit := string(text), int64(1)
	for _, u := range sizeUnits {
		if rest, ok := strings.CutSuffix(in, u.suffix); ok {
			in, unit = rest, u.bytes
			break
		}
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(in), 64)
	if err != nil || n < 0 {
		return fmt.Errorf("%q is not a size: write 10GiB or 500MiB", text)
	}
	*s = Size(n * float64(unit))
	return nil
}

// MarshalText writes the largest unit that divides the size.
func (s Size) MarshalText() ([]byte, error) {
	for _, u := range sizeUnits {
		if int64(s) >= u.bytes && int64(s)%u.bytes == 0 {
			return []byte(strconv.FormatInt(int64(s)/u.bytes, 10) + u.suffix), nil
		}
	}
	return []byte("0B"), nil
}

// UnmarshalYAML reads a duration and locates a mistake.
func (d *Duration) UnmarshalYAML(n ast.Node) error { return readText(n, d) }

// UnmarshalYAML reads a size and locates a mistake.
func (s *Size) UnmarshalYAML(n ast.Node) error { return readText(n, s) }

func readText(n ast.Node, into encoding.TextUnmarshaler) error {
	if err := into.UnmarshalText([]byte(n.GetToken().Value)); err != nil {
		return atNode(n, err.Error(), "")
	}
	return nil
}

// UnmarshalYAML reads events: poll as well as a block with one kind of events.
func (e *HubSpotEvents) UnmarshalYAML(n ast.Node) error {
	word, ok := n.(*ast.StringNode)
	if !ok {
		type plain HubSpotEvents
		return yaml.NodeToValue(n, (*plain)(e), yaml.Strict())
	}
	if word.Value != "poll" {
		return atNode(n, fmt.Sprintf("%q is not known here", word.Value), "write poll, or a block with journal or webhooks")
	}
	*e = HubSpotEvents{Poll: true}
	return nil
}

func atNode(n ast.Node, message, mend string) *Error {
	return &Error{Line: n.GetToken().Position.Line, Key: plainPath(n.GetPath()), Message: message, Mend: mend}
}
