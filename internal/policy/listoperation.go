package policy

import (
	"encoding/json"
	"slices"
	"strings"

	"tandem/internal/core"
)

// operationJSON is a property operation of a list filter.
type operationJSON struct {
	Type             string          `json:"operationType"`
	Operator         string          `json:"operator"`
	Value            json.RawMessage `json:"value"`
	Values           json.RawMessage `json:"values"`
	Low              json.RawMessage `json:"lowerBound"`
	High             json.RawMessage `json:"upperBound"`
	Other            string          `json:"comparisonPropertyName"`
	IncludeValueless bool            `json:"includeObjectsWithNoValueSet"`
}

// propertyFilter is one comparison of a property with fixed values.
type propertyFilter struct {
	property string
	// blank is the answer for a record without a value.
	blank  bool
	test   func(value string) bool
	negate bool
}

func (p *propertyFilter) eval(values Getter) Membership {
	v, ok := values(p.property)
	switch {
	case !ok:
		return UnknownMembership
	case v == "":
		return memberIf(p.blank)
	}
	return memberIf(p.test(v) != p.negate)
}

// operators name, per operation type, the test and whether it is negated. What
// is not here (history, dates, comparisons of two properties) is evaluated by
// HubSpot only.
var operators = map[string]map[string]operator{
	"ALLTYPES": {
		"IS_KNOWN": {test: "known"}, "IS_NOT_BLANK": {test: "known"},
		"IS_UNKNOWN": {test: "known", negate: true}, "IS_BLANK": {test: "known", negate: true},
	},
	"TEXT": {
		"IS_EQUAL_TO": {test: "equal"}, "IS_NOT_EQUAL_TO": {test: "equal", negate: true},
		"CONTAINS": {test: "contains"}, "DOES_NOT_CONTAIN": {test: "contains", negate: true},
		"STARTS_WITH": {test: "starts"}, "ENDS_WITH": {test: "ends"},
	},
	"ENUMERATION": {
		"IS_ANY_OF": {test: "any"}, "IS_NONE_OF": {test: "any", negate: true},
		"IS_EXACTLY": {test: "exactly"}, "IS_NOT_EXACTLY": {test: "exactly", negate: true},
		"CONTAINS_ALL": {test: "all"}, "DOES_NOT_CONTAIN_ALL": {test: "all", negate: true},
	},
	"BOOL": {"IS_EQUAL_TO": {test: "equal"}, "IS_NOT_EQUAL_TO": {test: "equal", negate: true}},
	"NUMBER": {
		"IS_EQUAL_TO": {test: "equal"}, "IS_NOT_EQUAL_TO": {test: "equal", negate: true},
		"IS_GREATER_THAN": {test: "greater"}, "IS_LESS_THAN": {test: "less"},
		"IS_GREATER_THAN_OR_EQUAL_TO": {test: "at_least"}, "IS_LESS_THAN_OR_EQUAL_TO": {test: "at_most"},
	},
	"RANGE": {"IS_BETWEEN": {test: "between"}, "IS_NOT_BETWEEN": {test: "between", negate: true}},
}

type operator struct {
	test   string
	negate bool
}

// operationTypes are the spellings of the guides, old and new, of the types that
// are evaluated here.
var operationTypes = map[string]string{
	"ALLTYPES": "ALLTYPES", "ALL_PROPERTY": "ALLTYPES", "ALL_TYPES": "ALLTYPES", "STRING": "TEXT", "MULTISTRING": "TEXT",
	"ENUMERATION": "ENUMERATION", "BOOL": "BOOL", "NUMBER": "NUMBER", "NUMBER_RANGED": "RANGE",
}

