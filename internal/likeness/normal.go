// Package likeness compares what is known of two companies or two persons by
// itself: names without their legal form, telephone numbers without their
// punctuation. It says how alike two records are and by what; whether that is
// enough to link them is policy's.
//
// The package is pure: no I/O, no clock, no randomness.
package likeness

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Traits are what is known of a company or a person, as its side stores it. Blank
// is unknown: two unknown traits are never equal.
type Traits struct {
	Name          string // of a company
	Given, Family string // of a person
	Street        string
	Postcode      string
	City          string
	Phones        []string
	Email         string
	Born          string // a day as yyyy-mm-dd
	Domain        string // in its canonical form
}

// unmarked are letters that no decomposition takes a mark from.
var unmarked = strings.NewReplacer("ß", "ss", "ø", "o", "đ", "d", "ł", "l", "æ", "ae", "œ", "oe", "þ", "th", "ð", "d", "ı", "i")

// Words are the words of a text in lower case, without accents and punctuation. An
// apostrophe joins (O'Neil, D'Cruz), all else parts.
func Words(text string) []string {
	text = unmarked.Replace(strings.ToLower(text))
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r), r == '\'', r == '’', r == '.':
			return -1
		case unicode.IsLetter(r), unicode.IsDigit(r):
			return r
		case r == '&', r == '+':
			return '&'
		}
		return ' '
	}, norm.NFKD.String(text))
	out := strings.Fields(strings.ReplaceAll(text, "&", " & "))
	return slices.DeleteFunc(out, func(w string) bool { return w == "&" || w == "and" })
}

func plain(text string) string { return strings.Join(Words(text), " ") }

// legalForms are the ends of company names that say what kind of company it is.
var legalForms = wordSet(`ab ag as asa bv co company corp corporation cv eirl gmbh inc incorporated kg kk limited llc
	llp lp ltd ltda mbh nv oy oyj plc pte pty sa sarl sas sasu se sl spa srl`)

// CompanyName is a company's name without accents, punctuation and legal form.
func CompanyName(name string) string {
	words := Words(name)
	for len(words) > 1 && legalForms[words[len(words)-1]] {
		words = words[:len(words)-1]
	}
	if len(words) > 1 && words[0] == "the" {
		words = words[1:]
	}
	return strings.Join(words, " ")
}

// streetWords are the short forms of words in addresses (USPS Publication 28,
// appendix C1).
var streetWords = map[string]string{"avenue": "ave", "boulevard": "blvd", "circle": "cir", "court": "ct", "drive": "dr", "highway": "hwy", "lane": "ln",
	"parkway": "pkwy", "place": "pl", "road": "rd", "square": "sq", "street": "st", "suite": "ste", "terrace": "ter", "apartment": "apt", "floor": "fl",
	"north": "n", "south": "s", "east": "e", "west": "w", "straße": "str", "strasse": "str"}

// Street is a street address without punctuation, its usual words in short form.
func Street(text string) string {
	words := Words(text)
	for i, w := range words {
		if short := streetWords[w]; short != "" {
			words[i] = short
		}
	}
	return strings.Join(words, " ")
}

// Postcode is a postal code in capitals without blanks and dashes; of a longer
// American one the first five digits.
func Postcode(text string) string {
	code := strings.ToUpper(strings.Join(Words(text), ""))
	if len(code) == 9 && digits(code) == code {
		return code[:5]
	}
	return code
}

func digits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}

// phoneDigits is how many digits of a number count: the national number of most
// countries, whatever stands before it.
const phoneDigits, phoneLeast = 9, 7

// Phone is the end of a telephone number that tells numbers apart, blank for what is
// too short to be one. An extension, which stands behind a whole number, does not count.
func Phone(text string) string {
	for i, r := range text {
		if strings.ContainsRune("xX#", r) && len(digits(text[:i])) >= phoneLeast {
			text = text[:i]
			break
		}
	}
	d := strings.TrimLeft(digits(text), "0")
	switch {
	case len(d) < phoneLeast:
		return ""
	case len(d) > phoneDigits:
		return d[len(d)-phoneDigits:]
	}
	return d
}

// person reports that the traits are of a person.
func (t *Traits) person() bool { return t.Name == "" }

// NameAddress is the same for records of one name at one address: the name, the
// street, and the postal code or else the city. Blank where one of these is unknown.
func (t *Traits) NameAddress() string {
	name := CompanyName(t.Name)
	if t.person() {
		given, family := plain(t.Given), plain(t.Family)
		if given == "" || family == "" {
			return ""
		}
		name = given + " " + family
	}
	place := Postcode(t.Postcode)
	if place == "" {
		place = plain(t.City)
	}
	street := Street(t.Street)
	if name == "" || street == "" || place == "" {
		return ""
	}
	return name + "\n" + street + "\n" + place
}

func wordSet(text string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(text) {
		out[w] = true
	}
	return out
}
