package segment

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
)

func compileKnown(*parser, verb, operationJSON, string) (test, error) {
	return func(string, Record, *Env) bool { return true }, nil
}

func compileString(_ *parser, v verb, op operationJSON, at string) (test, error) {
	var value string
	if json.Unmarshal(op.Value, &value) != nil || value == "" {
		return nil, refuse(join(at, "value"), "operation type STRING needs a string value")
	}
	return textTest(v.test, []string{value}), nil
}

func compileMultiString(_ *parser, v verb, op operationJSON, at string) (test, error) {
	if len(op.Values) == 0 {
		return nil, refuse(join(at, "values"), "operation type MULTISTRING needs values")
	}
	return textTest(v.test, op.Values), nil
}

// textTest passes when any of the wanted texts does; lists ignore case.
func textTest(name string, wanted []string) test {
	compare := map[string]func(s, sub string) bool{
		"equal":    func(s, t string) bool { return s == t },
		"contains": strings.Contains,
		"starts":   strings.HasPrefix,
		"ends":     strings.HasSuffix,
	}[name]
	folded := make([]string, len(wanted))
	for i, w := range wanted {
		folded[i] = strings.ToLower(w)
	}
	return func(value string, _ Record, _ *Env) bool {
		value = strings.ToLower(value)
		return slices.ContainsFunc(folded, func(w string) bool { return compare(value, w) })
	}
}

func compileEnumeration(_ *parser, v verb, op operationJSON, at string) (test, error) {
	if len(op.Values) == 0 {
		return nil, refuse(join(at, "values"), "operation type ENUMERATION needs values")
	}
	return func(value string, _ Record, _ *Env) bool {
		return enumerationPasses(v.test, strings.Split(value, ";"), op.Values)
	}, nil
}

// enumerationPasses compares chosen options, which a multiple checkbox joins by semicolons.
func enumerationPasses(name string, has, wanted []string) bool {
	isWanted := func(h string) bool { return slices.Contains(wanted, h) }
	switch name {
	case "any":
		return slices.ContainsFunc(has, isWanted)
	case "all":
		return containsAll(has, wanted)
	default:
		return containsAll(has, wanted) && containsAll(wanted, has)
	}
}

func containsAll(has, wanted []string) bool {
	return !slices.ContainsFunc(wanted, func(w string) bool { return !slices.Contains(has, w) })
}

func compileBool(_ *parser, _ verb, op operationJSON, at string) (test, error) {
	var want bool
	if json.Unmarshal(op.Value, &want) != nil || len(op.Value) == 0 || string(op.Value) == "null" {
		return nil, refuse(join(at, "value"), "operation type BOOL needs true or false as value")
	}
	return func(value string, _ Record, _ *Env) bool {
		return strings.EqualFold(value, strconv.FormatBool(want))
	}, nil
}

func compileNumber(_ *parser, v verb, op operationJSON, at string) (test, error) {
	want, ok := number(strings.Trim(string(op.Value), `"`))
	if !ok {
		return nil, refuse(join(at, "value"), "operation type NUMBER needs a number as value")
	}
	compare := map[string]func(n float64) bool{
		"equal":   func(n float64) bool { return n == want },
		"less":    func(n float64) bool { return n < want },
		"greater": func(n float64) bool { return n > want },
	}[v.test]
	return numberTest(v, compare), nil
}

func compileNumberRange(_ *parser, v verb, op operationJSON, at string) (test, error) {
	if op.LowerBound == nil || op.UpperBound == nil {
		return nil, refuse(at, "operation type NUMBER_RANGED needs lowerBound and upperBound")
	}
	low, high := *op.LowerBound, *op.UpperBound
	return numberTest(v, func(n float64) bool { return low <= n && n <= high }), nil
}

// numberTest never lets a text that is no number pass, negated or not.
func numberTest(v verb, compare func(float64) bool) test {
	return func(value string, _ Record, _ *Env) bool {
		n, ok := number(value)
		if !ok {
			return v.negate
		}
		return compare(n)
	}
}

func number(s string) (float64, bool) {
	n, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	return n, err == nil && !math.IsNaN(n) && !math.IsInf(n, 0)
}