func parseOperation(property string, op operationJSON) (propertyFilter, error) {
	kind, ok := operationTypes[strings.ReplaceAll(strings.ToUpper(op.Type), "-", "_")]
	if !ok || op.Other != "" {
		return propertyFilter{}, unreadable("property %s is compared by %q, which only HubSpot can evaluate", property, op.Type)
	}
	o, ok := operators[kind][strings.ToUpper(op.Operator)]
	if !ok {
		return propertyFilter{}, unreadable("property %s is compared by operator %q, which only HubSpot can evaluate", property, op.Operator)
	}
	test, ok := testOf(kind, o.test, op)
	if !ok {
		return propertyFilter{}, unreadable("property %s is compared with values that cannot be read", property)
	}
	f := propertyFilter{property: property, blank: op.IncludeValueless, test: test, negate: o.negate}
	if kind == "ALLTYPES" {
		f.blank = o.negate
	}
	return f, nil
}

func testOf(kind, name string, op operationJSON) (func(string) bool, bool) {
	switch kind {
	case "ALLTYPES":
		return func(string) bool { return true }, true
	case "NUMBER":
		return numberTest(name, op.Value)
	case "RANGE":
		return rangeTest(op.Low, op.High)
	}
	wanted := texts(op)
	if len(wanted) == 0 {
		return nil, false
	}
	if kind == "ENUMERATION" {
		return func(v string) bool { return chosen(name, strings.Split(v, ";"), wanted) }, true
	}
	return textTest(name, wanted), true
}

// texts are the wanted values, of which the guides show value and values, lists
// and single ones, texts and truth values.
func texts(op operationJSON) []string {
	var out []string
	for _, raw := range []json.RawMessage{op.Value, op.Values} {
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) != nil {
			list = []json.RawMessage{raw}
		}
		for _, item := range list {
			if v := scalar(item); v != "" {
				out = append(out, v)
			}
		}
	}
	return out
}

// scalar is a JSON text, number or truth value as text; "" for all else.
func scalar(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	switch v := strings.TrimSpace(string(raw)); {
	case v == "null" || strings.HasPrefix(v, "{") || strings.HasPrefix(v, "["):
		return ""
	default:
		return v
	}
}

// textTest passes where any wanted text does. Lists do not tell upper from lower
// case.
func textTest(name string, wanted []string) func(string) bool {
	compare := map[string]func(v, w string) bool{
		"equal":    func(v, w string) bool { return v == w },
		"contains": strings.Contains, "starts": strings.HasPrefix, "ends": strings.HasSuffix,
	}[name]
	for i := range wanted {
		wanted[i] = strings.ToLower(wanted[i])
	}
	return func(v string) bool {
		v = strings.ToLower(v)
		return slices.ContainsFunc(wanted, func(w string) bool { return compare(v, w) })
	}
}

// chosen compares sets of options by their internal values.
func chosen(name string, has, wanted []string) bool {
	all := !slices.ContainsFunc(wanted, func(w string) bool { return !slices.Contains(has, w) })
	switch name {
	case "any":
		return slices.ContainsFunc(wanted, func(w string) bool { return slices.Contains(has, w) })
	case "all":
		return all
	}
	return all && !slices.ContainsFunc(has, func(h string) bool { return !slices.Contains(wanted, h) })
}

// comparisons are the tests of numbers, on the sign of value minus wanted.
var comparisons = map[string]func(sign int) bool{
	"equal":    func(sign int) bool { return sign == 0 },
	"less":     func(sign int) bool { return sign < 0 },
	"greater":  func(sign int) bool { return sign > 0 },
	"at_least": func(sign int) bool { return sign >= 0 },
	"at_most":  func(sign int) bool { return sign <= 0 },
}

// numberTest never passes a value that is no number.
func numberTest(name string, raw json.RawMessage) (func(string) bool, bool) {
	want, ok := core.ParseDecimal(scalar(raw))
	if !ok {
		return nil, false
	}
	return func(v string) bool {
		n, ok := core.ParseDecimal(strings.TrimSpace(v))
		return ok && comparisons[name](n.Cmp(want))
	}, true
}

func rangeTest(low, high json.RawMessage) (func(string) bool, bool) {
	from, okLow := core.ParseDecimal(scalar(low))
	to, okHigh := core.ParseDecimal(scalar(high))
	return func(v string) bool {
		n, ok := core.ParseDecimal(strings.TrimSpace(v))
		return ok && n.Cmp(from) >= 0 && n.Cmp(to) <= 0
	}, okLow && okHigh
}
