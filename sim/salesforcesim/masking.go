package salesforcesim

import (
	"slices"
	"strings"
	"unicode/utf8"

	"tandem/sim/salesforcesim/soql"
)

// permDecrypt lets its holder see what encrypted text fields hold; nobody has it
// at first.
const permDecrypt = "PermissionsViewEncryptedData"

// maxEncrypted is how many characters an encrypted text field may have (Object
// Reference, "Field Types").
const maxEncrypted = 175

// mask is how an encrypted text field shows to those who may not see it (Metadata
// API Developer Guide, "CustomField", maskType and maskChar).
type mask struct {
	kind, char string
	clear      int // characters at the end that show
}

var maskClear = map[string]int{"all": 0, "nino": 0, "creditCard": 4, "lastFour": 4, "sin": 4, "ssn": 4}

var maskChars = map[string]string{"asterisk": "*", "X": "X"}

// asEncrypted takes over how a field is masked.
func (f *field) asEncrypted(m metadataMap) rowErrors {
	kind, char := orElse(m.text("maskType"), "all"), maskChars[orElse(m.text("maskChar"), "asterisk")]
	show, known := maskClear[kind]
	switch {
	case !known || char == "":
		return refuse("INVALID_INPUT", "Field: maskType or maskChar is not known", "maskType")
	case f.length < 1 || f.length > maxEncrypted:
		return refuse("INVALID_INPUT", "Must specify 'length' between 1 and 175 for a CustomField of type EncryptedText", "length")
	}
	f.mask = &mask{kind, char, show}
	return nil
}

// hide replaces all characters but the last ones.
func (m *mask) hide(v value) value {
	if v.IsNull() {
		return v
	}
	text := []rune(v.Str())
	hidden := max(utf8.RuneCountInString(v.Str())-m.clear, 0)
	return soql.Text(strings.Repeat(m.char, hidden) + string(text[hidden:]))
}

// seen gives a field of a record as a user sees it.
func (o *Org) seen(a *access, r *record, f *field) value {
	v := o.value(r, f)
	if f.mask != nil && !a.system[permDecrypt] {
		return f.mask.hide(v)
	}
	return v
}

// describeMask gives the two members of describe that tell of a mask.
func (f *field) describeMask() (char, kind any) {
	if f.mask == nil {
		return nil, nil
	}
	return f.mask.char, f.mask.kind
}

// opaque types can neither be filtered nor sorted nor grouped by.
func (f *field) opaque() bool {
	return f.long() || slices.Contains([]string{"address", "location", "complexvalue", "encryptedstring"}, f.typ)
}
