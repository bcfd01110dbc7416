package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"
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

// UnmarshalYAML reads events: poll as well as a block with one kind of events.
func (e *HubSpotEvents) UnmarshalYAML(read func(any) error) error {
	var word string
	if read(&word) == nil && word != "" {
		if word != "poll" {
			return fmt.Errorf("events: %q is not known here; write poll, or a block with journal or webhooks", word)
		}
		*e = HubSpotEvents{Poll: true}
		return nil
	}
	type plain HubSpotEvents
	return read((*plain)(e))
}
