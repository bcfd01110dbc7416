package store

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tandem/internal/core"
)

// dictionary numbers names as the table of names does.
type dictionary struct {
	ids   map[string]int64
	texts []string
}

func (d *dictionary) id(text string) (int64, error) {
	if d.ids == nil {
		d.ids = map[string]int64{}
	}
	if _, ok := d.ids[text]; !ok {
		d.texts = append(d.texts, text)
		d.ids[text] = int64(len(d.texts))
	}
	return d.ids[text], nil
}

func (d *dictionary) text(id int64) (string, error) {
	if id < 1 || id > int64(len(d.texts)) {
		return "", errorf(Corrupt, "no name %d", id)
	}
	return d.texts[id-1], nil
}

func drawBase(t *rapid.T) core.Base {
	value := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "x", "\x00", "\xff"}), rapid.StringN(60, 70, 300))
	agreed := rapid.Custom(func(t *rapid.T) core.Agreed {
		v := value.Draw(t, "salesforce")
		if rapid.Bool().Draw(t, "same") {
			return core.Agreed{v, v}
		}
		return core.Agreed{v, value.Draw(t, "hubspot")}
	})
	return core.Base(rapid.MapOfN(rapid.StringN(1, 40, 80), agreed, 0, 15).Draw(t, "base"))
}

func TestBaseRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := drawBase(t)
		var d dictionary
		stored, err := encodeBase(base, d.id)
		if err != nil {
			t.Fatal(err)
		}
		again, _ := encodeBase(base, d.id)
		if string(again) != string(stored) {
			t.Fatal("the same base has two stored forms")
		}
		back, err := decodeBase(stored, d.text)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(base, back); diff != "" {
			t.Fatal(diff)
		}
	})
}

// Bytes that were cut, or flipped anywhere, are found and never read as a base.
func TestBaseCorruption(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var d dictionary
		stored, err := encodeBase(drawBase(t), d.id)
		if err != nil {
			t.Fatal(err)
		}
		if len(stored) == 0 {
			return
		}
		i := rapid.IntRange(0, len(stored)-1).Draw(t, "at")
		flipped := append([]byte(nil), stored...)
		flipped[i] ^= byte(rapid.IntRange(1, 255).Draw(t, "bits"))
		bad := [][]byte{flipped}
		if i > 0 {
			bad = append(bad, stored[:i])
		}
		for _, b := range bad {
			if _, err := decodeBase(b, d.text); CodeOf(err) != Corrupt {
				t.Fatalf("damaged base %x reads with %v", b, err)
			}
		}
	})
}

func TestBaseIsCompact(t *testing.T) {
	base, text := core.Base{}, 0
	for i := range 12 {
		value := fmt.Sprintf("value number %d", i)
		base[fmt.Sprintf("A_Rather_Long_Field_Name_%d__c", i)] = core.Agreed{value, value}
		text += len(value)
	}
	var d dictionary
	stored, err := encodeBase(base, d.id)
	if err != nil {
		t.Fatal(err)
	}
	if overhead := len(stored) - text; overhead > 12*2+1+checksumSize {
		t.Errorf("%d bytes beside the values of twelve agreed fields, want two a field", overhead)
	}
}
